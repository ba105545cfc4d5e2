"""Numbers, durations, windows and counts that make no sense."""

from typing import assert_never

from lettershop.language import tree as t
from lettershop.language.checking.findings import Desk
from lettershop.language.dates import date_problem
from lettershop.language.words import number_problem, write_duration
from lettershop.model.values import ValueType

DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "month": 30, "quarter": 91}
DAYS |= {"year": 365}
MAX_DAYS = 200 * 365
MAX_COUNT = 10**9


def number(desk: Desk, value: object, node: object, part: str = "value") -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if problem := number_problem(value):
        desk.error("value.number", f"{str(value)[:24]}: {problem}", node, part)


def ordered(desk: Desk, low: float, high: float, node: object) -> None:
    number(desk, low, node)
    number(desk, high, node)
    if low > high:
        message = "nothing lies between a larger and a smaller number"
        hint = f"between {str(high)[:24]} and {str(low)[:24]}"
        desk.error("value.reversed", message, node, "value", hint)


def duration(desk: Desk, node: t.Duration) -> None:
    _length(desk, node.n, node.unit, node)


def _length(desk: Desk, n: int, unit: str, node: object) -> None:
    if n < 1:
        desk.error("window.too_short", f"{n} {unit}s is no time at all", node, hint=f"1 {unit}")
    elif n * DAYS[unit] > MAX_DAYS:
        desk.error("window.too_long", f"that many {unit}s are more than 200 years", node)


def window(desk: Desk, node: t.FieldWindow, kind: ValueType = "time") -> None:
    """`kind`: the type of the field it is applied to; events have times."""
    match node:
        case t.Last(length) | t.Next(length) | t.Ago(length):
            duration(desk, length)
            if kind == "date" and length.unit in ("minute", "hour"):
                message = f"a date has no hours: {write_duration(length)} counts from midnight"
                desk.warn("window.too_fine", message, node, hint="use days")
        case t.Between(start, end):
            if _good(desk, node, start) and _good(desk, node, end) and start[:10] > end[:10]:
                message = f"nothing lies between {start} and {end}"
                desk.error("window.reversed", message, node, hint=f"between {end} and {start}")
        case t.Before(date) | t.After(date):
            _good(desk, node, date)
        case t.On(date):
            _good(desk, node, date, day=True)
        case t.Today():
            pass
        case t.LastCalendar(n, unit) | t.NextCalendar(n, unit):
            _length(desk, n, unit, node)
        case _:
            assert_never(node)


def _good(desk: Desk, node: object, date: str, *, day: bool = False) -> bool:
    problem, hint = date_problem(date, day=day)
    if problem:
        desk.error("language.bad_date", problem, node, hint=hint)
    return not problem


def count(desk: Desk, how: t.Count, n: float, node: object) -> None:
    """A number of times, days, people or records."""
    least = 1 if how in ("at least", "fewer than") else 0
    if n < least:
        answer = "always" if how == "at least" else "never"
        message = f"{how} {str(n)[:24]} is {answer} true"
        desk.error("count.pointless", message, node, "value", f"{how} {least}")
    elif n > MAX_COUNT or n != int(n):
        desk.error("count.number", f"{str(n)[:24]} is not a count", node, "value", f"{how} 1")


def percent(desk: Desk, value: float, node: object, *, zero: bool) -> None:
    number(desk, value, node)
    if not (0 <= value <= 100) or (value == 0 and not zero):
        message = f"{str(value)[:24]}% is not a share"
        desk.error("value.percent", message, node, "value", "0% to 100%")
