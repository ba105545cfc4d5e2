"""A check: who would get it as of now, and everybody's letter written and looked at."""

from lettershop.access.principal import Principal
from lettershop.app.campaigning.contract import Crew, Told
from lettershop.app.campaigning.known import compared, digest
from lettershop.app.workspace import Workspace
from lettershop.campaigns import records
from lettershop.campaigns.records import locked, moved, named
from lettershop.campaigns.said import PreflightReport
from lettershop.campaigns.states import after
from lettershop.model.clock import Clock
from lettershop.model.errors import UsageError


def check(
    workspace: Workspace, name: str, crew: Crew, by: Principal, clock: Clock, told: Told
) -> None:
    """Within a reader's snapshot. It is checked then, or a draft that says what stands in the way.

    DefinitionError for a definition that no longer fits the workspace; UsageError `campaign.state`,
    `campaign.changed` when it was changed meanwhile.
    """
    before = named(name)
    after(before.state, "check", before.stage)
    campaign, _ = compared(workspace, records.reread(before))
    seen = digest(workspace.path, campaign)
    examined = crew.examine(workspace, campaign, told)
    with locked(name) as record:
        same = (record.form, record.text) == (before.form, before.text)
        if not same or digest(workspace.path, campaign) != seen:
            raise UsageError("campaign.changed", "it was changed while it was checked")
        record.definition, record.digest = records.kept(campaign), seen
        record.freeze = records.kept(examined.freeze)
        record.preflight = records.kept(examined.preflight)
        record.checked_at, record.check_asked_at, record.problem = clock.now(), 0, ""
        record.approved_at, record.start_at, record.approver = 0, 0, ""
        report = records.preflight_of(record)
        reason = in_the_way(report) if report else ""
        moved(record, "refuse" if reason else "check", by, clock.now(), reason)


def in_the_way(report: PreflightReport) -> str:
    """What keeps a campaign from leaving, in one line; "" when nothing does."""
    rules = list(dict.fromkeys(one.rule for one in report.blocking))
    return f"preflight: {', '.join(rules)}" if rules else ""


def refused(name: str, by: Principal, at: int, problem: str) -> None:
    """A check that could not be made: what is wrong is kept, and it is not checked any more."""
    with locked(name) as record:
        record.check_asked_at, record.problem = 0, problem.replace("\0", "")
        if record.state in ("checked", "approved"):
            moved(record, "refuse", by, at, "it could not be checked")
