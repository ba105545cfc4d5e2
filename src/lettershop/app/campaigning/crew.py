"""What campaigns need of the other rooms, introduced: freezing, preflight, results."""

from contextlib import closing

from lettershop.app.campaigning.contract import Examined, Told
from lettershop.app.campaigning.proving import prove_letters
from lettershop.app.freezing.freeze import freeze
from lettershop.app.freezing.frozen import Frozen
from lettershop.app.preflight.examining import Preflight
from lettershop.app.results.watching import Watch
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.said import FreezeReport, PreflightReport
from lettershop.content.catalog.assortment import Assortments
from lettershop.delivery.ledger.rows import SendRow
from lettershop.model.clock import Clock


class HouseCrew:
    """The real ones (contract.Crew). A dry run and one that is meant may go on side by side."""

    def __init__(self, clock: Clock, catalogs: Assortments) -> None:
        self._clock, self._catalogs, self._watch = clock, catalogs, Watch()
        self._dry, self._real = Preflight(clock, catalogs), Preflight(clock, catalogs)

    def audience(self, workspace: Workspace, campaign: Campaign, told: Told) -> FreezeReport:
        return self._frozen(workspace, campaign, None, told).report

    def examine(self, workspace: Workspace, campaign: Campaign, told: Told) -> Examined:
        prove_letters(workspace, campaign, self._catalogs, told)
        found = self._frozen(workspace, campaign, None, told, rows_are="looking at letters")
        with closing(found):
            report = self._dry.of_freeze(workspace, campaign, found)
        return Examined(freeze=found.report, preflight=report)

    def freeze(self, workspace: Workspace, campaign: Campaign, at: int, told: Told) -> Frozen:
        return self._frozen(workspace, campaign, at, told)

    def examine_send(
        self,
        workspace: Workspace,
        campaign: Campaign,
        send: SendRow,
        freeze: FreezeReport,
        told: Told,
    ) -> PreflightReport:
        def progress(done: int, total: int) -> None:
            told("looking at letters", done, total)

        prove_letters(workspace, campaign, self._catalogs, told)  # it may have been long approved
        return self._real.of_send(workspace, campaign, send, progress=progress)

    def stop_reason(self, workspace: Workspace, campaign: Campaign, send: SendRow) -> str | None:
        return self._watch.stop_reason(workspace, campaign, send)

    def _frozen(
        self,
        workspace: Workspace,
        campaign: Campaign,
        as_of: int | None,
        told: Told,
        *,
        rows_are: str = "freezing",
    ) -> Frozen:
        total = 0

        def progress(done: int) -> None:
            told(rows_are, done, total)

        told("gathering", 0, 0)
        found = freeze(
            workspace,
            campaign,
            at=self._clock.now(),
            as_of=as_of,
            catalogs=self._catalogs,
            progress=progress,
        )
        total = len(found)
        return found
