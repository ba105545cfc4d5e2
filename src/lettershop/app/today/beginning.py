"""What to do first, in a workspace that is new."""

from typing import Literal

import msgspec

from lettershop.app.workspace import Workspace
from lettershop.campaigns.models import CampaignRecord
from lettershop.segments.models import Version

Code = Literal["data", "segment", "campaign"]


class Step(msgspec.Struct, frozen=True):
    code: Code
    done: bool


def beginning(workspace: Workspace) -> tuple[Step, ...]:
    """Three steps; none once there are facts and segments in force. The records must be
    connected."""
    data = workspace.has_data()
    segment = Version.objects.filter(state="published").exists()
    if data and segment:
        return ()
    campaign = CampaignRecord.objects.exists()
    return Step("data", data), Step("segment", segment), Step("campaign", campaign)
