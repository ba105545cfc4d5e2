"""What a metric is called and what its numbers are: for files that people open elsewhere.

In the words of the segment language: `count of "Signed In" within last 30 days [events]`.
"""

from typing import Literal, NamedTuple, assert_never

from lettershop.language.text.render import where
from lettershop.language.text.render_events import names
from lettershop.language.text.render_values import value_test, window_text
from lettershop.language.tree import Step
from lettershop.language.words import plural, quote, write_duration, write_field
from lettershop.model.catalog import Catalog
from lettershop.planning.frame import field_type
from lettershop.planning.metrics import (
    AnyMetric,
    DistinctMetric,
    EdgeTest,
    EventMetric,
    FieldExtreme,
    FieldHeld,
    FieldScope,
    FieldTest,
    FieldThen,
    FieldValue,
    RecordMetric,
    Rows,
    SameValueMetric,
    SegmentTime,
    SequenceMetric,
    grain_of,
)

Kind = Literal["count", "number", "time", "date", "truth"]
"""Counts are whole; numbers are stored in micro-units, times in milliseconds since 1970 UTC, dates
in days since then, truths as 0 and 1."""


class Named(NamedTuple):
    """`unit`: of the values in a file: `events`, `days`, `EUR`, `time (UTC)`; empty for a plain
    number or a truth."""

    text: str
    kind: Kind
    unit: str = ""

    @property
    def title(self) -> str:
        return f"{self.text} [{self.unit}]" if self.unit else self.text


def named(metric: AnyMetric, catalog: Catalog) -> Named:
    """Metrics of accounts and of pairs say so, where others of contacts may stand beside them."""
    found = _named(metric, catalog)
    match metric:
        case FieldValue() | FieldTest() | FieldThen() | FieldExtreme() | FieldHeld():
            return found  # the field says whose it is
        case _:
            whose = {"contact": "", "account": "account ", "pair": "in this account: "}
            return found._replace(text=whose[grain_of(metric)] + found.text)


def _named(metric: AnyMetric, catalog: Catalog) -> Named:
    match metric:
        case FieldValue(scope, field):
            return _field_value(scope, field, catalog)
        case FieldTest(scope, test):
            return Named(_prefix(scope) + value_test(test), "truth")
        case FieldThen(scope, field, duration):
            text = f"{_path(scope, field)} {write_duration(duration)} ago"
            return Named(text, "number")
        case FieldExtreme(scope, field, which, window):
            return Named(f"{which} {_path(scope, field)} {window_text(window)}", "number")
        case FieldHeld(scope, test, duration):
            text = f"{_prefix(scope)}{value_test(test)} for at least {write_duration(duration)}"
            return Named(text, "truth")
        case EventMetric():
            return _events(metric)
        case DistinctMetric(_, rows, field):
            what = write_field(field) if field else "days"
            unit = "values" if field else "days"
            return Named(f"count of different {what} over {_rows(rows)}", "count", unit)
        case SameValueMetric(_, rows, field):
            text = f"most of {_rows(rows)} with the same {write_field(field)}"
            return Named(text, "count", "events")
        case EdgeTest(_, rows, edge, test):
            return Named(f"{edge} {value_test(test)} over {_rows(rows)}", "truth")
        case SequenceMetric(_, first, steps, without):
            lacking = f" without {names(without)} between" if without else ""
            return Named(f"{_rows(first)}{''.join(map(_step, steps))}{lacking}", "truth")
        case RecordMetric():
            return _records(metric)
        case SegmentTime(_, segment, move):
            said = "in segment {} since" if move == "stayed" else f"last {move} segment {{}}"
            return Named(said.format(quote(segment)), "time", "UTC")
        case _:
            assert_never(metric)


def _field_value(scope: FieldScope, field: str, catalog: Catalog) -> Named:
    text = _path(scope, field)
    match field_type(catalog, scope, field):
        case "time":
            return Named(text, "time", "UTC")
        case "date":
            return Named(text, "date")
        case _:
            return Named(text, "number")


def _events(metric: EventMetric) -> Named:
    over = _rows(metric.rows)
    amount = write_field(metric.field) if metric.field else ""
    unit = metric.currency or ""
    match metric.function:
        case "count":
            return Named(f"count of {over}", "count", "events")
        case "known":
            return Named(f"count of known {amount} over {over}", "count", "events")
        case "sum" | "minimum" | "maximum":
            return Named(f"{metric.function} of {amount} over {over}", "number", unit)
        case "first" | "last":
            return Named(f"{metric.function} {over}", "time", "UTC")
        case _:
            assert_never(metric.function)


def _records(metric: RecordMetric) -> Named:
    over = f"{plural(metric.kind)}{where(metric.where)}"
    amount = write_field(metric.field) if metric.field else ""
    match metric.function:
        case "count":
            return Named(f"count of {over}", "count", "records")
        case "known":
            return Named(f"count of known {amount} over {over}", "count", "records")
        case "sum" | "minimum" | "maximum":
            text = f"{metric.function} of {amount} over {over}"
            return Named(text, "number", metric.currency or "")
        case _:
            assert_never(metric.function)


def _rows(rows: Rows) -> str:
    when = f" {window_text(rows.window)}" if rows.window is not None else ""
    return f"{names(rows.names)}{when}{where(rows.where)}"


def _step(step: Step) -> str:
    gap = f" within {write_duration(step.gap)}" if step.gap is not None else ""
    return f" then {names(step.names)}{gap}{where(step.where)}"


def _prefix(scope: FieldScope) -> str:
    return "" if scope == "contact" else f"{scope}."


def _path(scope: FieldScope, field: str) -> str:
    return _prefix(scope) + write_field(field)
