"""What was approved or being sent when a backup was made does not leave a second time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opened_shop import migrated

from lettershop import Workspace
from lettershop.app import records
from lettershop.app.restored import HeldBack, hold_back
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.records import named
from lettershop.delivery.ledger import controls, planning
from lettershop.model.clock import FixedClock
from lettershop.model.settings import Settings

NOW = 1_790_000_000_000
pytestmark = pytest.mark.sqlite  # a restored workspace has its records there


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    path = Workspace.init(tmp_path / "shop")
    migrated(path)
    records.connect(path, Settings())
    yield path
    records.disconnect()


def campaign(name: str, state: str, send: int = 0) -> None:
    CampaignRecord.objects.create(
        name=name,
        state=state,
        stage="all" if send else "",
        send=send,
        definition="{}",
        created_at=NOW,
        changed_at=NOW,
    )


def test_everything_waits_for_another_yes(folder: Path) -> None:
    going = planning.begin("campaign:1:1", kind="campaign", name="a", stream="marketing", at=NOW)
    said = {"kind": "transactional", "name": "t", "stream": "transactional"}
    urgent = planning.begin("transactional:t", at=NOW, **said)  # type: ignore[arg-type]
    for send in (going, urgent):
        controls.start(send.id, NOW)
    campaign("going", "sending", going.id)
    campaign("ready", "approved")
    campaign("young", "draft")

    clock = FixedClock(NOW)
    assert hold_back(folder, "2026-09-21T00:00:00Z", clock) == HeldBack(campaigns=2, sends=1)
    assert {send.state for send in planning.sends()} == {"paused"}
    assert "backup of 2026-09-21" in planning.send(urgent.id).reason
    states = {name: named(name).state for name in ("going", "ready", "young")}
    assert states == {"going": "paused", "ready": "checked", "young": "draft"}
    assert hold_back(folder, "2026-09-21T00:00:00Z", clock) == HeldBack()


def test_a_workspace_without_records_has_nothing_to_hold(tmp_path: Path) -> None:
    assert hold_back(Workspace.init(tmp_path / "shop"), "now") == HeldBack()
