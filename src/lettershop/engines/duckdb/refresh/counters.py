"""How many different values each subject has, and how often its most frequent one occurs: kept
while rows enter and leave, at a cost that follows these rows (tallies.py)."""

from typing import Literal

import numpy as np

from lettershop.engines.duckdb.refresh.codes import Numbers
from lettershop.engines.duckdb.refresh.tallies import Tallies, starts_of, tally, together
from lettershop.planning.frame import Ints

_SHIFT = 32
"""A key is slot, then code: codes of 32 bits, slots below 2^31."""

_SMALL = 1 << 31
"""Codes from 0 to below stand for themselves, all others are numbered as they appear."""


class Counter:
    """Exact counts of (subject, value); 12 bytes for each that occurs, and 12 more for each value
    that is no number from 0 to 2^31.

    `value`, shape (size,): per subject the number of different values (`distinct`), or how often
    the most frequent one occurs (`same`); 0 without any. It is changed in place.
    """

    def __init__(self, size: int, function: Literal["distinct", "same"]) -> None:
        self.function = function
        self.value: Ints = np.zeros(size, np.int64)
        self._tallies, self._numbers = Tallies(), Numbers()

    def fill(self, slots: Ints, codes: Ints) -> None:
        """Start anew, with one entry per event row: its subject's slot, its value's code."""
        keys = self._tallies.fill(self._keys(slots, codes))
        owners = keys >> _SHIFT
        match self.function:
            case "distinct":
                self.value[:] = np.bincount(owners, minlength=len(self.value))
            case "same":
                self.value[:] = 0
                np.maximum.at(self.value, owners, self._tallies.counts(keys))

    def change(self, add_slots: Ints, add_codes: Ints, take_slots: Ints, take_codes: Ints) -> Ints:
        """Rows that entered the window, and rows that left it; a row may do both. The slots whose
        value changed, ascending.

        Raises NeverAdded, and has changed nothing, when rows leave that never entered.
        """
        entered, more = tally(self._keys(add_slots, add_codes))
        left, less = tally(self._keys(take_slots, take_codes))
        return self._apply(np.concatenate([entered, left]), np.concatenate([more, -less]))

    def replace(self, slots: Ints, row_slots: Ints, row_codes: Ints) -> Ints:
        """Count these subjects anew, from all of their rows; the slots whose value changed."""
        again = np.unique(np.asarray(slots, np.int64))
        if not np.isin(row_slots, again).all():
            raise ValueError("rows of subjects that are not counted anew")
        _, gone, counts = self._tallies.between(again << _SHIFT, (again + 1) << _SHIFT)
        here, more = tally(self._keys(row_slots, row_codes))
        return self._apply(np.concatenate([gone, here]), np.concatenate([-counts, more]))

    def grow(self, size: int) -> None:
        """Room for subjects up to `size`; `value` is a new array then."""
        more = size - len(self.value)
        if more > 0:
            self.value = np.concatenate([self.value, np.zeros(more, np.int64)])

    def _apply(self, keys: Ints, changes: Ints) -> Ints:
        keys, changes = together(keys, changes)
        before, after = self._tallies.add(keys, changes)
        owners = keys >> _SHIFT
        slots = owners[starts_of(owners)]
        was = self.value[slots]
        match self.function:
            case "distinct":
                steps = (after > 0).astype(np.int64) - (before > 0)
                np.add.at(self.value, owners, steps)
            case "same":
                fallen = owners[(after < before) & (before == self.value[owners])]
                np.maximum.at(self.value, owners, after)
                self._look_again(fallen[starts_of(fallen)])
        changed: Ints = slots[self.value[slots] != was]
        return changed

    def _look_again(self, slots: Ints) -> None:
        """The most frequent value of these may be another one now."""
        owners, _, counts = self._tallies.between(slots << _SHIFT, (slots + 1) << _SHIFT)
        most = np.zeros(len(slots), np.int64)
        np.maximum.at(most, owners, counts)
        self.value[slots] = most

    def _keys(self, slots: Ints, codes: Ints) -> Ints:
        slots, codes = np.asarray(slots, np.int64), np.asarray(codes, np.int64)
        if len(slots) and (slots.min() < 0 or slots.max() >= len(self.value)):
            raise IndexError(f"a slot outside of 0 to {len(self.value) - 1}")
        large = (codes < 0) | (codes >= _SMALL)
        if large.any():
            codes = codes.copy()
            codes[large] = _SMALL + self._numbers.of(codes[large])
        return (slots << _SHIFT) | codes
