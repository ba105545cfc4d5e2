"""Readings (planning/readings.py) added up per subject, into dense arrays.

Everything is exact: counts and sums are 64-bit integers. Numbers come out as doubles, the cheapest
form, and are turned into micro-units again, which is exact below two billion. A metric with larger
values, or with a sum that might not fit, is given up and left to SQL, which computes in 128 bits.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from lettershop.engines.duckdb.store import Store
from lettershop.model.values import MICRO
from lettershop.planning.frame import Column, Frame, Ints
from lettershop.planning.metrics import AnyMetric, EventMetric
from lettershop.planning.readings import Bin, Reading
from lettershop.planning.windows import Bounds

ROWS_AT_ONCE = 4_000_000
"""A larger reading is done in parts, so that memory does not grow with the history."""

EXACT = 2_000_000_000
"""Up to here a double times a million is less than half a micro-unit off, so rounding is exact."""

_FIT = 9_000_000_000_000_000_000
_MOST, _LEAST = np.iinfo(np.int64).max, np.iinfo(np.int64).min

Rows = Mapping[str, npt.NDArray[np.generic]]
Chosen = slice | npt.NDArray[np.intp]


class Binner:
    """Collects the columns of all readings of one evaluation."""

    def __init__(self, store: Store, frame: Frame) -> None:
        self.store, self.frame = store, frame
        self._sums: dict[EventMetric, Column] = {}
        self._reach: dict[EventMetric, int] = {}
        """No sum of the metric can be further from 0 than this."""

    def add(self, reading: Reading) -> None:
        for sql in reading.parts(ROWS_AT_ONCE):
            batch = _Batch(self.store.fetch(sql))
            for bin_ in reading.bins:
                self._bin(batch, bin_)

    def columns(self) -> Iterator[tuple[AnyMetric, Column]]:
        """Each metric with its column; those left to SQL are missing."""
        for metric, column in self._sums.items():
            if metric.function == "count":
                np.greater(column.value, 0, out=column.known)
            elif metric.function in ("minimum", "first", "maximum", "last"):
                column.value[~column.known] = 0
            if self._reach.get(metric, 0) < _FIT:
                yield metric, column

    def _bin(self, batch: "_Batch", bin_: Bin) -> None:
        column = self._column(bin_.metric)
        chosen = batch.chosen(bin_.window, bin_.flag)
        ids = batch.ids[chosen]
        function = bin_.metric.function
        if function == "count":
            _count(column.value, ids)
            return
        values: Ints | None = batch.ts()[chosen] if bin_.value is None else None
        if bin_.value is not None:
            ids, values = _known(ids, batch.rows[bin_.value][chosen])
        if values is None:
            self._reach[bin_.metric] = _FIT
            return
        match function:
            case "known":
                _count(column.value, ids)
            case "sum":
                furthest = max(int(values.max(initial=0)), -int(values.min(initial=0)))
                reach = self._reach.get(bin_.metric, 0) + furthest * len(values)
                self._reach[bin_.metric] = reach
                np.add.at(column.value, ids, values)
            case "minimum" | "first":
                np.minimum.at(column.value, ids, values)
            case "maximum" | "last":
                np.maximum.at(column.value, ids, values)
        column.known[ids] = True

    def _column(self, metric: EventMetric) -> Column:
        if metric not in self._sums:
            size = self.frame.size(metric.grain)
            start = {"minimum": _MOST, "first": _MOST, "maximum": _LEAST, "last": _LEAST}
            values = np.full(size, start.get(metric.function, 0), np.int64)
            self._sums[metric] = Column(values, np.zeros(size, np.bool_))
        return self._sums[metric]


def _count(counts: Ints, ids: Ints) -> None:
    """A whole new array is worth it only for many rows."""
    if len(ids) < len(counts):
        np.add.at(counts, ids, 1)
    else:
        counts += np.bincount(ids, minlength=len(counts))


class _Batch:
    """The rows of one part of a reading."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.ids: Ints = rows["k"].astype(np.intp, copy=False)
        self._chosen: dict[tuple[Bounds, str | None], Chosen] = {}
        ts = self.ts() if "ts" in rows else None
        self._in_order = ts is not None and bool((ts[1:] >= ts[:-1]).all())

    def ts(self) -> Ints:
        return self.rows["ts"].astype(np.int64, copy=False)

    def chosen(self, window: Bounds, flag: str | None) -> Chosen:
        """Which rows lie in the window and have the flag."""
        if (window, flag) not in self._chosen:
            self._chosen[window, flag] = self._choose(window, flag)
        return self._chosen[window, flag]

    def _choose(self, window: Bounds, flag: str | None) -> Chosen:
        if "ts" not in self.rows:
            inside: Chosen = slice(0, len(self.ids))
        elif self._in_order:
            first, last = np.searchsorted(self.ts(), [window.lo, window.hi])
            inside = slice(int(first), int(last))
        else:
            ts = self.ts()
            inside = np.flatnonzero((ts >= window.lo) & (ts < window.hi))
        if flag is None:
            return inside
        flags = np.flatnonzero(self.rows[flag][inside])
        if isinstance(inside, slice):
            return flags + int(inside.start)
        return inside[flags]


def _known(ids: Ints, values: npt.NDArray[np.generic]) -> tuple[Ints, Ints | None]:
    """Ids and micro-units of the rows whose value is known; None where a value is too large for a
    double to hold all six places."""
    plain = np.asarray(np.ma.getdata(values), np.float64)
    missing = np.ma.getmaskarray(values)
    if missing.any():
        ids, plain = ids[~missing], plain[~missing]
    if np.abs(plain).max(initial=0) > EXACT:
        return ids, None
    return ids, np.rint(plain * MICRO).astype(np.int64)
