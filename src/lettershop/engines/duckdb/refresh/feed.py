"""The tail of one event table: its new rows, and those that pass the edge of a window.

The question is put into SQL once and then only bound to other numbers. Rows that will pass an edge
within the hour are read ahead, so that a tick of the clock asks nothing.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import duckdb
import numpy as np
from sqlglot import exp

from lettershop.engines.duckdb.refresh.batch import Batch, batch_of, joined
from lettershop.engines.duckdb.refresh.interests import Interest
from lettershop.language.tree import Window
from lettershop.model.catalog import EventInfo
from lettershop.model.clock import HOUR
from lettershop.planning.frame import Ints
from lettershop.planning.sources import col, table
from lettershop.planning.windows import EVER, Bounds, bounds


class Wish(NamedTuple):
    """An interest with the names its flag and value have in a batch."""

    interest: Interest
    flag: str | None
    value: str | None


class Feed:
    """One table, for all metrics that follow it."""

    def __init__(self, info: EventInfo, interests: Sequence[Interest], zone: str) -> None:
        self.table, self.name, self.zone = info.table, info.name, zone
        flags: dict[exp.Expr, str] = {}
        values: dict[exp.Expr, str] = {}
        self.wishes = [
            Wish(
                i,
                None if i.flag is None else flags.setdefault(i.flag, f"f{len(flags)}"),
                None if i.value is None else values.setdefault(i.value, f"v{len(values)}"),
            )
            for i in interests
        ]
        self._flags = {name: name for name in flags.values()}
        self._values = {name: name for name in values.values()}
        self._columns = _columns(flags, values)
        self._new = self._sql(col("seq", "e") >= _bound("since"))
        inside = [
            col("ts", "e") >= _bound("low"),
            col("ts", "e") < _bound("high"),
            col("seq", "e") < _bound("until"),
        ]
        self._slice = self._sql(*inside)
        windows = dict.fromkeys(i.window for i in interests if i.window is not None)
        self.edges = [Edge(self, w, end) for w in windows for end in ("lo", "hi")]

    def _sql(self, *conditions: exp.Expr) -> str:
        query = exp.select(*(c.copy() for c in self._columns)).from_(table(self.table, "e"))
        return query.where(*conditions).sql("duckdb")

    def new(self, con: duckdb.DuckDBPyConnection, since: int) -> Batch:
        """Rows stored since that number."""
        rows = con.execute(self._new, {"since": since}).fetchnumpy()
        return batch_of(rows, self._flags, self._values)

    def slice(self, con: duckdb.DuckDBPyConnection, low: int, high: int, until: int) -> Batch:
        """Rows with low <= ts < high stored before that number."""
        asked = {"low": low, "high": high, "until": until}
        rows = con.execute(self._slice, asked).fetchnumpy()
        return batch_of(rows, self._flags, self._values)

    def forget(self) -> None:
        """What was read ahead is not right any more: rows have changed hands."""
        for edge in self.edges:
            edge.forget()


def _columns(flags: dict[exp.Expr, str], values: dict[exp.Expr, str]) -> list[exp.Expr]:
    plain = [col(name, "e") for name in ("seq", "contact", "account", "ts", "received_at")]
    told = [
        exp.alias_(
            exp.Coalesce(this=exp.paren(flag.copy()), expressions=[exp.false()]), name, quoted=True
        )
        for flag, name in flags.items()
    ]
    return [*plain, *told, *(exp.alias_(v.copy(), n, quoted=True) for v, n in values.items())]


def _bound(name: str) -> exp.Expr:
    return exp.Placeholder(this=name)


@lru_cache(maxsize=4096)
def limits(window: Window | None, at: int, zone: str) -> Bounds:
    """Where rows count at a moment; what lies ahead of it does not."""
    if window is None:
        return Bounds(EVER.lo, at + 1)
    found = bounds(window, at, zone, zone)
    return Bounds(found.lo, min(found.hi, at + 1))


class Edge:
    """The rows a moving end of a window passes: at `lo` they leave, at `hi` they enter."""

    def __init__(self, feed: Feed, window: Window, end: str) -> None:
        self.feed, self.window, self.end = feed, window, end
        self.forget()

    def forget(self) -> None:
        self._ahead: Batch | None = None
        self._from = self._to = 0
        self._stored = 0

    def place(self, at: int) -> int:
        found = limits(self.window, at, self.feed.zone)
        return found.lo if self.end == "lo" else found.hi

    def passed(
        self, con: duckdb.DuckDBPyConnection, since: int, at: int, seq: int, end_seq: int
    ) -> Batch | None:
        """Rows stored before `seq` that counted from before `since` and that the end has passed on
        its way to `at`. `end_seq`: everything stored now lies before it."""
        low, high = self.place(since), self.place(at)
        # An end that keeps pace with the clock is passed by rows becoming visible: not here.
        if low >= high or low > since:
            return None
        if self._ahead is None or not self._from <= low or high > self._to:
            self._read(con, low, max(high, self.place(at + HOUR)), end_seq)
        rows = self._ahead
        if rows is None:
            return None
        first, last = np.searchsorted(rows.ts, [low, high])
        chosen = np.arange(first, last)
        chosen = chosen[(rows.seq[chosen] < seq) & (rows.seen[chosen] <= since)]
        return rows.of(chosen) if len(chosen) else None

    def _read(self, con: duckdb.DuckDBPyConnection, low: int, high: int, end_seq: int) -> None:
        rows = self.feed.slice(con, low, high, end_seq)
        self._ahead, self._from, self._to = _in_order(rows), low, high
        self._stored = end_seq

    def late(self, new: Batch, end_seq: int) -> None:
        """New rows that belong among those read ahead."""
        if self._ahead is None:
            return
        inside = (new.ts >= self._from) & (new.ts < self._to) & (new.seq >= self._stored)
        if inside.any():
            self._ahead = _in_order(joined([self._ahead, new.of(inside)]))
        self._stored = end_seq


def _in_order(rows: Batch) -> Batch:
    order: Ints = np.argsort(rows.ts, kind="stable")
    return rows.of(order)
