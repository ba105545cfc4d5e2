"""What campaigns need of others: who gets it (freezing), may it leave (preflight), does it go well
(results). crew.py introduces them; tests bring their own."""

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.said import FreezeReport, PreflightReport
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Planned, SendRow

Told = Callable[[str, int, int], None]
"""What is being done, how many are done, of how many (0: not known yet). It may raise Interrupted:
somebody has moved the campaign on."""


class Interrupted(Exception):
    """Nobody waits for it any more."""


class Frozen(Protocol):
    """An audience as it was frozen (app/freezing). `report` is complete after the last row."""

    @property
    def content(self) -> SendContent: ...
    @property
    def report(self) -> FreezeReport: ...
    def rows(self) -> Iterable[Planned]: ...
    def close(self) -> None:
        """Let go of what rows are read with, within the snapshot."""
        ...


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    freeze: FreezeReport
    preflight: PreflightReport


class Crew(Protocol):
    """Each within a reader's snapshot of the workspace, with the records connected. Raises what is
    wrong with segments or templates (DefinitionError), and what `told` raises."""

    def audience(self, workspace: Workspace, campaign: Campaign, told: Told) -> FreezeReport:
        """Who would get it now. Nothing is rendered, nothing kept."""
        ...

    def examine(self, workspace: Workspace, campaign: Campaign, told: Told) -> Examined:
        """A dry run: everybody's letter as of now, written and looked at."""
        ...

    def freeze(self, workspace: Workspace, campaign: Campaign, at: int, told: Told) -> Frozen:
        """For real, as of `at`."""
        ...

    def examine_send(
        self,
        workspace: Workspace,
        campaign: Campaign,
        send: SendRow,
        freeze: FreezeReport,
        told: Told,
    ) -> PreflightReport:
        """The same over the rows that were planned: what is going to leave, to the letter."""
        ...

    def stop_reason(self, workspace: Workspace, campaign: Campaign, send: SendRow) -> str | None:
        """Why the campaign had better stop, by its stop rules; None while it goes well."""
        ...
