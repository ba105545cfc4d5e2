"""Current values: the fields of contacts, accounts and memberships, and records."""

from sqlglot import exp

from lettershop.model.clock import DAY
from lettershop.planning.aggregates import FUNCTION, scaled
from lettershop.planning.metrics import (
    FieldScope,
    FieldTest,
    FieldValue,
    RecordMetric,
)
from lettershop.planning.predicates import holds
from lettershop.planning.query import Output, Query
from lettershop.planning.sources import (
    KEYS,
    Context,
    among,
    amount,
    col,
    join_rate_of,
    join_zone,
    maybe,
    micros,
    not_null,
    only,
    table,
    value_of,
    where_sight,
)
from lettershop.planning.zones import days_to_date, integer, needs_local


def current(scope: FieldScope, metrics: list[FieldTest | FieldValue], context: Context) -> Query:
    """One scan of the current values for all tests of one scope."""
    key = "people" if scope == "membership" else scope
    sql = exp.select(exp.alias_(col("id", "c"), key, quoted=True, copy=False))
    sql = sql.from_(table(context.current[scope], "c"), copy=False)
    if context.only:
        few = "only_pair" if scope == "membership" else f"only_{scope}"
        sql = sql.where(among(col("id", "c"), few), copy=False)
    outputs = []
    for number, metric in enumerate(metrics):
        name = f"m{number}"
        sql = sql.select(
            exp.alias_(_current_value(metric, context), name, quoted=True, copy=False), copy=False
        )
        outputs.append(Output(metric, name, "set"))
    return Query(sql, (key,), tuple(outputs))


def _current_value(metric: FieldTest | FieldValue, context: Context) -> exp.Expr:
    fields = context.fields(metric.scope)
    if isinstance(metric, FieldTest):
        truth = holds(metric.test, where_sight(fields, "c", context.clock()))
        return exp.Coalesce(this=exp.paren(truth, copy=False), expressions=[exp.false()])
    value = value_of(fields, metric.field, "c")
    match value:
        case (sql, "number"):
            return micros(sql)
        case (sql, "time"):
            return sql
        case (sql, "date"):
            return exp.paren(sql - days_to_date(0), copy=False)
        case _:
            return exp.cast(exp.Null(), "bigint")


def records(metric: RecordMetric, context: Context) -> exp.Query | None:
    info = context.catalog.records.get(metric.kind)
    if info is None:
        return None
    field = info.fields.get(metric.field)
    if metric.function != "count" and (field is None or field.type != "number"):
        return None
    key = KEYS[metric.grain][0]
    sql = exp.select(col(key, "r")).from_(
        table(context.current[f"record:{metric.kind}"], "r"), copy=False
    )
    joined = len(context.zones) > 1 and needs_local(metric.where)
    if joined:
        sql = join_zone(sql, metric.grain, "r", context)
    value: exp.Expr = exp.Count(this=exp.Star())
    if metric.function != "count" and field is not None:
        amounts: exp.Expr = col(field.column, "r")
        if metric.currency is not None:
            amounts, own = amount(field, info.fields, "r", metric.currency)
            sql = join_rate_of(sql, own, metric.currency, context.as_of // DAY)
        value = FUNCTION[metric.function](this=amounts)
    sight = where_sight(info.fields, "r", context.clock("z" if joined else None))
    return (
        sql.select(exp.alias_(scaled(metric, value), "m", quoted=True, copy=False), copy=False)
        .where(
            not_null(key, "r"),
            *only(metric.grain, "r", context),
            col("known_since", "r") <= integer(context.as_of),
            exp.Not(this=exp.Coalesce(this=col("deleted", "r"), expressions=[exp.false()])),
            *maybe(metric.where, sight),
            copy=False,
        )
        .group_by(col(key, "r"), copy=False)
    )
