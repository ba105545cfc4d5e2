"""Metrics whose answer has to be worked out from all rows of a subject: sequences, whether a first
or last value passes a test, extremes. The rows are remembered, narrow (planning/narrow.py,
chains.py), and the answer comes from the functions that the full evaluation uses, too.
"""

from collections.abc import Sequence
from typing import Any, assert_never

import numpy as np
from sqlglot import exp

from lettershop.engines.dense.asking import filled
from lettershop.engines.dense.columns import default
from lettershop.engines.duckdb.chains import Times, followed
from lettershop.engines.duckdb.partial import Part, only_these
from lettershop.engines.duckdb.picking import edge_values
from lettershop.engines.duckdb.refresh.strands import Lines, Strand
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Ago, Next, Window
from lettershop.planning.chains import chain
from lettershop.planning.frame import Bits, Ints
from lettershop.planning.metrics import AnyMetric, EdgeTest, EventMetric, Rows, SequenceMetric
from lettershop.planning.narrow import edge_rows, keyed
from lettershop.planning.shapes import FIXED
from lettershop.planning.sources import (
    Context,
    col,
    event_rows,
    event_tables,
    micros,
    property_type,
)
from lettershop.planning.windows import Bounds
from lettershop.planning.zones import needs_local

RecallMetric = SequenceMetric | EdgeTest | EventMetric

MOST_ROWS = 20_000_000
"""With more rows SQL is asked: they would take more than 260 MB."""


def sets_of(metric: RecallMetric) -> list[Rows]:
    """The sets of events a metric looks at; the window of the first one moves it."""
    match metric:
        case SequenceMetric():
            steps = [Rows(step.names, None, step.where) for step in metric.steps]
            without = [Rows(metric.without)] if metric.without else []
            return [metric.first, *steps, *without]
        case EdgeTest() | EventMetric():
            return [metric.rows]
        case _:
            assert_never(metric)


def can_recall(metric: AnyMetric, context: Context) -> bool:
    """Whether the rows say everything, and are not too many."""
    if not isinstance(metric, SequenceMetric | EdgeTest | EventMetric):
        return False
    sets = sets_of(metric)
    infos = [info for rows in sets for info, _ in event_tables(rows, context)]
    if not _follows(sets[0].window) or sum(info.rows for info in infos) > MOST_ROWS:
        return False
    if len(context.zones) > 1 and any(needs_local(rows.where) for rows in sets):
        return False
    return _asked(metric, context) is not None


def _follows(window: Window | None) -> bool:
    """Rows only ever leave such a window; of the others not all that may enter are remembered."""
    return not isinstance(window, Ago | Next)


def _asked(metric: RecallMetric, context: Context) -> list[exp.Select] | None:
    """A query per set of events, for `k`, `ts` and `v`."""
    match metric:
        case SequenceMetric():
            found = chain(metric, context)
            if found is None:
                return None
            without = [found.without] if found.without is not None else []
            return [found.first, *(link.sql for link in found.links), *without]
        case EdgeTest():
            edge = edge_rows(metric, context)
            return None if edge is None else [edge]
        case EventMetric(function="minimum" | "maximum", currency=None) if metric.grain != "pair":
            if property_type(metric.rows, metric.field, context) != "number":
                return None
            rows = event_rows(metric.rows, metric.grain, context, metric.field)
            if rows is None:
                return None
            narrow = keyed(rows, metric.grain, micros(col("v", "s")))
            return [narrow.select(col("ts", "s"), copy=False)]
        case _:
            return None


class Recall:
    """The rows of one metric, of everybody."""

    def __init__(self, metric: RecallMetric, size: int) -> None:
        self.metric, self.size = metric, size
        kind = np.int64 if isinstance(metric, EventMetric) else np.int8
        self._floor = -(1 << 62)
        self.strands = [Strand(size, kind, self._needed) for _ in sets_of(metric)]

    def fill(self, store: Store, context: Context, window: Bounds) -> None:
        """Remember everything."""
        self._floor = window.lo
        for strand, rows in zip(self.strands, self._rows(store, context), strict=False):
            strand.fill(rows)

    def again(self, store: Store, context: Context, subjects: Ints) -> None:
        """Remember these subjects anew."""
        account, none = self.metric.grain == "account", np.zeros(0, np.int64)
        only_these(store, none if account else subjects, subjects if account else none)
        rows = self._rows(store, context._replace(only=True))
        for strand, found in zip(self.strands, rows, strict=False):
            strand.replace(subjects, found)

    def part(self, slots: Ints, window: Bounds) -> Part | None:
        """What the rows say of these subjects, where rows of the first set count in the window;
        None: more than these rows decides."""
        self._floor = window.lo
        found = [strand.of(slots) for strand in self.strands]
        first = found[0]
        found[0] = first.where((first.ts >= window.lo) & (first.ts < window.hi))
        value = np.full(len(slots), default(self.metric), np.int64)
        known = np.zeros(len(slots), np.bool_)
        match self.metric:
            case SequenceMetric():
                done = _followed(self.metric, found)
                if done is None:
                    return None
                value[done], known[done] = 1, True
            case EdgeTest(edge=edge):
                last = edge == "last"
                told = edge_values(*found[0], len(slots), last=last)
                if told is None:
                    return None
                places, values, _ = told
                value[places], known[places] = values, True
            case EventMetric():
                self._extreme(found[0], value, known)
            case _:
                assert_never(self.metric)
        return Part(slots, value, known)

    def _extreme(self, rows: Lines, value: Ints, known: Bits) -> None:
        least = isinstance(self.metric, EventMetric) and self.metric.function == "minimum"
        limits = np.iinfo(np.int64)
        known[rows.slots] = True
        value[known] = limits.max if least else limits.min
        (np.minimum if least else np.maximum).at(value, rows.slots, rows.values)

    def _rows(self, store: Store, context: Context) -> list[Lines]:
        asked = _asked(self.metric, context)
        return [_lines(store.fetch(sql)) for sql in asked or ()]

    def _needed(self, rows: Lines) -> Bits:
        """All but rows before the window; of last values only the last ones."""
        needed = rows.ts >= self._floor
        if isinstance(self.metric, EdgeTest) and self.metric.edge == "last" and len(rows.ts):
            starts = np.flatnonzero(np.append(True, rows.slots[1:] != rows.slots[:-1]))
            newest = np.maximum.reduceat(rows.ts, starts)
            lengths = np.diff(starts, append=len(rows.ts))
            needed &= rows.ts == np.repeat(newest, lengths)
        return needed


def _followed(metric: SequenceMetric, found: Sequence[Lines]) -> Ints | None:
    times = [Times(rows.slots, rows.ts) for rows in found]
    gaps = [step.gap.n * FIXED[step.gap.unit] if step.gap else None for step in metric.steps]
    without = times[-1] if metric.without else None
    links = list(zip(times[1 : len(gaps) + 1], gaps, strict=True))
    return followed(times[0], links, without)


def _lines(rows: Any) -> Lines:
    """Of a sequence `v` is the time; others have both."""
    slots, values = filled(rows["k"], 0).astype(np.int64), filled(rows["v"], 0)
    if "ts" not in rows:
        return Lines(slots, values.astype(np.int64), np.zeros(len(slots), np.int8))
    return Lines(slots, filled(rows["ts"], 0).astype(np.int64), values)
