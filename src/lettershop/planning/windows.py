"""Where a window lies: half-open bounds of instants, for one zone or for each."""

from calendar import isleap
from datetime import date
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
    """Anniversary days of one year: dates before `year` whose month * 100 + day is in `days`;
    None: whatever their day."""

    year: int
    days: tuple[int, ...] | None


def birthdays(
    within: Duration | None, as_of: int, zone: str, workspace_zone: str
) -> list[Birthdays]:
    """Which dates have an anniversary today (None) or with its midnight in (as_of, as_of + W].

    Of a long time only its ends need a list of days: in between every date has its anniversary, and
    the last whole year says all that the earlier ones say.
    """
    today = local_day(as_of, zone)
    span = Bounds(today, today + 1)
    if within is not None:
        end = shift(as_of, within.n, within.unit, workspace_zone)
        days = day_bounds(Bounds(as_of + 1, end + 1), zone)
        span = Bounds(days.lo, min(days.hi, date.max.toordinal() - EPOCH))
    if span.hi <= span.lo:
        return []
    first, last = (date.fromordinal(day + EPOCH).year for day in (span.lo, span.hi - 1))
    return [_birthdays_of(year, span) for year in sorted({first, max(first, last - 1), last})]


def _birthdays_of(year: int, span: Bounds) -> Birthdays:
    start, end = date(year, 1, 1).toordinal() - EPOCH, date(year, 12, 31).toordinal() - EPOCH
    if span.lo <= start and end < span.hi:
        return Birthdays(year, None)
    found = set()
    for number in range(max(span.lo, start), min(span.hi, end + 1)):
        day = date.fromordinal(number + EPOCH)
        found.add(day.month * 100 + day.day)
        if (day.month, day.day) == (2, 28) and not isleap(year):
            found.add(229)
    return Birthdays(year, tuple(sorted(found)))
