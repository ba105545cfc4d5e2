"""The columns between steps: every metric's values, changed in place."""

from collections.abc import Mapping

import numpy as np

from lettershop.engines.dense.columns import default
from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.partial import Part
from lettershop.planning.flow.flips import Flips
from lettershop.planning.frame import Column, Frame, Ints, Zones
from lettershop.planning.metrics import AnyMetric, Grain


class Held:
    """`planning.frame.Columns` without a store behind them."""

    def __init__(self, columns: DuckColumns, metrics: Mapping[AnyMetric, object]) -> None:
        self.frame: Frame = columns.frame
        self._columns = {metric: columns.column(metric) for metric in metrics}
        self._zones: dict[Grain, Zones] = {}
        self._of = columns
        self._salts: dict[str, int] = {}

    def column(self, metric: AnyMetric) -> Column:
        return self._columns[metric]

    def replace(self, metric: AnyMetric, column: Column) -> Ints:
        """A column asked anew; the slots that changed."""
        old = self._columns[metric]
        self._columns[metric] = column
        return np.flatnonzero((old.value != column.value) | (old.known != column.known))

    def zones(self, grain: Grain) -> Zones:
        if grain == "pair":  # pairs come and go
            names, number = self.zones("contact")
            return Zones(names, number[self.frame.pair_contact])
        if grain not in self._zones:
            self._zones[grain] = self._of.zones(grain)
        return self._zones[grain]

    def salt(self, name: str) -> int:
        if name not in self._salts:
            self._salts[name] = self._of.salt(name)
        return self._salts[name]

    def put(self, metric: AnyMetric, part: Part, why: Flips, otherwise: tuple[int, int]) -> Flips:
        """Write a part; the slots that changed, with their own time and cause from `why`, or the
        time and cause given."""
        column = self._columns[metric]
        slots = part.slots
        value = part.value.astype(column.value.dtype)
        differs = (column.value[slots] != value) | (column.known[slots] != part.known)
        column.value[slots], column.known[slots] = value, part.known
        changed = slots[differs]
        told = why.where(np.isin(why.slots, changed))
        rest = changed[~np.isin(changed, told.slots)]
        time, cause = otherwise
        parts = Flips.of(rest, time, cause)
        order = np.argsort(np.concatenate([told.slots, parts.slots]))
        return Flips(*(np.concatenate(pair)[order] for pair in zip(told, parts, strict=True)))

    def clear(self, slots: Ints, grain: Grain, metrics: Mapping[AnyMetric, Grain]) -> None:
        """These slots are nobody's now."""
        for metric, own in metrics.items():
            if own == grain:
                column = self._columns[metric]
                column.value[slots], column.known[slots] = default(metric), False
