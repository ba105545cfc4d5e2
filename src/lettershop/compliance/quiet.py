"""Quiet hours and holidays, in the recipient's own time. Pure; public holidays by `holidays`."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from lettershop.compliance.rules import Quiet
from lettershop.model.clock import from_ms, to_ms

DAY_MINUTES: Final = 24 * 60
LONGEST: Final = 60
"""Days to look ahead; a law of holidays that fills them all would be one."""
_KNOWN = holidays.list_supported_countries()


def quiet_until(quiet: Quiet, zone: ZoneInfo, country: str, at: int) -> int | None:
    """When letters may go again, in ms; None when it is not quiet at `at`. `country`: ISO 3166, ""
    for unknown; its national holidays only, regions are not known."""
    moment = at
    for _ in range(2 * LONGEST):
        end = _end_of_quiet(quiet, zone, country, moment)
        if end is None:
            return moment if moment > at else None
        moment = end
    return moment


class QuietTimes:
    """Quiet times of many recipients, who share few zones and countries. `day`: the workspace's
    calendar day at `at`: its first instant, and the next one's."""

    def __init__(self, zone: str, at: int) -> None:
        self._zone = zone
        self._found: dict[tuple[int, str, str, int], int | None] = {}
        self.day = start_of_day(zone_of("", zone), at)

    def until(self, quiet: Quiet | None, zone: str, country: str, at: int) -> int | None:
        """As `quiet_until`."""
        if quiet is None:
            return None
        key = (id(quiet), zone, country, at)
        if key not in self._found:
            place = zone_of(zone, self._zone)
            self._found[key] = quiet_until(quiet, place, country.upper(), at)
        return self._found[key]


@lru_cache(maxsize=1_000)
def zone_of(name: str, otherwise: str) -> ZoneInfo:
    """The recipient's zone, or the workspace's where theirs is unknown or none."""
    for one in (name, otherwise):
        try:
            return ZoneInfo(one)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def start_of_day(zone: ZoneInfo, at: int) -> tuple[int, int]:
    """The first instant of the calendar day that `at` is in, and of the next, in ms."""
    day = from_ms(at).astimezone(zone).date()
    return _instant(day, 0, zone), _instant(day + timedelta(days=1), 0, zone)


def _end_of_quiet(quiet: Quiet, zone: ZoneInfo, country: str, at: int) -> int | None:
    """The end of the quiet stretch that `at` is in, which another may follow."""
    local = from_ms(at).astimezone(zone)
    if local.weekday() in quiet.days or (quiet.holidays and _is_holiday(country, local.date())):
        return _instant(local.date() + timedelta(days=1), 0, zone)
    minute = local.hour * 60 + local.minute
    if quiet.start < quiet.end:
        inside = quiet.start <= minute < quiet.end
        return _later(local.date(), quiet.end, zone, at) if inside else None
    if quiet.start == quiet.end:
        return None
    if minute >= quiet.start:
        return _later(local.date() + timedelta(days=1), quiet.end, zone, at)
    return _later(local.date(), quiet.end, zone, at) if minute < quiet.end else None


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    local = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return to_ms(local)


def _later(day: date, minute: int, zone: ZoneInfo, at: int) -> int:
    """That time of day, and always after `at`: a clock put back says some times twice."""
    found = _instant(day, minute, zone)
    return found if found > at else to_ms(from_ms(found) + timedelta(hours=1))


@lru_cache(maxsize=10_000)
def _is_holiday(country: str, day: date) -> bool:
    return country in _KNOWN and day in holidays.country_holidays(country, years=day.year)
