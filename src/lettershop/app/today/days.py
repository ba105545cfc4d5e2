"""Days of the viewer's calendar, and what happened on each of them.

Facts are counted by the quarter of an hour, which no time zone cuts through, and added up to days
here: so days are right everywhere, also when clocks change.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo
from lettershop.model.clock import MINUTE, from_ms, to_ms

QUARTER: Final = 15 * MINUTE


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """`starts`: the first instant of each day, the oldest first; the last of them is today, which
    goes on until `until` (ms)."""

    starts: tuple[int, ...]
    until: int

    def sums(self, moments: Iterable[int], counts: Iterable[int]) -> tuple[int, ...]:
        """How many on each day; what lies before the first is left out."""
        at, number = np.fromiter(moments, np.int64), np.fromiter(counts, np.int64)
        place = np.searchsorted(np.array(self.starts), at, side="right") - 1
        kept = place >= 0
        found = np.bincount(place[kept], weights=number[kept], minlength=len(self.starts))
        return tuple(int(one) for one in found)


def last_days(number: int, now: int, zone: ZoneInfo) -> Days:
    """Today and the days before it: so many in all."""
    today = from_ms(now).astimezone(zone).date()
    dates = (today - timedelta(days=back) for back in reversed(range(number)))
    starts = (datetime.combine(date, time(), zone) for date in dates)
    return Days(starts=tuple(to_ms(start) for start in starts), until=now)


def per_day(
    store: Store, info: EventInfo, days: Days, by: Sql | None = None, where: Sql | None = None
) -> dict[str, tuple[int, ...]]:
    """Events on each day, by what `by` says of them (default: all as "")."""
    asked = sql(
        "SELECT {by} AS name, ts // $quarter AS quarter, count(*) FROM {table}"
        " WHERE ts BETWEEN $since AND $until AND {where} GROUP BY ALL",
        by=by or Sql("''"),
        table=info.table,
        where=where or Sql("true"),
    )
    values = {"quarter": QUARTER, "since": days.starts[0], "until": days.until}
    rows = store.con.execute(asked, values).fetchall()
    names = sorted({name for name, _, _ in rows})
    return {
        name: days.sums(
            (at * QUARTER for one, at, _ in rows if one == name),
            (count for one, _, count in rows if one == name),
        )
        for name in names
    }
