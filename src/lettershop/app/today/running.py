"""Alarms about what runs: campaigns that stopped, bounces of the last day, the server itself."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from django.db.models import Q

from lettershop.app.deliverability.judging import Colour
from lettershop.app.deliverability.rates import Rates, rates
from lettershop.app.running import Running
from lettershop.app.today.alarms import Alarm
from lettershop.app.workspace import Workspace
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.preflight.figures import LEAST, TOO_MANY
from lettershop.campaigns.results.watching import LEAST_HISTORY, TIMES, unusual
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.rates import Count, wilson

BACKUP_DAYS: Final = 7
MOST: Final = 20
"""Campaigns that are told of: the newest."""
PLACES: Final = {
    "refresh": "/segments",
    "senders": "/deliverability/providers",
    "log": "/sources",
    "loader": "/sources",
}
"""Where a failing check of the server is looked into."""


def alarms(server: Running, workspace: Workspace, now: int) -> Iterator[Alarm]:
    yield from _server(server)
    yield from _campaigns()
    yield from _bounces(workspace, now)
    yield from _pulls(server, workspace)
    yield from _backups(workspace.path / "data" / "backups", now)


def _server(server: Running) -> Iterator[Alarm]:
    said: tuple[tuple[Colour, Mapping[str, str]], ...] = (
        ("bad", server.vitals.problems()),
        ("warn", server.vitals.notes()),
    )
    for colour, problems in said:
        for name, problem in problems.items():
            address = PLACES.get(name, "/settings")
            yield Alarm(code="server", colour=colour, about=name, address=address, text=problem)


def _campaigns() -> Iterator[Alarm]:
    wrong = Q(stopped=True, state="paused") | ~Q(alarm="") | ~Q(problem="")
    for record in CampaignRecord.objects.filter(wrong).exclude(state="aborted")[:MOST]:
        stopped = record.stopped and record.state == "paused"
        yield Alarm(
            code="campaign.stopped" if stopped or record.alarm else "campaign.problem",
            colour="bad" if stopped else "warn",
            about=record.name,
            address=f"/campaigns/{quote(record.name)}",
            since=record.changed_at,
            text=record.reason if stopped else record.alarm or record.problem,
        )


def _bounces(workspace: Workspace, now: int) -> Iterator[Alarm]:
    today = rates(workspace.store, now, 1)
    if today.total.tried < LEAST:
        return
    before = rates(workspace.store, now - DAY).streams
    for stream, one in today.streams.items():
        usual = before.get(stream, Rates())
        if one.tried >= LEAST and _many(one, usual):
            yield Alarm(
                code="bounces",
                colour="bad",
                about=stream,
                address="/deliverability/bounces",
                since=now - DAY,
                values={
                    "share": one.bounced / one.tried,
                    "usual": usual.bounced / usual.tried if usual.tried else 0.0,
                },
            )


def _many(today: Rates, usual: Rates) -> bool:
    """By preflight's line, or surely more than twice the usual."""
    if today.bounced / today.tried > TOO_MANY:
        return True
    if usual.tried < LEAST_HISTORY:
        return False
    allowed = TIMES * wilson(Count(min(usual.bounced, usual.tried), usual.tried)).high
    return unusual(Count(min(today.bounced, today.tried), today.tried), allowed)


def _pulls(server: Running, workspace: Workspace) -> Iterator[Alarm]:
    for pull in server.feeds.pulls.states(workspace.store):
        if pull.code:
            yield Alarm(
                code="pull.failed",
                colour="warn",
                about=pull.name,
                address="/sources",
                since=parse_instant(pull.last_run) if pull.last_run else None,
                text=pull.message,
            )


def _backups(folder: Path, now: int) -> Iterator[Alarm]:
    """Whoever has never made one is told among the tasks."""
    newest = newest_backup(folder)
    if newest is not None and now - newest > BACKUP_DAYS * DAY:
        yield Alarm(code="backup.old", colour="warn", address="/settings", since=newest)


def newest_backup(folder: Path) -> int | None:
    """When it was made (ms); None without any."""
    made = (int(path.stat().st_mtime * 1_000) for path in folder.glob("*.tar"))
    return max(made, default=None)
