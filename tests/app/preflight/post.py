"""The mailroom of the freeze, with preflight."""

from typing import Any

import msgspec
from app.freezing.mailroom import SENT, Mailroom

from lettershop.app.compliance import Compliance
from lettershop.app.freezing.freeze import freeze
from lettershop.app.preflight.examining import Preflight
from lettershop.campaigns.said import Check, PreflightReport
from lettershop.compliance.rules import Policy
from lettershop.delivery.ledger import planning
from lettershop.delivery.ledger.rows import SendRow
from lettershop.model.clock import FixedClock


class PostRoom(Mailroom):
    def set(self, **settings: Any) -> None:
        """Settings of the workspace as it is open."""
        workspace = self.shop.engine.workspace
        workspace.settings = msgspec.structs.replace(workspace.settings, **settings)

    @property
    def policy(self) -> Policy:
        return Compliance(self.path, self.shop.engine.workspace.settings).policy

    def preflight(self, **more: Any) -> Preflight:
        return Preflight(FixedClock(SENT), **more)

    def report(self, house: Preflight | None = None, **said: Any) -> PreflightReport:
        """A dry run."""
        campaign = self.campaign(**said)
        with self.shop.engine.read() as workspace:
            frozen = freeze(workspace, campaign, at=SENT)
            return (house or self.preflight()).of_freeze(workspace, campaign, frozen)

    def checks(self, house: Preflight | None = None, **said: Any) -> dict[str, Check]:
        return {one.rule: one for one in self.report(house, **said).checks}

    def planned(self, **said: Any) -> SendRow:
        """The rows in the ledger, in a send that holds."""
        campaign = self.campaign(**said)
        with self.shop.engine.read() as workspace:
            frozen = freeze(workspace, campaign, at=SENT)
            content = frozen.content.json()
            send = planning.begin(
                f"campaign:{campaign.name}:1",
                kind="campaign",
                name=campaign.name,
                stream="marketing",
                at=SENT,
                content=content,
            )
            planning.plan(send.id, frozen.rows(), SENT)
            return planning.send(send.id)
