"""Counts, sums and edges of one event table, for all metrics that want it, in one GROUP BY."""

from sqlglot import exp

from lettershop.model.catalog import EventInfo, FieldInfo
from lettershop.planning.aggregates import FUNCTION, scaled
from lettershop.planning.metrics import (
    EventMetric,
    Grain,
)
from lettershop.planning.query import Combine, Output, Query
from lettershop.planning.sources import (
    KEYS,
    Context,
    amount,
    col,
    conditions,
    join_rate,
    join_zone,
    not_null,
    only,
    table,
    utc_day,
    visible,
    wants_zone,
)
from lettershop.planning.windows import EVER, bounds
from lettershop.planning.zones import integer


def one_pass(
    info: EventInfo,
    grain: Grain,
    members: list[tuple[EventMetric, list[exp.Expr]]],
    context: Context,
) -> list[Query]:
    """Counts, sums and edges of one table in one GROUP BY."""
    members = [
        m for m in members if m[0].function in ("count", "first", "last") or _field(m[0], info)
    ]
    if not members:
        return []
    joined = any(wants_zone(metric.rows, context) for metric, _ in members)
    clock = context.clock("z" if joined else None)
    asked = [conditions(m.rows, info, clock) + extra for m, extra in members]
    # Of few subjects few rows are left: what is asked of each row comes after finding them.
    common = [] if context.only else [c for c in asked[0] if all(c in o for o in asked)]
    sql = exp.select(*(col(key, "e") for key in KEYS[grain])).from_(
        table(info.table, "e"), copy=False
    )
    if joined:
        sql = join_zone(sql, grain, "e", context)
    outputs = []
    for number, ((metric, _), parts) in enumerate(zip(members, asked, strict=True)):
        value, sql = _aggregate(metric, info, sql, context)
        own = [part for part in parts if part not in common]
        if own:
            value = exp.Filter(this=value, expression=exp.Where(this=exp.and_(*own, copy=False)))
        value = scaled(metric, value)
        sql = sql.select(exp.alias_(value, f"m{number}", quoted=True, copy=False), copy=False)
        outputs.append(Output(metric, f"m{number}", _COMBINE[metric.function]))
    rest = [[part.copy() for part in parts if part not in common] for parts in asked]
    if context.only:
        common = _span(members, context)
    elif all(rest):
        common = [*common, exp.or_(*(exp.and_(*parts, copy=False) for parts in rest), copy=False)]
    sql = sql.where(
        *(not_null(key, "e") for key in KEYS[grain]),
        *visible(info.last_visible, context.as_of, "e"),
        *only(grain, "e", context),
        *common,
        copy=False,
    ).group_by(*(col(key, "e") for key in KEYS[grain]), copy=False)
    return [Query(sql, KEYS[grain], tuple(outputs))]


def _span(members: list[tuple[EventMetric, list[exp.Expr]]], context: Context) -> list[exp.Expr]:
    """From the first to the last instant that counts for any of the metrics, for anybody."""
    of_all = [
        bounds(metric.rows.window, context.as_of, zone, context.settings.timezone)
        for metric, _ in members
        for zone in context.zones
    ]
    lo, hi = min(b.lo for b in of_all), max(b.hi for b in of_all)
    found: list[exp.Expr] = []
    if lo > EVER.lo:
        found.append(col("ts", "e") >= integer(lo))
    if hi < EVER.hi:
        found.append(col("ts", "e") < integer(hi))
    return found


_COMBINE: dict[str, Combine] = {
    "count": "add",
    "sum": "add",
    "known": "add",
    "minimum": "min",
    "maximum": "max",
    "first": "min",
    "last": "max",
}


def _field(metric: EventMetric, info: EventInfo) -> FieldInfo | None:
    found = info.properties.get(metric.field)
    return found if found is not None and found.type == "number" else None


def _aggregate(
    metric: EventMetric, info: EventInfo, sql: exp.Select, context: Context
) -> tuple[exp.Expr, exp.Select]:
    match metric.function:
        case "count":
            return exp.Count(this=exp.Star()), sql
        case "first":
            return exp.Min(this=col("ts", "e")), sql
        case "last":
            return exp.Max(this=col("ts", "e")), sql
        case function:
            field = info.properties[metric.field]
            value, sql = _amount(metric, field, info, sql, context)
            return FUNCTION[function](this=value), sql


def _amount(
    metric: EventMetric, field: FieldInfo, info: EventInfo, sql: exp.Select, context: Context
) -> tuple[exp.Expr, exp.Select]:
    if metric.currency is None:
        return col(field.column, "e"), sql
    value, own = amount(field, info.properties, "e", metric.currency)
    return value, join_rate(sql, own, metric.currency, utc_day(col("ts", "e")), context)
