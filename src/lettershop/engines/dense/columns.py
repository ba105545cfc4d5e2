"""The columns of an evaluation: dense arrays, one value per contact, account or pair."""

from collections.abc import Callable, Sequence

import numpy as np

from lettershop.engines.dense.asking import Array, Asker, Rows, filled
from lettershop.engines.dense.zones import ZoneTable
from lettershop.planning.frame import Bits, Column, Frame, Ints, Zones
from lettershop.planning.metrics import (
    AnyMetric,
    EdgeTest,
    EventMetric,
    FieldHeld,
    FieldTest,
    Grain,
    RecordMetric,
    SequenceMetric,
    grain_of,
)
from lettershop.planning.predicates import on_missing
from lettershop.planning.query import Combine, Output, Query


class DenseColumns:
    """Dense columns filled by queries; a metric nobody has rows for keeps its default."""

    def __init__(self, asker: Asker, frame: Frame, zones: ZoneTable | None) -> None:
        self.asker, self.frame, self._zones = asker, frame, zones
        self.filled: dict[AnyMetric, Column] = {}
        """Metrics that have been laid, wholly or in part."""
        self._pair_keys: tuple[Ints, Ints] | None = None

    def column(self, metric: AnyMetric) -> Column:
        if metric not in self.filled:
            self.filled[metric] = self.empty(metric)()
        return self.filled[metric]

    def empty(self, metric: AnyMetric) -> Callable[[], Column]:
        """A column in which nobody has a row."""
        size = self.frame.size(grain_of(metric))
        kind = np.int8 if isinstance(metric, _TESTS) else np.int64  # an eighth of the memory
        return lambda: Column(np.full(size, default(metric), kind), np.zeros(size, np.bool_))

    def zones(self, grain: Grain) -> Zones:
        if self._zones is None:
            return Zones((self.frame.zone,), np.zeros(self.frame.size(grain), np.int16))
        return self._zones.of(grain)

    def salt(self, name: str) -> int:
        return self.asker.salt(name)

    def run(self, query: Query) -> None:
        """Runs one query and lays its results into the columns of its metrics."""
        self.take(query, self.asker.fetch(query.sql))

    def take(self, query: Query, rows: Rows) -> None:
        """Lays the rows of a query into the columns of its metrics."""
        slots, kept = self._slots([filled(rows[key], 0) for key in query.keys], query.keys)
        for output in query.outputs:
            lay(self.column(output.metric), output, rows[output.column], slots, kept)

    def _slots(self, keys: Sequence[Array], names: tuple[str, ...]) -> tuple[Ints, Bits]:
        """Where each row belongs, and whether it belongs anywhere."""
        match names:
            case ("contact",) | ("account",):
                slots = keys[0].astype(np.int64)
                return slots, slots < self.frame.size(names[0]) - 1  # type: ignore[arg-type]
            case ("people",):
                place = np.full(int(keys[0].max(initial=-1)) + 2, -1, np.int64)
                real = np.flatnonzero((self.frame.pair_id >= 0) & (self.frame.pair_id < len(place)))
                place[self.frame.pair_id[real]] = real
                slots = place[keys[0].astype(np.int64)]
                return slots, slots >= 0
            case _:
                return self._pair_slots(keys[0].astype(np.int64), keys[1].astype(np.int64))

    def _pair_slots(self, contact: Ints, account: Ints) -> tuple[Ints, Bits]:
        width = self.frame.size("account")
        if self._pair_keys is None:
            own = self.frame.pair_contact.astype(np.int64) * width + self.frame.pair_account
            own[self.frame.pair_account < 0] = -1
            order = np.argsort(own)
            self._pair_keys = own[order], order
        keys, order = self._pair_keys
        wanted = contact * width + account
        at = np.searchsorted(keys, wanted)
        at[at >= len(keys)] = 0
        found = keys[at] == wanted if len(keys) else np.zeros(len(wanted), np.bool_)
        return (order[at] if len(keys) else at), found


_TESTS = (FieldTest, FieldHeld, EdgeTest, SequenceMetric)
"""Metrics whose values are 0 and 1."""


def default(metric: AnyMetric) -> int:
    """The value for a subject without any row: tests are answered as for a missing value."""
    match metric:
        case FieldTest() | FieldHeld() | EdgeTest():
            return int(on_missing(metric.test))
        case _:
            return 0


def lay(column: Column, output: Output, values: Array, slots: Ints, kept: Bits) -> None:
    """Lays one result of a query into the column of its metric: where the row is `kept` and has a
    value. Counts of nothing are no evidence, however they came about."""
    there = ~np.ma.getmaskarray(values) & kept
    if isinstance(output.metric, EventMetric | RecordMetric) and output.metric.function in _COUNTS:
        there &= filled(values, 0) != 0
    _lay(column, slots[there], filled(values, 0)[there].astype(np.int64), output.combine)


_COUNTS = ("count", "known")


def _lay(column: Column, slots: Ints, values: Ints, combine: Combine) -> None:
    """Each slot appears at most once per query; parts of several tables come together here."""
    match combine:
        case "set":
            column.value[slots] = values
        case "add":
            column.value[slots] += values
        case "min" | "max":
            pick = np.minimum if combine == "min" else np.maximum
            here = column.value[slots]
            column.value[slots] = np.where(column.known[slots], pick(here, values), values)
    column.known[slots] = True
