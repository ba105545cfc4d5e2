"""Instants and dates against windows and anniversaries, each subject in its own zone."""

import numpy as np
import numpy.typing as npt

from lettershop.language import tree
from lettershop.language.tree import Duration, FieldWindow
from lettershop.model.clock import DAY
from lettershop.planning.calendar import spans
from lettershop.planning.frame import Bits, Column, Ints
from lettershop.planning.ground import Leaves
from lettershop.planning.metrics import (
    Grain,
)
from lettershop.planning.windows import birthdays, bounds, day_bounds, zoned


def date_test(
    at: Leaves,
    test: tree.DateTest | tree.Anniversary,
    column: Column,
    grain: Grain,
    *,
    is_date: bool,
) -> Bits:
    if isinstance(test, tree.DateTest):
        return in_window(at, column, test.window, grain, is_date=is_date)
    return has_birthday(at, column, test.within, grain, is_date=is_date)


def in_window(
    at: Leaves, column: Column, window: FieldWindow, grain: Grain, *, is_date: bool = False
) -> Bits:
    """Known and within the window, for each subject in its own zone where that matters."""
    frame = at.frame
    if not zoned(window) and not is_date:
        lo, hi = bounds(window, frame.as_of, frame.zone, frame.zone)
        return column.known & (column.value >= lo) & (column.value < hi)
    zones = at.columns.zones(grain)
    limits = [bounds(window, frame.as_of, zone, frame.zone) for zone in zones.names]
    if is_date:
        limits = [day_bounds(b, zone) for b, zone in zip(limits, zones.names, strict=True)]
    lo_of = np.array([b.lo for b in limits], np.int64)[zones.number]
    hi_of = np.array([b.hi for b in limits], np.int64)[zones.number]
    return column.known & (column.value >= lo_of) & (column.value < hi_of)


def has_birthday(
    at: Leaves, column: Column, within: Duration | None, grain: Grain, *, is_date: bool
) -> Bits:
    zones = at.columns.zones(grain)
    days = column.value if is_date else local_days(column.value, zones.names, zones.number)
    stamps = np.where(column.known, days, 0).astype("datetime64[D]")
    years = stamps.astype("datetime64[Y]").astype(np.int64) + 1970
    months = stamps.astype("datetime64[M]")
    ordinal = (stamps - months.astype("datetime64[D]")).astype(np.int64) + 1
    month_days = (months.astype(np.int64) % 12 + 1) * 100 + ordinal
    found = np.zeros(len(days), np.bool_)
    for number, zone in enumerate(zones.names):
        for birthday in birthdays(within, at.frame.as_of, zone, at.frame.zone):
            hit = years < birthday.year
            if birthday.days is not None:
                hit &= np.isin(month_days, birthday.days)
            found |= hit & (zones.number == number)
    return found & column.known


def local_days(instants: Ints, names: tuple[str, ...], index: npt.NDArray[np.int16]) -> Ints:
    """The local date of each instant, in days since 1970."""
    days = np.zeros(len(instants), np.int64)
    for number, zone in enumerate(names):
        here = index == number
        if here.any():
            times = instants[here]
            span = spans(zone, int(times.min()), int(times.max()) + 1)
            which = np.searchsorted(np.array(span.starts), times, side="right") - 1
            days[here] = (times + np.array(span.offsets)[which]) // DAY
    return days
