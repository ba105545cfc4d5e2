"""Local days and calendar months where clocks jump."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from lettershop.engines.referee.calendar import Calendar, midnight, plus, zone_named
from lettershop.language.tree import Duration, LastCalendar, NextCalendar, On, Today
from lettershop.model.clock import HOUR, format_instant, parse_instant


def day(text: str, zone: str) -> str:
    return format_instant(midnight(date.fromisoformat(text).toordinal(), ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        ("2025-03-30", "Europe/Berlin", "2025-03-29T23:00Z"),
        ("2025-03-31", "Europe/Berlin", "2025-03-30T22:00Z"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00Z"),  # there was no midnight
        ("2025-11-02", "America/Havana", "2025-11-02T04:00Z"),  # midnight came twice
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00Z"),  # a day that never was
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00Z"),
        ("1919-03-31", "America/Toronto", "1919-03-31T04:30Z"),  # 23:30 became 00:30
    ],
)
def test_the_start_of_a_local_day(local: str, zone: str, instant: str) -> None:
    assert day(local, zone) == instant


@pytest.mark.parametrize(
    ("start", "n", "unit", "zone", "end"),
    [
        ("2024-02-29T12:00Z", 1, "year", "UTC", "2025-02-28T12:00Z"),
        ("2025-01-31T12:00Z", 1, "month", "UTC", "2025-02-28T12:00Z"),
        ("2025-02-28T01:30Z", 1, "month", "Europe/Berlin", "2025-03-28T01:30Z"),
        ("2025-02-28T01:30Z", 13, "month", "Europe/Berlin", "2026-03-28T01:30Z"),
        ("2025-01-30T01:30Z", 2, "month", "Europe/Berlin", "2025-03-30T01:30Z"),  # 02:30: skipped
        ("2025-09-26T00:30Z", 1, "month", "Europe/Berlin", "2025-10-26T00:30Z"),  # first 02:30
        ("2025-03-29T12:00Z", 1, "day", "Europe/Berlin", "2025-03-30T12:00Z"),
        ("2025-03-29T12:00Z", 2, "week", "Europe/Berlin", "2025-04-12T12:00Z"),
    ],
)
def test_a_duration_later(start: str, n: int, unit: str, zone: str, end: str) -> None:
    duration = Duration(n, unit)  # type: ignore[arg-type]
    assert format_instant(plus(parse_instant(start), duration, ZoneInfo(zone))) == end


def test_local_days_are_as_long_as_they_are() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring = Calendar(parse_instant("2025-03-30T10:00Z"), berlin, berlin)
    autumn = Calendar(parse_instant("2025-10-26T10:00Z"), berlin, berlin)
    lengths = [end - start for start, end in (spring.interval(Today()), autumn.interval(Today()))]
    assert lengths == [23 * HOUR, 25 * HOUR]
    assert spring.interval(Today()) == autumn.interval(On("2025-03-30"))


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        (LastCalendar(1, "week"), "2025-06-08T22:00Z", "2025-06-15T12:00:00.001Z"),
        (LastCalendar(3, "quarter"), "2024-09-30T22:00Z", "2025-06-15T12:00:00.001Z"),
        (LastCalendar(2, "year"), "2023-12-31T23:00Z", "2025-06-15T12:00:00.001Z"),
        (NextCalendar(1, "week"), "2025-06-15T22:00Z", "2025-06-22T22:00Z"),
        (NextCalendar(7, "month"), "2025-06-30T22:00Z", "2026-01-31T23:00Z"),
    ],
)
def test_calendar_units(window: LastCalendar | NextCalendar, start: str, end: str) -> None:
    sunday = Calendar(
        parse_instant("2025-06-15T12:00Z"), ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
    )
    assert tuple(map(format_instant, sunday.interval(window))) == (start, end)


def test_names_of_zones() -> None:
    assert zone_named(" Europe/Berlin ") == ZoneInfo("Europe/Berlin")
    assert [zone_named(name) for name in ("europe/berlin", "Mars", "../UTC", 7, None)] == [None] * 5
