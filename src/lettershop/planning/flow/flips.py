"""Slots whose value changed, with the time it came true and why."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lettershop.planning.frame import Bits, Ints


class Flips(NamedTuple):
    """`slots`: ascending, each once; `time` in milliseconds; `cause`: a number for the caller."""

    slots: Ints
    time: Ints
    cause: Ints

    @classmethod
    def of(cls, slots: npt.ArrayLike, time: npt.ArrayLike, cause: int) -> "Flips":
        """From slots in any order and number; of several times of a slot the latest stays."""
        found = np.asarray(slots, np.int64)
        times = np.full(found.shape, time, np.int64)
        return merged([cls(found, times, np.full(found.shape, cause, np.int64))])

    @classmethod
    def loose(cls, slots: Ints, time: Ints, cause: int | Ints) -> "Flips":
        """Not in order and not each once yet, -1 for nobody: only to be `merged`."""
        there = slots >= 0
        causes = np.full(slots.shape, cause, np.int64)
        return cls(slots[there], time[there], causes[there])

    def where(self, chosen: Bits | Ints) -> "Flips":
        return Flips(self.slots[chosen], self.time[chosen], self.cause[chosen])

    def moved(self, slots: npt.NDArray[np.integer], index: npt.NDArray[np.integer]) -> "Flips":
        """The same at other slots: `index` says which flip each of `slots` comes from."""
        return merged([Flips(slots.astype(np.int64), self.time[index], self.cause[index])])


_EMPTY = np.zeros(0, np.int64)
NONE = Flips(_EMPTY, _EMPTY, _EMPTY)


def merged(parts: Sequence[Flips]) -> Flips:
    """All of them; of several flips of a slot the latest stays."""
    parts = [part for part in parts if len(part.slots)]
    if not parts:
        return NONE
    if len(parts) == 1 and _ascending(parts[0].slots):
        return parts[0]
    together = Flips(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    found = together.where(np.argsort(together.slots, kind="stable"))
    same = found.slots[1:] == found.slots[:-1]
    if not same.any():
        return found
    several = np.append(same, False) | np.append(False, same)
    return found.where(~several | _latest(found, np.flatnonzero(several)))


def _ascending(slots: Ints) -> bool:
    return bool((slots[1:] > slots[:-1]).all())


def _latest(flips: Flips, at: Ints) -> Bits:
    """Which of these, each of a slot that has several, stay."""
    slots, time, cause = flips.where(at)
    order = np.lexsort((cause, time, slots))
    ordered = slots[order]
    found = np.zeros(len(flips.slots), np.bool_)
    found[at[order[np.append(ordered[1:] != ordered[:-1], True)]]] = True
    return found
