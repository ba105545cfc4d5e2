"""Days, months and zones: when a local day starts, and where a window lies for one zone.

Rules: docs/explanation/meaning.md, section Windows. All instants are milliseconds since 1970 UTC;
days are counted from 1970-01-01 (`date.toordinal() - EPOCH`).
"""

from bisect import bisect_right
from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lettershop.model.clock import DAY, HOUR, MINUTE, WEEK, from_ms, parse_instant, to_ms

EPOCH = date(1970, 1, 1).toordinal()
FOREVER = 1 << 62
_FIXED = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": WEEK}
_YEAR_1840, _YEAR_2100 = -4_102_444_800_000, 4_102_444_800_000
_FIRST_DAY, _LAST_DAY = date(1, 1, 2).toordinal() - EPOCH, date(9999, 12, 30).toordinal() - EPOCH


@lru_cache(maxsize=1024)
def zone_or_none(name: str) -> str | None:
    """The IANA zone of that name (trimmed), or None when there is no such zone."""
    try:
        return ZoneInfo(name.strip()).key
    except (ValueError, OSError, LookupError):
        return None


def shift(instant: int, n: int, unit: str, zone: str) -> int:
    """`instant` moved by n units (n may be negative); months and years by the calendar in `zone`,
    clamped to the month's end. Beyond the years 1 to 9999: FOREVER."""
    if unit in _FIXED:
        return instant + n * _FIXED[unit]
    local = from_ms(_clamp(instant)).astimezone(ZoneInfo(zone))
    months = n * (12 if unit == "year" else 1)
    if not 12 <= local.year * 12 + local.month - 1 + months < 120_000:
        return FOREVER if n > 0 else -FOREVER
    moved = _month(local.date(), months)
    naive = datetime.combine(moved, local.time())
    return _instant_of(naive, zone)


def _month(day: date, months: int) -> date:
    """`day` moved by months, clamped to the month's end and to the years 1 to 9999."""
    index = min(max(day.year * 12 + day.month - 1 + months, 12), 9999 * 12 + 11)
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _clamp(instant: int) -> int:
    return min(max(instant, (_FIRST_DAY) * DAY), _LAST_DAY * DAY)


def _instant_of(naive: datetime, zone: str) -> int:
    """The first instant that shows this local time; in a gap, the instant of the jump's far side
    as the earlier offset counts it."""
    return to_ms(naive.replace(tzinfo=ZoneInfo(zone), fold=0))


def midnight(day: int, zone: str) -> int:
    """The first instant of the local day (days since 1970) in `zone`."""
    return _midnight(min(max(day, _FIRST_DAY), _LAST_DAY), zone)


@lru_cache(maxsize=65536)
def _midnight(day: int, zone: str) -> int:
    naive = datetime.combine(date.fromordinal(day + EPOCH), datetime.min.time())
    first = to_ms(naive.replace(tzinfo=ZoneInfo(zone), fold=0))
    if local_day(first, zone) == day and local_day(first - 1, zone) < day:
        return first
    return _first_instant(day, first, zone)


def _first_instant(day: int, near: int, zone: str) -> int:
    """By bisection, for days whose midnight does not exist or comes twice."""
    low, high = near - DAY, near + DAY
    while high - low > 1:
        middle = (low + high) // 2
        if local_day(middle, zone) < day:
            low = middle
        else:
            high = middle
    return high


def local_day(instant: int, zone: str) -> int:
    """The local date of an instant, as days since 1970."""
    return from_ms(_clamp(instant)).astimezone(ZoneInfo(zone)).toordinal() - EPOCH


def unit_start(day: int, unit: str) -> int:
    """The first day of the calendar unit that holds `day`."""
    when = date.fromordinal(day + EPOCH)
    match unit:
        case "day":
            first = when
        case "week":
            first = when - timedelta(days=when.weekday())
        case "month":
            first = when.replace(day=1)
        case "quarter":
            first = when.replace(month=(when.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            first = when.replace(month=1, day=1)
        case _:
            raise ValueError(unit)
    return first.toordinal() - EPOCH


def move_units(start: int, n: int, unit: str) -> int:
    """The first day of the unit n units after the one that starts at day `start`."""
    match unit:
        case "day":
            return start + n
        case "week":
            return start + 7 * n
        case _:
            months = {"month": 1, "quarter": 3, "year": 12}[unit] * n
            return _month(date.fromordinal(start + EPOCH), months).toordinal() - EPOCH


def date_start(text: str, zone: str) -> int:
    """start(D) of a date or instant as written in a definition."""
    return parse_instant(text) if "T" in text else midnight(_day(text), zone)


def date_end(text: str, zone: str) -> int:
    """end(D): of a date the next local midnight, of an instant itself."""
    return parse_instant(text) if "T" in text else midnight(_day(text) + 1, zone)


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH


class ZoneSpans(NamedTuple):
    """Stretches of constant UTC offset: `starts[i] <= t < starts[i + 1]` has `offsets[i]`."""

    starts: list[int]
    offsets: list[int]

    def offset(self, instant: int) -> int:
        return self.offsets[bisect_right(self.starts, instant) - 1]


def spans(zone: str, first: int, last: int) -> ZoneSpans:
    """The offsets of `zone` from `first` to `last`."""
    starts, offsets = _all_spans(zone)
    if last > _YEAR_2100:
        later = _walk(zone, _YEAR_2100, last)
        starts, offsets = starts + later.starts[1:], offsets + later.offsets[1:]
    low, high = max(bisect_right(starts, first) - 1, 0), max(bisect_right(starts, last), 1)
    return ZoneSpans([min(first, starts[low]), *starts[low + 1 : high]], offsets[low:high])


@lru_cache(maxsize=512)
def _all_spans(zone: str) -> ZoneSpans:
    """All transitions from before the zone had any rule to 2100."""
    return _walk(zone, _YEAR_1840, _YEAR_2100)


def _walk(zone: str, first: int, last: int) -> ZoneSpans:
    """Transitions found by weekly steps and bisection."""
    info = ZoneInfo(zone)

    def offset(instant: int) -> int:
        delta = from_ms(_clamp(instant)).astimezone(info).utcoffset() or timedelta()
        return delta.days * DAY + delta.seconds * 1_000

    starts, offsets = [first], [offset(first)]
    at = first
    while at < last:
        following = min(at + WEEK, last)
        if offset(following) != offsets[-1]:
            low, high = at, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
            starts.append(high)
            offsets.append(offset(high))
            at = high
        else:
            at = following
    return ZoneSpans(starts, offsets)
