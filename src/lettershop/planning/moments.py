"""When an answer can change though nothing is said: the instants at which values enter or leave
windows. Too many are harmless (each is tried), too few are not: month lengths and clock changes get
instants on both sides.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple, assert_never

from lettershop.language.tree import (
    After,
    Ago,
    Before,
    Between,
    Duration,
    FieldWindow,
    Last,
    LastCalendar,
    Next,
    NextCalendar,
    On,
    Today,
)
from lettershop.model.clock import DAY, HOUR, from_ms
from lettershop.planning.calendar import (
    EPOCH,
    FOREVER,
    local_day,
    midnight,
    move_units,
    shift,
    spans,
    unit_start,
)

_YEARS = 12
"""Anniversaries that are looked at."""
_AROUND_MONTH_ENDS = range(-4, 5)
"""Days: the 31st and the 28th become the same day a month later."""
_JUMPS = (-HOUR, -HOUR // 2, 0, HOUR // 2, HOUR)


class ZonesInUse(NamedTuple):
    """`own`: those of the subjects; `workspace`: the one months and years are counted in."""

    own: Sequence[str]
    workspace: str


class Seen(NamedTuple):
    """One event (or record): when it happened, and from when on it counts."""

    ts: int
    visible: int


def edges(window: FieldWindow | None, at: int, zones: ZonesInUse) -> Iterator[int]:
    """When the instant `at` may come into the window or fall out of it."""
    match window:
        case None | Before() | After() | Between() | On():
            return
        case Last(duration=w) | Ago(duration=w):
            yield at
            yield from moved(at, w, zones.workspace)
        case Next(duration=w):
            yield from moved(at, w, zones.workspace, back=True)
            yield at
        case Today():
            for zone in zones.own:
                day = local_day(at, zone)
                yield from (midnight(day, zone), midnight(day + 1, zone))
        case LastCalendar(n=n, unit=unit):
            yield at
            for zone in zones.own:
                start = unit_start(local_day(at, zone), unit)
                yield midnight(move_units(start, n, unit), zone)
        case NextCalendar(n=n, unit=unit):
            for zone in zones.own:
                start = unit_start(local_day(at, zone), unit)
                yield midnight(move_units(start, -n, unit), zone)
                yield midnight(start, zone)
        case _:
            assert_never(window)


def moved(at: int, duration: Duration, zone: str, *, back: bool = False) -> Iterator[int]:
    """`at` and a duration; by calendar units also around it, where clocks and months jump."""
    there = shift(at, -duration.n if back else duration.n, duration.unit, zone)
    if abs(there) >= FOREVER:
        return
    yield there
    if duration.unit in ("month", "year"):
        days = local_day(there, zone), local_day(at, zone)
        if any(_by_month_end(day) or _clock_jumps(day, zone) for day in days):
            yield from _around(there, days[0], zone)


def _by_month_end(day: int) -> bool:
    """Days that are taken together in a shorter month, and their neighbours."""
    return not 2 <= date.fromordinal(day + EPOCH).day <= 26


def _clock_jumps(day: int, zone: str) -> bool:
    return any(midnight(d + 1, zone) - midnight(d, zone) != DAY for d in (day - 1, day, day + 1))


def _around(there: int, day: int, zone: str) -> Iterator[int]:
    for number in _AROUND_MONTH_ENDS:
        start, end = midnight(day + number, zone), midnight(day + number + 1, zone)
        yield start
        yield from (there + number * DAY + jump for jump in _JUMPS)
        yield from (at for at in spans(zone, start, end).starts if start < at < end)


def date_edges(window: FieldWindow, day: int, zones: ZonesInUse) -> Iterator[int]:
    """The same for a date (days since 1970): it counts as its local midnight."""
    for zone in zones.own:
        yield from edges(window, midnight(day, zone), zones)


def anniversaries(
    day: int, within: Duration | None, until: int, zones: ZonesInUse
) -> Iterator[int]:
    """When the anniversary of a day begins or ceases to be near, in the years before `until`."""
    born, last = date.fromordinal(day + EPOCH), from_ms(until).year + 1
    for year in range(max(born.year, last - _YEARS), last + 1):
        for found in _birthdays(born, year):
            number = found.toordinal() - EPOCH
            for zone in zones.own:
                start = midnight(number, zone)
                yield start
                if within is None:
                    yield midnight(number + 1, zone)
                else:
                    yield from moved(start, within, zones.workspace, back=True)


def _birthdays(born: date, year: int) -> Iterator[date]:
    """29 February falls on the 28th in other years."""
    try:
        yield born.replace(year=year)
    except ValueError:
        yield date(year, 3, 1) - timedelta(days=1)


def crossings(
    seen: Iterable[Seen], window: FieldWindow | None, thresholds: Iterable[int], zones: ZonesInUse
) -> set[int] | None:
    """When the number of events in the window rises to or falls below a threshold; None where only
    trying every event's instants would tell."""
    spans = [_span(one, window, zones) for one in seen]
    steps: dict[int, int] = {}
    for span in spans:
        if span is None:
            return None
        start, end = span
        if start < end:
            steps[start] = steps.get(start, 0) + 1
            steps[end] = steps.get(end, 0) - 1
    wanted = set(thresholds)
    found: set[int] = set()
    number = 0
    for at in sorted(steps):
        before, number = number, number + steps[at]
        if any((before >= n) != (number >= n) for n in wanted):
            found.add(at)
    return found


def _span(one: Seen, window: FieldWindow | None, zones: ZonesInUse) -> tuple[int, int] | None:
    """From when to before when an event counts, where that is one stretch of time."""
    match window:
        case None:
            return one.visible, FOREVER
        case Last(duration=w) if w.unit not in ("month", "year"):
            return one.visible, shift(one.ts, w.n, w.unit, zones.workspace)
        case Ago(duration=w) if w.unit not in ("month", "year"):
            return max(one.visible, shift(one.ts, w.n, w.unit, zones.workspace)), FOREVER
        case LastCalendar(n=n, unit=unit) if len(zones.own) == 1:
            start = unit_start(local_day(one.ts, zones.own[0]), unit)
            return one.visible, midnight(move_units(start, n, unit), zones.own[0])
        case _:
            return None
