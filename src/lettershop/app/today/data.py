"""Alarms about the facts: silent feeds, uncertain segments, partitions, definitions, refusals."""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from pyroaring import BitMap

from lettershop.app.today.alarms import Alarm
from lettershop.app.uncertain import patience, reasons
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.feeds import feeds
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.model.clock import DAY
from lettershop.segments.register import InForce
from lettershop.segments.uncertain import message, state_of

WEEK: Final = 7
FEW: Final = 20
"""Refusals of a day that nobody minds."""
TIMES: Final = 3
"""As many as usual: an alarm."""


def alarms(workspace: Workspace, now_in_force: InForce, now: int) -> Iterator[Alarm]:
    definitions = [one.definition for one in now_in_force.published]
    yield from _uncertain(workspace, definitions, now)
    yield from _silent(workspace, now)
    yield from _overlaps(workspace.store, now_in_force)
    yield from _broken(workspace)
    yield from _refusals(workspace.store, now)


def _uncertain(
    workspace: Workspace, definitions: Sequence[Definition], now: int
) -> Iterator[Alarm]:
    found = reasons(workspace.store, workspace.settings, definitions, now)
    heard = feeds(workspace.store, now, {one.event for why in found.values() for one in why})
    for name, why in found.items():
        yield Alarm(
            code="segment.uncertain",
            colour="warn",
            about=name,
            address=f"/segments/{quote(name)}",
            since=heard[why[0].event].last_received if why[0].event in heard else None,
            text=why[0].message,
        )


def _silent(workspace: Workspace, now: int) -> Iterator[Alarm]:
    used = patience(workspace.settings)
    for feed in feeds(workspace.store, now).values():
        if state_of(feed, now, used) == "silent":
            yield Alarm(
                code="feed.silent",
                colour="warn",
                about=feed.event,
                address="/sources",
                since=feed.last_received,
                text=message(feed, now),
            )


def _overlaps(store: Store, found: InForce) -> Iterator[Alarm]:
    for partition in found.partitions:
        members = [*read_memberships(store.con, partition.members).values()]
        together = BitMap.union(*members) if members else BitMap()
        double = sum(map(len, members)) - len(together)
        if double:
            yield Alarm(
                code="partition.overlap",
                colour="bad",
                about=partition.title or partition.name,
                address=f"/segments/{quote(partition.members[0])}",
                values={"members": float(double)},
            )


def _broken(workspace: Workspace) -> Iterator[Alarm]:
    for name, findings in workspace.library().broken.items():
        yield Alarm(
            code="segment.broken",
            colour="warn",
            about=name,
            address=f"/segments/{quote(name)}",
            text=findings[0].message if findings else "",
        )


def _refusals(store: Store, now: int) -> Iterator[Alarm]:
    today, before, first = store.con.execute(
        "SELECT count(*) FILTER (received_at > $day), count(*) FILTER (received_at <= $day),"
        " min(received_at) FILTER (received_at > $day) FROM refusals"
        " WHERE level = 'error' AND received_at > $since AND received_at <= $now",
        {"day": now - DAY, "since": now - (WEEK + 1) * DAY, "now": now},
    ).fetchall()[0]
    if today > max(FEW, TIMES * before / WEEK):
        yield Alarm(
            code="refusals",
            colour="warn",
            address="/sources",
            since=first,
            values={"today": float(today), "usual": before / WEEK},
        )
