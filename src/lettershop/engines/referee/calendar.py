"""Windows as intervals of milliseconds, as seen from one instant and one time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import assert_never
from zoneinfo import ZoneInfo, available_timezones

from lettershop.language.tree import (
    After,
    Ago,
    Before,
    Between,
    CalendarUnit,
    Duration,
    FieldWindow,
    Last,
    LastCalendar,
    Next,
    NextCalendar,
    On,
    Today,
)
from lettershop.model.clock import DAY, HOUR, MINUTE, WEEK, from_ms, parse_instant, to_ms

PAST, FUTURE = -(10**16), 10**16
"""Before and after everything a calendar can name."""

FIXED = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": WEEK}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
EPOCH_DAY = date(1970, 1, 1).toordinal()

Interval = tuple[int, int]
"""Half open: start <= t < end."""


def zone_named(name: object) -> ZoneInfo | None:
    """The zone of exactly that IANA name (trimmed), or None."""
    known = isinstance(name, str) and name.strip() in _zones()
    return ZoneInfo(str(name).strip()) if known else None


@cache
def _zones() -> set[str]:
    return available_timezones()


def local_date(instant: int, zone: ZoneInfo) -> date:
    try:
        return from_ms(instant).astimezone(zone).date()
    except OverflowError:  # the first and last day of the calendar
        return from_ms(instant).date()


def utc_day(instant: int) -> date:
    return from_ms(instant).date()


@cache
def midnight(day: int, zone: ZoneInfo) -> int:
    """The first instant of a local day; days are counted as in `date.toordinal`."""
    naive = (day - EPOCH_DAY) * DAY
    if day < 2:
        return naive if day == 1 else PAST
    if day >= date.max.toordinal():
        return naive if day == date.max.toordinal() else FUTURE
    wall = datetime.combine(date.fromordinal(day), datetime.min.time())
    instant = naive - _offset(wall, zone)
    if from_ms(instant).astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    low, high = instant - DAY, instant  # midnight was skipped: find the first instant after it
    while low < high:
        middle = (low + high) // 2
        if local_date(middle, zone).toordinal() >= day:
            high = middle
        else:
            low = middle + 1
    return low


def _offset(wall: datetime, zone: ZoneInfo) -> int:
    """Milliseconds east of UTC at the first instant that shows this wall time; for a time that is
    skipped, of the moment before the skip, so that it lands as much later."""
    offset = wall.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
    return offset // timedelta(milliseconds=1)


def plus(instant: int, duration: Duration, zone: ZoneInfo, sign: int = 1) -> int:
    """The instant one duration later (sign 1) or earlier (-1); months and years by calendar."""
    if duration.unit in FIXED:
        return instant + sign * duration.n * FIXED[duration.unit]
    wall = from_ms(instant).astimezone(zone).replace(tzinfo=None)
    months = wall.year * 12 + wall.month - 1 + sign * duration.n * MONTHS[duration.unit]
    year, month = months // 12, months % 12 + 1
    if not 1 < year < 9999:
        return PAST if year < 5000 else FUTURE
    shifted = wall.replace(year=year, month=month, day=min(wall.day, days_in_month(year, month)))
    return to_ms(shifted.replace(tzinfo=UTC)) - _offset(shifted, zone)


def days_in_month(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


@dataclass(frozen=True)
class Calendar:
    """Where we stand in time: `as_of`, the subject's zone, and the workspace's for months."""

    as_of: int
    zone: ZoneInfo
    workspace: ZoneInfo

    def back(self, duration: Duration) -> int:
        return plus(self.as_of, duration, self.workspace, -1)

    def ahead(self, duration: Duration) -> int:
        return plus(self.as_of, duration, self.workspace)

    def today(self) -> date:
        return local_date(self.as_of, self.zone)

    def start_of_day(self, day: date) -> int:
        return midnight(day.toordinal(), self.zone)

    def interval(self, window: FieldWindow) -> Interval:
        match window:
            case Last(duration=w):
                return self.back(w) + 1, self.as_of + 1
            case Next(duration=w):
                return self.as_of + 1, self.ahead(w) + 1
            case Ago(duration=w):
                return PAST, self.back(w) + 1
            case Between(start=first, end=last):
                return self.named(first)[0], self.named(last)[1]
            case Before(date=day):
                return PAST, self.named(day)[0]
            case After(date=day):
                return self.named(day)[1] + (not _is_date(day)), FUTURE
            case On(date=day):
                return self.named(day)
            case Today():
                return self.units("day", 0, 1)
            case LastCalendar(n=n, unit=unit):
                return self.units(unit, 1 - n, 1)[0], self.as_of + 1
            case NextCalendar(n=n, unit=unit):
                return self.units(unit, 1, n + 1)
            case _:
                assert_never(window)

    def named(self, text: str) -> Interval:
        """Start and end of a written date (a local day) or of an instant (itself, twice)."""
        if not _is_date(text):
            return parse_instant(text), parse_instant(text)
        day = date.fromisoformat(text.strip()).toordinal()
        return midnight(day, self.zone), midnight(day + 1, self.zone)

    def units(self, unit: CalendarUnit, first: int, last: int) -> Interval:
        """From the start of one local unit to the start of another; 0 is the one of `as_of`."""
        today = self.today()
        if unit in ("day", "week"):
            length = 1 if unit == "day" else 7
            start = today.toordinal() - (today.weekday() if unit == "week" else 0)
            days = start + first * length, start + last * length
        else:
            size = MONTHS[unit]
            index = (today.year * 12 + today.month - 1) // size
            days = _first_of((index + first) * size), _first_of((index + last) * size)
        return midnight(days[0], self.zone), midnight(days[1], self.zone)


def _is_date(text: str) -> bool:
    return "T" not in text.upper()


def _first_of(month: int) -> int:
    """Ordinal of the first day of a month, months counted from year 0."""
    year = month // 12
    if not 1 <= year <= 9999:
        return 0 if year < 1 else date.max.toordinal() + 1
    return date(year, month % 12 + 1, 1).toordinal()


def anniversary(day: date, year: int) -> date:
    """29 February is celebrated on the 28th in common years."""
    return day.replace(year=year, day=min(day.day, days_in_month(year, day.month)))
