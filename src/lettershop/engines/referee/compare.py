"""Tests of one value: of a field, a property inside `where`, or a value it once had.

A missing value makes a positive test false; a negative test is the complement of its positive one.
"""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from math import asin, cos, radians, sin, sqrt
from typing import assert_never

import re2

from lettershop.engines.referee.calendar import Calendar, anniversary, local_date
from lettershop.engines.referee.moment import Value
from lettershop.language.tree import (
    And,
    Anniversary,
    Compare,
    Condition,
    Count,
    DateTest,
    Includes,
    IsKnown,
    Matches,
    Near,
    Not,
    OneOf,
    Or,
    Scalar,
    ValueTest,
    Within,
)
from lettershop.model.errors import UsageError
from lettershop.model.values import MICRO, WHITESPACE, Known, ValueType, clean, coerce, fold

Read = Callable[[str], Value]
"""The value of a field, by its name."""

NEGATIVE = {
    "!=": "=",
    "does not contain": "contains",
    "does not start with": "starts with",
    "does not end with": "ends with",
}
EARTH_KM = 6371.0088
LAST_YEAR = 9998


def where_holds(where: Condition | None, read: Read, calendar: Calendar) -> bool:
    """Whether one event or record passes; all tests are about that same one."""
    match where:
        case None:
            return True
        case And(parts=parts):
            return all(where_holds(part, read, calendar) for part in parts)
        case Or(parts=parts):
            return any(where_holds(part, read, calendar) for part in parts)
        case Not(part=part):
            return not where_holds(part, read, calendar)
        case (
            Compare()
            | Within()
            | OneOf()
            | Includes()
            | Matches()
            | IsKnown()
            | DateTest()
            | Anniversary()
            | Near()
        ):
            return test_holds(where, read(where.field), calendar)
        case _:
            raise UsageError("where.test", f"a where holds tests of values, not “{where}”")


def test_holds(test: ValueTest, value: Value, calendar: Calendar) -> bool:
    known = value.known
    match test:
        case Compare(op=op) if op in NEGATIVE:
            return not (known is not None and compare(NEGATIVE[op], test, value, known))
        case Compare(op=op):
            return known is not None and compare(op, test, value, known)
        case Within(low=low, high=high, negated=negated):
            inside = (
                isinstance(known, int)
                and value.kind == "number"
                and micros(low) <= known <= micros(high)
            )
            return inside is not negated
        case OneOf(values=values, exact=exact, negated=negated):
            found = known is not None and any(equal(value, v, exact) for v in values)
            return found is not negated
        case Includes(how=how, values=values):
            return includes(how, members_of(known), {fold(v) for v in values})
        case Matches(pattern=pattern, negated=negated):
            found = isinstance(known, str) and matches(pattern, known)
            return found is not negated
        case IsKnown(negated=negated):
            return (known is not None) is not negated
        case DateTest(window=window):
            instant = instant_of(value, calendar)
            start, end = calendar.interval(window)
            return instant is not None and start <= instant < end
        case Anniversary():
            return has_anniversary(test, value, calendar)
        case Near(km=km, latitude=latitude, longitude=longitude):
            place = position(known)
            return place is not None and distance_km(place, (latitude, longitude)) <= km
        case _:
            assert_never(test)


def compare(op: str, test: Compare, value: Value, known: Known) -> bool:
    """A positive operator on a known value: order is for numbers, parts are for texts."""
    if op == "=":
        return equal(value, test.value, test.exact)
    if op in ("<", "<=", ">", ">="):
        limit = literal(test.value, "number", exact=False) if value.kind == "number" else None
        return isinstance(known, int) and isinstance(limit, int) and by_size(known, op, limit)
    part = literal(test.value, "text", test.exact)
    if not isinstance(known, str) or not isinstance(part, str):
        return False
    whole = clean(known) if test.exact else fold(known)
    match op:
        case "contains":
            return part in whole
        case "starts with":
            return whole.startswith(part)
        case "ends with":
            return whole.endswith(part)
        case _:
            raise UsageError("operator.unknown", f"there is no operator “{op}”")


def equal(value: Value, wanted: Scalar, exact: bool) -> bool:
    """Of one type and the same; texts in the form in which they are compared."""
    known = value.known
    mine = known if not isinstance(known, str) else clean(known) if exact else fold(known)
    theirs = literal(wanted, value.kind, exact)
    return theirs is not None and mine == theirs


def literal(wanted: Scalar, kind: ValueType, exact: bool) -> Known | None:
    """A written value as it is compared with a field of that type; None: not of that type."""
    match wanted:
        case bool():
            return wanted if kind == "boolean" else None
        case str():
            form = clean(wanted) if exact else fold(wanted)
            return form if kind == "text" else None
        case int() | float():
            return micros(wanted) if kind == "number" else None
        case _:
            assert_never(wanted)


def by_size(a: int, op: str, b: int) -> bool:
    if a == b:
        return "=" in op
    smaller = a < b
    return op.startswith("<") if smaller else op.startswith(">")


def by_count(count: Count, number: int | Fraction, n: int | Fraction) -> bool:
    match count:
        case "at least":
            return number >= n
        case "more than":
            return number > n
        case "exactly":
            return number == n
        case "at most":
            return number <= n
        case "fewer than":
            return number < n
        case _:
            assert_never(count)


def members_of(known: Known | None) -> set[str]:
    """The folded members of a list; none of anything else."""
    parts = known if isinstance(known, tuple) else ()
    return {fold(part) for part in parts if isinstance(part, str)}


def position(known: Known | None) -> tuple[float, float] | None:
    match known:
        case (float() as latitude, float() as longitude):
            return latitude, longitude
        case _:
            return None


def includes(how: str, members: set[str], wanted: set[str]) -> bool:
    match how:
        case "any":
            return bool(members & wanted)
        case "all":
            return bool(members) and wanted <= members
        case _:
            return not members & wanted


def matches(pattern: str, text: str) -> bool:
    options = re2.Options()
    options.case_sensitive = False
    return re2.search(pattern, text.strip(WHITESPACE), options) is not None


def instant_of(value: Value, calendar: Calendar) -> int | None:
    """A time as it is; a date at its local midnight; else None."""
    if value.kind == "time" and isinstance(value.known, int):
        return value.known
    return calendar.start_of_day(value.known) if isinstance(value.known, date) else None


def has_anniversary(test: Anniversary, value: Value, calendar: Calendar) -> bool:
    instant, known = instant_of(value, calendar), value.known
    if instant is None:
        return False
    day = known if isinstance(known, date) else local_date(instant, calendar.zone)
    today = calendar.today()
    if test.within is None:
        return day.year < today.year and anniversary(day, today.year) == today
    end = calendar.ahead(test.within)
    last = LAST_YEAR if end > calendar.start_of_day(date(LAST_YEAR, 12, 31)) else 0
    last = last or local_date(end, calendar.zone).year
    return any(
        calendar.as_of < calendar.start_of_day(anniversary(day, year)) <= end
        for year in range(max(day.year + 1, today.year), last + 1)
    )


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great circle on a sphere."""
    north, east = radians(b[0] - a[0]), radians(b[1] - a[1])
    half = sin(north / 2) ** 2 + cos(radians(a[0])) * cos(radians(b[0])) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def micros(number: int | float) -> int:
    """The exact micro-units of a number as written."""
    found = coerce(number, "number")
    return found if isinstance(found, int) else (10**18 if number > 0 else -(10**18)) * MICRO
