"""When each event was last heard of, and how often it usually is: the feeds' watermarks.

The rhythm is learned from the hours in which something was received, in the eight weeks before the
last time, so that nights and weekends are in it. Facts do not say by which source they came, so a
feed is an event name.
"""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec
import numpy as np

from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo
from lettershop.model.clock import DAY, HOUR

LEARNED_FROM: Final = 56 * DAY
ANYTHING: Final = "anything"
LEAST_GAPS: Final = 3
"""With fewer pauses between receipts nothing is said about a rhythm."""


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One event: when it was last received, how long it usually takes until the next one comes
    (`usual_gap`), and the longest pause there was (`longest_gap`); milliseconds, None: not known.
    `rows` were received by then."""

    event: str
    rows: int = 0
    last_received: int | None = None
    usual_gap: int | None = None
    longest_gap: int | None = None


def feeds(store: Store, as_of: int, names: Iterable[str] | None = None) -> dict[str, Feed]:
    """The feeds as they were known at a moment: of all events there are, or of the named ones;
    those never heard of have no rows. Learned again only where something came since."""
    events = store.catalog().events
    file = _file_of(store)
    return {
        name: _feed(store, events[name], as_of, file) if name in events else Feed(event=name)
        for name in (events if names is None else names)
    }


def anything(known: Iterable[Feed]) -> Feed:
    """All of them as one feed, called “anything”: it is silent when all are."""
    known = list(known)
    return Feed(
        event=ANYTHING,
        rows=sum(feed.rows for feed in known),
        last_received=_of(max, (feed.last_received for feed in known)),
        usual_gap=_of(min, (feed.usual_gap for feed in known)),
        longest_gap=_of(min, (feed.longest_gap for feed in known)),
    )


def _of(pick: Callable[[list[int]], int], values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return pick(known) if known else None


_KNOWN: dict[tuple[str, str, int, int, int], Feed] = {}
_MOST_KNOWN: Final = 5_000


def _feed(store: Store, info: EventInfo, as_of: int, file: str | None) -> Feed:
    """Of a database in memory, which has no name to remember it by, worked out each time."""
    if file is None or info.last_visible is None:
        return _learned(store, info, as_of)
    key = (file, info.table, info.rows, info.last_visible, min(as_of, info.last_visible))
    if key not in _KNOWN:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = _learned(store, info, as_of)
    return _KNOWN[key]


def _learned(store: Store, info: EventInfo, as_of: int) -> Feed:
    rows, last = _received(store, info, as_of)
    if last is None:
        return Feed(event=info.name)
    hours = store.con.execute(
        sql(
            "SELECT received_at // $hour, count(*) FROM {t}"
            " WHERE received_at BETWEEN $since AND $last GROUP BY 1 ORDER BY 1",
            t=info.table,
        ),
        {"hour": HOUR, "since": last - LEARNED_FROM, "last": last},
    ).fetchall()
    gaps = np.diff(np.array([hour for hour, _ in hours], np.int64)) * HOUR
    if len(gaps) < LEAST_GAPS:
        return Feed(event=info.name, rows=rows, last_received=last)
    usual = int(np.median(gaps))
    if usual <= HOUR:  # several in most hours
        usual = HOUR * len(hours) // sum(count for _, count in hours)
    return Feed(
        event=info.name,
        rows=rows,
        last_received=last,
        usual_gap=usual,
        longest_gap=int(gaps.max()),
    )


def _received(store: Store, info: EventInfo, as_of: int) -> tuple[int, int | None]:
    """How many by that moment, and when the last; of now without counting."""
    if info.last_visible is not None and info.last_visible <= as_of:
        asked = sql("SELECT max(received_at) FROM {t}", t=info.table)
        return info.rows, store.con.execute(asked).fetchall()[0][0]
    asked = sql(
        "SELECT count(*), max(received_at) FROM {t} WHERE received_at <= $as_of", t=info.table
    )
    rows, last = store.con.execute(asked, {"as_of": as_of}).fetchall()[0]
    return rows, last


def _file_of(store: Store) -> str | None:
    rows = store.con.execute(
        "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()
    return str(rows[0][0]) if rows and rows[0][0] else None
