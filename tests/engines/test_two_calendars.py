"""The referee and the planner each have a calendar of their own: they agree, above all in the hours
around a change of the clock, where a local time comes twice or not at all."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, sampled_from

from lettershop.engines.referee.calendar import midnight as said_midnight, plus
from lettershop.language.tree import Duration
from lettershop.model.clock import DAY, HOUR, MINUTE, format_instant, parse_instant
from lettershop.planning.calendar import EPOCH, midnight, shift, spans

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
)
CHANGES = {
    zone: spans(zone, parse_instant("1990-01-01T00:00Z"), parse_instant("2035-01-01T00:00Z")).starts
    for zone in ZONES
}


@settings(max_examples=1000, deadline=None)
@given(
    zone=sampled_from(ZONES),
    change=integers(0, 10_000),
    away=integers(-26 * 60, 26 * 60),
    n=integers(1, 400),
    unit=sampled_from(["month", "year"]),
    sign=sampled_from([1, -1]),
)
def test_a_duration_later(zone: str, change: int, away: int, n: int, unit: str, sign: int) -> None:
    starts = CHANGES[zone]
    instant = starts[change % len(starts)] + away * MINUTE
    count = n % 30 if unit == "year" else n
    duration = Duration(count, unit)  # type: ignore[arg-type]
    assert shift(instant, sign * count, unit, zone) == plus(instant, duration, ZoneInfo(zone), sign)


@settings(max_examples=500, deadline=None)
@given(zone=sampled_from(ZONES), change=integers(0, 10_000), days=integers(-2, 2))
def test_the_start_of_a_day(zone: str, change: int, days: int) -> None:
    starts = CHANGES[zone]
    day = starts[change % len(starts)] // DAY + days
    assert midnight(day, zone) == said_midnight(day + EPOCH, ZoneInfo(zone))


@pytest.mark.parametrize("fold", [0, 1])
def test_from_an_hour_that_comes_twice(fold: int) -> None:
    """26 October: 02:30 came twice in Berlin in 2014 and in 2025; the first counts."""
    later = parse_instant("2025-10-26T00:30Z") + fold * HOUR
    assert format_instant(shift(later, -11, "year", "Europe/Berlin")) == "2014-10-26T00:30Z"
