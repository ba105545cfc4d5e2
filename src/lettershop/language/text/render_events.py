"""Events and measures as text."""

from collections.abc import Callable
from typing import TypeAlias, assert_never

from lettershop.language import tree as t
from lettershop.language.text.render_values import window_text
from lettershop.language.words import plural, quote, write_duration, write_field

Where: TypeAlias = Callable[["t.Condition | None"], str]
"""Writes a `where` with a blank before it, or nothing."""


def names(given: tuple[str, ...]) -> str:
    match given:
        case ():
            return "anything"
        case (only,):
            return quote(only)
        case _:
            return f"any of ({', '.join(map(quote, given))})"


def whose(node: t.Events) -> str:
    return "account " if node.scope == "account" else ""


def events(node: t.Events, where: Where, *, extra: str = "", window: t.Window | None = None) -> str:
    """Names and modifiers in canonical order; `window` where the node itself carries none."""
    span = node.window if window is None else window
    when = f" {window_text(span)}" if span is not None else ""
    here = " in this account" if node.scope == "here" else ""
    return f"{names(node.names)}{extra}{when}{where(node.where)}{here}"


def measure(node: t.Measure, where: Where) -> str:
    match node:
        case t.Number(field):
            return write_field(field)
        case t.CountOf(which, None):
            return f"{whose(which)}count of {events(which, where)}"
        case t.CountOf(which, different):
            what = write_field(different or "")
            return f"{whose(which)}count of different {what} over {events(which, where)}"
        case t.Aggregate(function, field, which, currency):
            amount = write_field(field) + (f" in {currency}" if currency is not None else "")
            return f"{whose(which)}{function} of {amount} over {events(which, where)}"
        case t.RecordAggregate(function, field, kind, scope, test, currency):
            amount = write_field(field) + (f" in {currency}" if currency is not None else "")
            account = "account " if scope == "account" else ""
            return f"{account}{function} of {amount} over {plural(kind)}{where(test)}"
        case t.Extreme(which_end, field, window):
            return f"{which_end} {write_field(field)} {window_text(window)}"
        case t.Change(field, duration):
            return f"change of {write_field(field)} within last {write_duration(duration)}"
        case _:
            assert_never(node)
