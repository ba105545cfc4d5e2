"""Narrow rows for metrics that look at values: `k` (dense id), `v` (an integer), perhaps `ts`.

Like `readings.py`, for engines that group by themselves: different and same values, the last value
before a moment, and whether a first or last value passes a test. Each gives None where the shape
in SQL (`shapes.py`, `histories.py`) has to be taken.
"""

from typing import TypeAlias

from sqlglot import exp

from lettershop.language.tree import ValueTest
from lettershop.planning.histories import few, writes
from lettershop.planning.metrics import (
    DistinctMetric,
    EdgeTest,
    FieldThen,
    Grain,
    SameValueMetric,
)
from lettershop.planning.predicates import Sight, Value, compared, holds
from lettershop.planning.sources import KEYS, Context, col, event_rows, micros, property_type
from lettershop.planning.windows import back
from lettershop.planning.zones import needs_local

ValueMetric: TypeAlias = DistinctMetric | SameValueMetric
EdgeMetric: TypeAlias = EdgeTest | FieldThen


def value_rows(metric: ValueMetric, context: Context) -> exp.Select | None:
    """One row per event: equal values have equal `v`."""
    if metric.grain == "pair":
        return None
    field = metric.field or None
    rows = event_rows(metric.rows, metric.grain, context, field, day=field is None)
    if rows is None:
        return None
    kind = property_type(metric.rows, field, context) if field else "time"
    match kind:
        case "text":
            return _coded(rows, metric.grain)
        case "number":
            return keyed(rows, metric.grain, micros(col("v", "s")))
        case "time" | "boolean":
            whole = exp.Cast(this=col("v", "s"), to=exp.DataType.build("bigint"))
            return keyed(rows, metric.grain, whole)
        case _:
            return None


def edge_rows(metric: EdgeMetric, context: Context) -> exp.Select | None:
    """One row per known value (per write, for a field) with its `ts`."""
    match metric:
        case EdgeTest():
            return _tested(metric, context)
        case FieldThen(scope=scope, field=field, duration=duration):
            info = None if scope == "membership" else context.fields(scope).get(field)
            if info is None or info.type != "number":
                return None
            moment = back(duration, context.as_of, context.settings.timezone)
            history = f"{scope}_history"
            sql = writes(history, field, moment, context.as_of, few(scope, context))
            key = exp.Cast(this=col("subject", "h"), to=exp.DataType.build("int"))
            return sql.select(
                _named(key, "k"), col("ts", "h"), _named(micros(col("number", "h")), "v")
            )


def _tested(metric: EdgeTest, context: Context) -> exp.Select | None:
    field, test = metric.test.field, metric.test
    kind = property_type(metric.rows, field, context)
    if metric.grain == "pair" or kind is None or _local(test, context):
        return None
    rows = event_rows(metric.rows, metric.grain, context, field)
    if rows is None:
        return None
    value = Value(col("v", "s"), kind)
    passes = exp.Coalesce(
        this=exp.paren(holds(test, Sight(lambda _: value, context.clock()))),
        expressions=[exp.false()],
    )
    return keyed(rows, metric.grain, passes).select(col("ts", "s"), copy=False)


def _local(test: ValueTest, context: Context) -> bool:
    return len(context.zones) > 1 and needs_local(test)


def keyed(rows: exp.Query, grain: Grain, value: exp.Expr) -> exp.Select:
    """`k` and `v` of rows, which are called `s` in `value`."""
    key = exp.Cast(this=col(KEYS[grain][0], "s"), to=exp.DataType.build("int"))
    return exp.select(_named(key, "k"), _named(value, "v")).from_(
        rows.subquery("s", copy=False), copy=False
    )


def _coded(rows: exp.Query, grain: Grain) -> exp.Select:
    """Texts by number. The few different texts are folded, not every row's."""
    different = exp.select(col("v", "r")).from_(rows.copy().subquery("r")).distinct()
    number = exp.Window(
        this=exp.func("dense_rank"),
        order=exp.Order(expressions=[exp.Ordered(this=compared(Value(col("v", "d"), "text")))]),
    )
    codes = exp.select(col("v", "d"), _named(number, "code")).from_(different.subquery("d"))
    return keyed(rows, grain, col("code", "c")).join(
        codes.subquery("c"), on=col("v", "c").eq(col("v", "s"))
    )


def _named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name, quoted=True)
