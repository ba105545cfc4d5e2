"""Counts, sums and edges in place: what enters is added, what leaves is taken away."""

from typing import NamedTuple

import numpy as np

from lettershop.engines.duckdb.refresh.batch import Batch, PairSlots, joined
from lettershop.engines.duckdb.refresh.feed import Wish
from lettershop.planning.frame import Bits, Column, Ints
from lettershop.planning.metrics import EventMetric
from lettershop.planning.windows import Bounds

REACH = 1 << 60
"""No sum may come closer to the end of 64 bits; beyond, it is asked of SQL, which has 128."""


class TooLarge(Exception):
    """A sum that might not fit any more."""


class Passage(NamedTuple):
    """Rows of a wish that entered and rows that left, with the instant each did."""

    entered: Batch
    entered_at: Ints
    left: Batch
    left_at: Ints


class Clocks(NamedTuple):
    """The moments of the step before and of this one."""

    since: int
    at: int


def chosen(batch: Batch, wish: Wish, window: Bounds, at: int) -> Bits:
    """The rows that count at a moment."""
    found: Bits = (batch.ts >= window.lo) & (batch.ts < window.hi) & (batch.seen <= at)
    if wish.flag is not None:
        found &= batch.flags[wish.flag]
    return found


def passage(
    windows: tuple[Bounds, Bounds], wish: Wish, new: Batch, old: Batch | None, clocks: Clocks
) -> Passage:
    """What a step does to the rows of a wish: `new` rows, and `old` ones that passed an edge.
    `windows`: where they counted before, and where they do now."""
    before, after = windows
    bare = new.bare(wish.value)
    come = bare.of(chosen(new, wish, after, clocks.at))
    come_at = np.minimum(come.ts, clocks.at)
    none = bare.of(np.zeros(0, np.int64))
    if old is None:
        return Passage(come, come_at, none, none.ts)
    was, now = chosen(old, wish, before, clocks.since), chosen(old, wish, after, clocks.at)
    bare = old.bare(wish.value)
    left, entered = bare.of(was & ~now), bare.of(now & ~was)
    left_at = np.clip(left.ts + (clocks.at + 1 - after.lo), clocks.since + 1, clocks.at)
    entered_at = np.clip(entered.ts + (clocks.at + 1 - after.hi), clocks.since + 1, clocks.at)
    if not len(entered):
        return Passage(come, come_at, left, left_at)
    both = joined([come, entered])
    return Passage(both, np.concatenate([come_at, entered_at]), left, left_at)


def apply(
    metric: EventMetric, column: Column, wish: Wish, moved: Passage, pair_slots: PairSlots
) -> Ints:
    """Bring a column up to date; the slots whose rows changed. Raises TooLarge."""
    touched = [_add(metric, column, wish, moved.entered, pair_slots, 1)]
    touched.append(_add(metric, column, wish, moved.left, pair_slots, -1))
    return np.concatenate(touched)


def _add(
    metric: EventMetric, column: Column, wish: Wish, rows: Batch, pair_slots: PairSlots, sign: int
) -> Ints:
    slots = rows.slots(metric.grain, pair_slots)
    there = slots >= 0
    if wish.value is not None:
        there &= ~np.ma.getmaskarray(rows.values[wish.value])
    slots = slots[there]
    if not len(slots):
        return slots
    match metric.function:
        case "count" | "known":
            np.add.at(column.value, slots, sign)
        case "sum" if wish.value is not None:
            values = np.ma.getdata(rows.values[wish.value])[there].astype(np.int64)
            if np.abs(values).max(initial=0) > REACH // max(1, len(values)):
                raise TooLarge
            np.add.at(column.value, slots, sign * values)
            if np.abs(column.value[slots]).max(initial=0) > REACH:
                raise TooLarge
        case "first" | "last" if sign > 0:
            pick = np.minimum if metric.function == "first" else np.maximum
            missing = slots[~column.known[slots]]
            column.value[missing] = (1 if metric.function == "first" else -1) * (1 << 62)
            pick.at(column.value, slots, rows.ts[there])
            column.known[slots] = True
        case _:
            raise ValueError(metric.function)
    return slots
