"""Metrics over the history of a field: what it was, its extremes, and whether a test held."""

from typing import Final

from sqlglot import exp

from lettershop.model.catalog import FieldInfo
from lettershop.model.values import ValueType
from lettershop.planning.metrics import FieldExtreme, FieldHeld, FieldScope, FieldThen
from lettershop.planning.predicates import Sight, Value, holds, on_missing
from lettershop.planning.sources import Context, among, col, join_zone_of, table, to_micros
from lettershop.planning.windows import back, zoned
from lettershop.planning.zones import integer

VALUE_COLUMN: dict[ValueType, str] = {
    "number": "number",
    "text": "text",
    "boolean": "flag",
    "time": "at",
    "date": "day",
    "list": "list",
    "location": "place",
}
"""Column of a history table that holds values of a type."""

LAST_WORD: Final = ("received_at", "message_id", "rowid")
"""Of two writes at one time the later in this order counts; at last the one loaded later."""


def writes(history: str, key: str, until: int, as_of: int, few: str | None = None) -> exp.Select:
    """The visible writes of one key with ts <= until; `few`: of the subjects in that table."""
    found = (
        exp.select()
        .from_(table(history, "h"), copy=False)
        .where(
            col("key", "h").eq(exp.Literal.string(key)),
            col("ts", "h") <= integer(min(until, as_of)),
            col("received_at", "h") <= integer(as_of),
            copy=False,
        )
    )
    return found.where(among(col("subject", "h"), few), copy=False) if few else found


def few(scope: FieldScope, context: Context) -> str | None:
    """The table of the few contacts or accounts a query is restricted to."""
    return f"only_{scope}" if context.only else None


def latest(
    history: str, key: str, column: str, until: int, as_of: int, few: str | None = None
) -> exp.Select:
    """subject, v: the value the last writer left at `until`; NULL where it left none."""
    order = exp.Tuple(expressions=[col(n, "h") for n in ("ts", *LAST_WORD)])
    return (
        writes(history, key, until, as_of, few)
        .select(
            exp.alias_(col("subject", "h"), "subject", quoted=True, copy=False),
            exp.alias_(_last_of(col(column, "h"), order), "v", quoted=True, copy=False),
            copy=False,
        )
        .group_by(col("subject", "h"), copy=False)
    )


def _last_of(value: exp.Expr, order: exp.Expr) -> exp.Expr:
    """The value of the last row, which may be NULL: ARG_MAX itself passes over NULLs."""
    wrapped = exp.Struct(
        expressions=[exp.PropertyEQ(this=exp.to_identifier("v"), expression=value)]
    )
    picked = exp.ArgMax(this=wrapped, expression=order)
    return exp.Dot(this=exp.paren(picked, copy=False), expression=exp.to_identifier("v"))


def _field(scope: FieldScope, name: str, context: Context) -> FieldInfo | None:
    return None if scope == "membership" else context.fields(scope).get(name)


def then(metric: FieldThen, context: Context) -> exp.Query | None:
    """The value of a number field at an earlier moment."""
    info = _field(metric.scope, metric.field, context)
    if info is None or info.type != "number":
        return None
    moment = back(metric.duration, context.as_of, context.settings.timezone)
    history, only = f"{metric.scope}_history", few(metric.scope, context)
    found = latest(history, metric.field, "number", moment, context.as_of, only)
    return exp.select(
        exp.alias_(col("subject", "x"), metric.scope, quoted=True, copy=False),
        exp.alias_(to_micros(col("v", "x")), "m", quoted=True, copy=False),
    ).from_(found.subquery("x", copy=False), copy=False)


def _effective(scope: FieldScope, field: str, column: str, context: Context) -> exp.Select:
    """subject, ts, v, until: each value that was in effect, from ts to before `until`."""
    order = exp.Tuple(expressions=[col(n, "h") for n in LAST_WORD])
    winners = (
        writes(f"{scope}_history", field, context.as_of, context.as_of, few(scope, context))
        .select(
            exp.alias_(col("subject", "h"), "subject", quoted=True, copy=False),
            exp.alias_(col("ts", "h"), "ts", quoted=True, copy=False),
            exp.alias_(_last_of(col(column, "h"), order), "v", quoted=True, copy=False),
            copy=False,
        )
        .group_by(col("subject", "h"), col("ts", "h"), copy=False)
    )
    following = exp.Window(
        this=exp.func("lead", col("ts", "w")),
        partition_by=[col("subject", "w")],
        order=exp.Order(expressions=[exp.Ordered(this=col("ts", "w"))]),
    )
    return exp.select(
        col("subject", "w"),
        col("ts", "w"),
        col("v", "w"),
        exp.alias_(following, "until", quoted=True, copy=False),
    ).from_(winners.subquery("w", copy=False), copy=False)


def extreme(metric: FieldExtreme, context: Context) -> exp.Query | None:
    """The highest (lowest) value in effect at the window's start or written in it."""
    info = _field(metric.scope, metric.field, context)
    if info is None or info.type != "number":
        return None
    several = len(context.zones) > 1 and zoned(metric.window)
    values = _effective(metric.scope, metric.field, "number", context)
    sql = exp.select(exp.alias_(col("subject", "x"), metric.scope, quoted=True, copy=False)).from_(
        values.subquery("x", copy=False), copy=False
    )
    if several:
        sql = join_zone_of(sql, metric.scope, col("subject", "x"), context)
    clock = context.clock("z" if several else None)
    pick = exp.Max if metric.which == "highest" else exp.Min
    still = [
        part for part in clock.within(col("until", "x"), metric.window) if isinstance(part, exp.GTE)
    ]
    return (
        sql.select(
            exp.alias_(to_micros(pick(this=col("v", "x"))), "m", quoted=True, copy=False),
            copy=False,
        )
        .where(
            exp.or_(exp.Is(this=col("until", "x"), expression=exp.Null()), *still, copy=False),
            copy=False,
        )
        .group_by(col("subject", "x"), copy=False)
    )


def held(metric: FieldHeld, context: Context) -> exp.Query | None:
    """1 where every value in effect at or after the moment passes the test."""
    info = _field(metric.scope, metric.test.field, context)
    if info is None:
        return None
    values = _effective(metric.scope, metric.test.field, VALUE_COLUMN[info.type], context)
    sight = Sight(lambda _: Value(col("v", "x"), info.type), context.clock())
    passes = exp.Coalesce(
        this=exp.paren(holds(metric.test, sight), copy=False), expressions=[exp.false()]
    )
    moment = back(metric.duration, context.as_of, context.settings.timezone)
    since_then = exp.Min(this=col("ts", "x")) <= integer(moment)
    before = exp.convert(on_missing(metric.test))
    return (
        exp.select(
            exp.alias_(col("subject", "x"), metric.scope, quoted=True, copy=False),
            exp.alias_(
                exp.and_(
                    exp.func("bool_and", passes),
                    exp.or_(since_then, before, copy=False),
                    copy=False,
                ),
                "m",
                quoted=True,
                copy=False,
            ),
        )
        .from_(values.subquery("x", copy=False), copy=False)
        .where(
            exp.or_(
                exp.Is(this=col("until", "x"), expression=exp.Null()),
                col("until", "x") > integer(moment),
                copy=False,
            ),
            copy=False,
        )
        .group_by(col("subject", "x"), copy=False)
    )
