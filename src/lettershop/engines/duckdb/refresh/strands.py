"""Rows of events by subject: when each was, and perhaps a value of it.

Rows stand in two layers: `base`, in the order of the slots, and the `recent` ones, few enough to be
sorted again whenever some come. Now and then both become one, and rows that can never count again
go.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lettershop.engines.duckdb.refresh.tallies import spread
from lettershop.planning.frame import Bits, Ints

RECENT = 32_768
"""So many recent rows are carried along at least; more, when there are many rows."""

SHARE = 16
"""One in so many rows may be recent."""

GONE = -(1 << 63)
"""The time of rows that do not count any more."""

Values = npt.NDArray[Any]


class Lines(NamedTuple):
    """Rows: whose (a slot, or the place of one in a list of slots), when, and their values."""

    slots: Ints
    ts: Ints
    values: Values

    def where(self, chosen: Bits | Ints) -> "Lines":
        return Lines(*(column[chosen] for column in self))


def together(parts: tuple[Lines, ...]) -> Lines:
    return Lines(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Strand:
    """The rows of all subjects, slots 0 to below `size`. `needed`: of rows in the order of their
    slots, which may still count."""

    def __init__(
        self, size: int, kind: type[np.generic], needed: Callable[[Lines], Bits] | None = None
    ) -> None:
        self.size, self._needed = size, needed
        none = np.zeros(0, np.int64)
        self._nothing = Lines(none.astype(np.int32), none, none.astype(kind))
        self.fill(self._nothing)

    def __len__(self) -> int:
        return len(self._base.ts) + len(self._recent.ts)

    def fill(self, rows: Lines) -> None:
        """Start anew with these rows, in any order."""
        order = np.argsort(rows.slots, kind="stable")
        rows = self._typed(rows.where(order))
        if self._needed is not None:
            rows = rows.where(self._needed(rows))
        self._base, self._recent = rows, self._nothing
        counts = np.bincount(rows.slots, minlength=self.size)
        self._start = np.concatenate([[0], np.cumsum(counts)])

    def add(self, rows: Lines) -> None:
        """And these, in any order."""
        if not len(rows.ts):
            return
        rows = together((self._recent, self._typed(rows)))
        self._recent = rows.where(np.argsort(rows.slots, kind="stable"))
        if len(rows.ts) > max(RECENT, len(self._base.ts) // SHARE):
            every = together((self._base, self._recent))
            self.fill(every.where(every.ts != GONE))

    def replace(self, slots: Ints, rows: Lines) -> None:
        """These rows are all that there is of these subjects."""
        _, places = self._places(slots)
        self._base.ts[places] = GONE
        self._recent = self._recent.where(~np.isin(self._recent.slots, slots))
        self.add(rows)

    def of(self, slots: Ints) -> Lines:
        """The rows of these subjects (ascending, each once), with the place of each among them."""
        whose, places = self._places(slots)
        older = Lines(whose, self._base.ts[places], self._base.values[places])
        first = np.searchsorted(self._recent.slots, slots)
        last = np.searchsorted(self._recent.slots, slots, side="right")
        whose, places = spread(first, last)
        newer = Lines(whose, self._recent.ts[places], self._recent.values[places])
        rows = together((older, newer))
        return rows.where(rows.ts != GONE)

    def _places(self, slots: Ints) -> tuple[Ints, Ints]:
        return spread(self._start[slots], self._start[slots + 1])

    def _typed(self, rows: Lines) -> Lines:
        return Lines(
            rows.slots.astype(np.int32, copy=False),
            rows.ts.astype(np.int64, copy=False),
            rows.values.astype(self._nothing.values.dtype, copy=False),
        )
