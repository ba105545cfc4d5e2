"""What happened to a contact or an account, and all events: newest first, page by page.

A page is found in two steps: the places of its entries (each history in turn, narrow columns only),
then what they say (entries.py). Tables of events are asked in the order of their newest row, some
at a time, until no older table can have anything for the page.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from lettershop.engines.duckdb.compose import Sql, bound, sql, union_all
from lettershop.engines.duckdb.entries import EVERY, KINDS, Entry, Kind, Place, Side, entries_at
from lettershop.engines.duckdb.schema import history_of
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo

AT_ONCE = 100
"""Tables of events asked by one statement: more cost planning, fewer cost round trips."""

_EARLIEST, _LATEST = -(2**63), 2**63 - 1
_FIRST = Sql(
    "ORDER BY ts DESC, received_at DESC, message_id DESC, kind DESC, name DESC, number DESC"
    " LIMIT $limit"
)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to show: entries with since <= ts < until, of these kinds, of this event or record
    kind; at most `limit` of them, after `place`."""

    limit: int
    kinds: tuple[Kind, ...] = KINDS
    name: str | None = None
    since: int = _EARLIEST
    until: int = _LATEST
    place: Place | None = None


class _Branch(msgspec.Struct, frozen=True):
    """Places in one table: those of an event or record kind `name`. `repeated`: a place may have
    several rows (a fact writes several traits)."""

    kind: Sql
    name: str
    number: Sql
    source: Sql
    repeated: bool = True


def timeline(store: Store, side: Side, subject: int, wanted: Wanted) -> list[Entry]:
    """The entries of a contact or account: its events, what was said of it, its memberships, and
    the records that are linked to it now."""
    branches = [b for kind in wanted.kinds for b in _histories(store, side, kind, wanted.name)]
    found = _places(store, branches, subject, wanted)
    if "event" in wanted.kinds:
        of = sql("{side} = $subject", side=side)
        found = _with_events(store, found, of, subject, wanted)
    return entries_at(store, side, subject, found)


def events(store: Store, wanted: Wanted) -> list[Entry]:
    """All events, of one name or of every name."""
    return entries_at(store, "contact", None, _with_events(store, [], Sql("true"), None, wanted))


def _histories(store: Store, side: Side, kind: Kind, name: str | None) -> Iterator[_Branch]:
    """Where the places of a subject's entries of a kind are."""
    match kind:
        case "traits" if name is None:
            about = sql("{h} WHERE subject = $subject", h=f"{side}_history")
            yield _Branch(Sql("'traits'"), "", Sql("0::BIGINT"), about)
        case "membership" if name is None:
            other = Sql("account" if side == "contact" else "contact")
            about = sql("people_history WHERE {side} = $subject", side=side)
            yield _Branch(Sql("'membership'"), "", other, about)
        case "record":
            for info in store.catalog().records.values():
                if name in (None, info.kind):
                    about = sql(
                        "{h} WHERE subject IN (SELECT id FROM {t} WHERE {side} = $subject)",
                        h=history_of(info.table),
                        t=info.table,
                        side=side,
                    )
                    yield _Branch(Sql("'record'"), info.kind, Sql("subject"), about)
        case "event" | "traits" | "membership":
            pass


def _with_events(
    store: Store, found: list[Place], of: Sql, subject: int | None, wanted: Wanted
) -> list[Place]:
    """The newest of `found` and of the events `of` a subject."""
    known = store.catalog().events.values()
    asked = [e for e in known if wanted.name in (None, e.name) and _overlaps(e, wanted)]
    asked.sort(key=lambda e: e.last_ts or 0, reverse=True)
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        if len(found) >= wanted.limit and found[-1][0] > (part[0].last_ts or 0):
            break
        branches = [
            _Branch(
                Sql("'event'"), e.name, Sql("seq"), sql("{t} WHERE {of}", t=e.table, of=of), False
            )
            for e in part
        ]
        more = _places(store, branches, subject, wanted)
        found = sorted([*found, *more], key=_encoded, reverse=True)[: wanted.limit]
    return found


def _overlaps(event: EventInfo, wanted: Wanted) -> bool:
    if event.first_ts is None or event.last_ts is None:
        return False
    return event.first_ts <= _latest(wanted) and event.last_ts >= wanted.since


def _latest(wanted: Wanted) -> int:
    return wanted.until - 1 if wanted.place is None else min(wanted.until - 1, wanted.place[0])


def _encoded(place: Place) -> tuple[object, ...]:
    """Compared as the database does it: texts by their UTF-8 bytes."""
    return tuple(part.encode() if isinstance(part, str) else part for part in place)


def _places(
    store: Store, branches: Sequence[_Branch], subject: int | None, wanted: Wanted
) -> list[Place]:
    """The first `limit` places of the branches that are wanted, newest first, each once."""
    if not branches:
        return []
    asked: dict[str, Any] = {
        "names": [branch.name for branch in branches],
        "latest": _latest(wanted),
        "since": wanted.since,
        "limit": wanted.limit,
    }
    if subject is not None:
        asked["subject"] = subject
    after = Sql("true")
    if wanted.place is not None:
        asked |= {f"p{i}": part for i, part in enumerate(wanted.place)}
        after = Sql(
            "(ts, received_at, message_id, kind, name, number) < ($p0, $p1, $p2, $p3, $p4, $p5)"
        )
    return store.con.execute(
        sql(
            "SELECT * FROM ({branches}) {first}",
            branches=union_all(_select(branches, after)),
            first=_FIRST,
        ),
        asked,
    ).fetchall()


def _select(branches: Iterable[_Branch], after: Sql) -> Iterator[Sql]:
    """Each cut by itself: the database then skips what is older than its own last. A query inside,
    because the tables have columns of any name, which `after` must not mean."""
    for i, branch in enumerate(branches):
        yield sql(
            "(SELECT {distinct} * FROM (SELECT {every}, {kind} AS kind, {name} AS name,"
            " {number} AS number FROM {source} AND ts BETWEEN $since AND $latest)"
            " WHERE {after} {first})",
            distinct=Sql("DISTINCT" if branch.repeated else ""),
            every=EVERY,
            kind=branch.kind,
            name=bound("names", i),
            number=branch.number,
            source=branch.source,
            after=after,
            first=_FIRST,
        )


def record_names(store: Store, kind: str, ids: Sequence[int]) -> dict[int, str]:
    """The records' own ids by dense id."""
    rows = store.con.execute(
        sql(
            "SELECT id, identity FROM {table} WHERE id IN (SELECT unnest($ids))",
            table=store.catalog().records[kind].table,
        ),
        {"ids": list(ids)},
    ).fetchall()
    return dict(rows)
