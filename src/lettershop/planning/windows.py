"""Where a window lies: half-open bounds of instants, for one zone or for each."""

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
from lettershop.planning.calendar import (
    EPOCH,
    FOREVER,
    date_end,
    date_start,
    local_day,
    midnight,
    move_units,
    shift,
    unit_start,
)


class Bounds(NamedTuple):
    """The times lo <= t < hi."""

    lo: int
    hi: int


EVER = Bounds(-FOREVER, FOREVER)


def zoned(window: FieldWindow | None) -> bool:
    """Whether the bounds depend on the zone of the subject."""
    match window:
        case None | Last() | Next() | Ago():
            return False
        case Before(date=day) | After(date=day):
            return "T" not in day
        case Between(start=start, end=end):
            return "T" not in start or "T" not in end
        case On() | Today() | LastCalendar() | NextCalendar():
            return True
        case _:
            assert_never(window)


def back(duration: Duration, as_of: int, workspace_zone: str) -> int:
    """as_of - W."""
    return shift(as_of, -duration.n, duration.unit, workspace_zone)


def bounds(window: FieldWindow | None, as_of: int, zone: str, workspace_zone: str) -> Bounds:
    """The instants that count, for a subject in `zone`."""
    match window:
        case None:
            return EVER
        case Last(duration=w):
            return Bounds(back(w, as_of, workspace_zone) + 1, as_of + 1)
        case Next(duration=w):
            return Bounds(as_of + 1, shift(as_of, w.n, w.unit, workspace_zone) + 1)
        case Ago(duration=w):
            return Bounds(-FOREVER, back(w, as_of, workspace_zone) + 1)
        case Before(date=day):
            return Bounds(-FOREVER, date_start(day, zone))
        case After(date=day):
            return Bounds(date_end(day, zone) + ("T" in day), FOREVER)
        case Between(start=start, end=end):
            return Bounds(date_start(start, zone), date_end(end, zone))
        case On(date=day):
            return Bounds(date_start(day, zone), date_end(day, zone))
        case Today():
            today = local_day(as_of, zone)
            return Bounds(midnight(today, zone), midnight(today + 1, zone))
        case LastCalendar(n=n, unit=unit):
            first = move_units(unit_start(local_day(as_of, zone), unit), 1 - n, unit)
            return Bounds(midnight(first, zone), as_of + 1)
        case NextCalendar(n=n, unit=unit):
            first = move_units(unit_start(local_day(as_of, zone), unit), 1, unit)
            return Bounds(midnight(first, zone), midnight(move_units(first, n, unit), zone))
        case _:
            assert_never(window)


def day_bounds(instants: Bounds, zone: str) -> Bounds:
    """The dates (days since 1970) whose local midnight lies within the bounds."""
    return Bounds(_first_day(instants.lo, zone), _first_day(instants.hi, zone))


def _first_day(instant: int, zone: str) -> int:
    """The first day whose local midnight is at or after the instant."""
    if abs(instant) >= FOREVER:
        return instant
    day = local_day(instant, zone)
    return day if midnight(day, zone) >= instant else day + 1


class Birthdays(NamedTuple):
    """Anniversary days of one year: dates before `year` whose month * 100 + day is in `days`."""

    year: int
    days: tuple[int, ...]


def birthdays(
    within: Duration | None, as_of: int, zone: str, workspace_zone: str
) -> list[Birthdays]:
    """Which dates have an anniversary today (None) or with its midnight in (as_of, as_of + W]."""
    today = local_day(as_of, zone)
    if within is None:
        span = Bounds(today, today + 1)
    else:
        end = shift(as_of, within.n, within.unit, workspace_zone)
        span = day_bounds(Bounds(as_of + 1, end + 1), zone)
    found: dict[int, set[int]] = {}
    for number in range(span.lo, span.hi):
        day = date.fromordinal(number + EPOCH)
        here = found.setdefault(day.year, set())
        here.add(day.month * 100 + day.day)
        if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).day == 1:
            here.add(229)
    return [Birthdays(year, tuple(sorted(days))) for year, days in sorted(found.items())]
