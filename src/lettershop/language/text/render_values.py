"""Tests of one value, and windows, as text."""

import re
from typing import assert_never

from lettershop.language import tree as t
from lettershop.language.words import counted, quote, write_duration, write_field, write_number

_SLASHED = re.compile(r"([^/\\\n]|\\[^\n])+")


def literal(value: t.Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case _:
            return write_number(value)


def _list(values: tuple[t.Scalar, ...]) -> str:
    return f"({', '.join(map(literal, values))})"


def value_test(node: t.ValueTest) -> str:
    return f"{write_field(node.field)} {tail(node)}"


def tail(node: t.ValueTest) -> str:
    """The test without its field."""
    match node:
        case t.Compare(_, op, value, exact):
            return f"{op} {'exactly ' if exact else ''}{literal(value)}"
        case t.Within(_, low, high, negated):
            ends = f"{write_number(low)} and {write_number(high)}"
            return f"{'not ' if negated else ''}between {ends}"
        case t.OneOf(_, values, negated, exact):
            exactly = "exactly " if exact else ""
            return f"{'not ' if negated else ''}in {exactly}{_list(values)}"
        case t.Includes(_, how, values):
            return f"include {how} of {_list(values)}"
        case t.Matches(_, expression, negated):
            return f"{'does not match' if negated else 'matches'} {pattern(expression)}"
        case t.IsKnown(_, negated):
            return "is unknown" if negated else "is known"
        case t.DateTest(_, t.Today()):
            return "is today"
        case t.DateTest(_, window):
            return window_text(window)
        case t.Anniversary(_, None):
            return "has its anniversary today"
        case t.Anniversary(_, within):
            span = write_duration(within) if within is not None else ""
            return f"has its anniversary within next {span}"
        case t.Near(_, km, latitude, longitude):
            point = f"({write_number(latitude)}, {write_number(longitude)})"
            return f"within {write_number(km)} km of {point}"
        case _:
            assert_never(node)


def pattern(expression: str) -> str:
    r"""`/…/` with \/ for a slash; in quotes where slashes could not say it exactly."""
    slashed = expression.replace("/", r"\/")
    if r"\/" not in expression and _SLASHED.fullmatch(slashed):
        return f"/{slashed}/"
    return quote(expression)


def window_text(window: t.FieldWindow) -> str:
    match window:
        case t.Last(duration):
            return f"within last {write_duration(duration)}"
        case t.Next(duration):
            return f"within next {write_duration(duration)}"
        case t.Ago(duration):
            return f"more than {write_duration(duration)} ago"
        case t.Between(start, end):
            return f"between {start} and {end}"
        case t.Before(date):
            return f"before {date}"
        case t.After(date):
            return f"after {date}"
        case t.On(date):
            return f"on {date}"
        case t.Today():
            return "today"
        case t.LastCalendar(n, unit):
            return f"within last {n} calendar {counted(n, unit).split()[1]}"
        case t.NextCalendar(n, unit):
            return f"within next {n} calendar {counted(n, unit).split()[1]}"
        case _:
            assert_never(window)
