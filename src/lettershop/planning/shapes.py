"""Metrics that need two levels of grouping: different values, same values, edges, sequences."""

from sqlglot import exp

from lettershop.language.tree import Duration, Step
from lettershop.model.clock import DAY, HOUR, MINUTE, WEEK
from lettershop.planning.metrics import (
    DistinctMetric,
    EdgeTest,
    Grain,
    Rows,
    SameValueMetric,
    SequenceMetric,
)
from lettershop.planning.predicates import Sight, Value, compared, holds
from lettershop.planning.sources import KEYS, Context, col, event_rows, property_type
from lettershop.planning.windows import EVER, bounds
from lettershop.planning.zones import integer, needs_local

FIXED = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": WEEK}


def distinct(metric: DistinctMetric, context: Context) -> exp.Query | None:
    """Number of different values (texts compared folded), or of different local days."""
    if metric.field:
        found = _compared_rows(metric.rows, metric.grain, metric.field, context)
    else:
        rows = event_rows(metric.rows, metric.grain, context, day=True)
        found = rows.subquery("x", copy=False) if rows is not None else None
    if found is None:
        return None
    keys = [col(key, "x") for key in KEYS[metric.grain]]
    values = (
        exp.select(*keys, col("v", "x"))
        .from_(found, copy=False)
        .group_by(*keys, col("v", "x"), copy=False)
    )
    return _group(values, metric.grain, exp.Count(this=exp.Star()))


def same_value(metric: SameValueMetric, context: Context) -> exp.Query | None:
    """The largest number of events sharing one value."""
    counts = value_counts(metric, context)
    return None if counts is None else _group(counts, metric.grain, exp.Max(this=col("n", "y")))


def value_counts(metric: SameValueMetric, context: Context) -> exp.Select | None:
    """How many events share each value `v`: keys, v, n."""
    found = _compared_rows(metric.rows, metric.grain, metric.field, context)
    if found is None:
        return None
    keys = [col(key, "x") for key in KEYS[metric.grain]]
    count = exp.alias_(exp.Count(this=exp.Star()), "n", quoted=True, copy=False)
    return (
        exp.select(*keys, col("v", "x"), count)
        .from_(found, copy=False)
        .group_by(*keys, col("v", "x"), copy=False)
    )


def _compared_rows(rows: Rows, grain: Grain, field: str, context: Context) -> exp.Expr | None:
    """Events with the property in the form in which values are the same."""
    source = event_rows(rows, grain, context, field)
    kind = property_type(rows, field, context)
    if source is None or kind is None:
        return None
    folded = compared(Value(col("v", "s"), kind))
    keys = [col(key, "s") for key in KEYS[grain]]
    return (
        exp.select(*keys, exp.alias_(folded, "v", quoted=True, copy=False))
        .from_(source.subquery("s", copy=False), copy=False)
        .subquery("x", copy=False)
    )


def _group(inner: exp.Query, grain: Grain, value: exp.Expr) -> exp.Select:
    keys = [col(key, "y") for key in KEYS[grain]]
    named = exp.alias_(value, "m", quoted=True, copy=False)
    return (
        exp.select(*keys, named)
        .from_(inner.subquery("y", copy=False), copy=False)
        .group_by(*keys, copy=False)
    )


def edge_test(metric: EdgeTest, context: Context) -> exp.Query | None:
    """Whether the first (last) known value passes the test."""
    field = metric.test.field
    several = len(context.zones) > 1 and needs_local(metric.test)
    rows = event_rows(metric.rows, metric.grain, context, field, zone=several, ordered=True)
    kind = property_type(metric.rows, field, context)
    if rows is None or kind is None:
        return None
    order = exp.Tuple(expressions=[col(n, "x") for n in ("ts", "received_at", "message_id")])
    pick = exp.ArgMin if metric.edge == "first" else exp.ArgMax
    keys = [col(key, "x") for key in KEYS[metric.grain]]
    chosen = exp.select(
        *keys, exp.alias_(pick(this=col("v", "x"), expression=order), "v", quoted=True, copy=False)
    ).from_(rows.subquery("x", copy=False), copy=False)
    if several:
        chosen = chosen.select(
            exp.alias_(exp.AnyValue(this=col("zone", "x")), "zone", quoted=True, copy=False),
            copy=False,
        )
    chosen = chosen.group_by(*keys, copy=False)
    value = Value(col("v", "y"), kind)
    sight = Sight(lambda _: value, context.clock("y" if several else None))
    passes = exp.Coalesce(this=exp.paren(holds(metric.test, sight)), expressions=[exp.false()])
    return exp.select(
        *(col(key, "y") for key in KEYS[metric.grain]),
        exp.alias_(passes, "m", quoted=True, copy=False),
    ).from_(chosen.subquery("y", copy=False), copy=False)


def sequence(metric: SequenceMetric, context: Context) -> exp.Query | None:
    """Backwards from the last step: an event is good when the next good one after it comes within
    the gap. The earliest next good event is always the best, also for when the chain is done, so
    one ASOF join per step decides. `done` is the earliest time at which the chain can end.

    For engines without ASOF joins: chained.py."""
    start = chain_start(metric, context)
    good = step_rows(metric, len(metric.steps) - 1, context, start)
    if good is None:
        return None
    good = exp.select("*", exp.alias_(col("ts", "g"), "done", quoted=True, copy=False)).from_(
        good.subquery("g", copy=False), copy=False
    )
    for index in range(len(metric.steps) - 1, -1, -1):
        before = (
            event_rows(metric.first, metric.grain, context)
            if index == 0
            else step_rows(metric, index - 1, context, start)
        )
        if before is None:
            return None
        good = _followed(before, good, metric.steps[index], metric.grain, context)
    keys = [col(key, "a") for key in KEYS[metric.grain]]
    answer = exp.select(*keys, exp.alias_(integer(1), "m", quoted=True, copy=False)).from_(
        good.subquery("a", copy=False), copy=False
    )
    barriers = between(metric, context, start)
    if barriers is not None:
        answer = answer.join(
            barriers.subquery("c", copy=False),
            on=_after(metric.grain, "a", "c"),
            join_type="asof left",
            copy=False,
        ).where(
            exp.or_(
                exp.Is(this=col("ts", "c"), expression=exp.Null()),
                col("ts", "c") >= col("done", "a"),
                copy=False,
            ),
            copy=False,
        )
    return answer.distinct()


def chain_start(metric: SequenceMetric, context: Context) -> int | None:
    """Nothing earlier can belong to a chain."""
    workspace = context.settings.timezone
    window = metric.first.window
    start = min(bounds(window, context.as_of, zone, workspace).lo for zone in context.zones)
    return start if start > EVER.lo else None


def step_rows(
    metric: SequenceMetric, index: int, context: Context, start: int | None
) -> exp.Query | None:
    """Events of the step number `index`, whatever came before them."""
    step = metric.steps[index]
    rows = Rows(step.names, None, step.where)
    return event_rows(rows, metric.grain, context, start=start)


def between(metric: SequenceMetric, context: Context, start: int | None) -> exp.Query | None:
    """Events that may not come between the first and the last of a chain."""
    if not metric.without:
        return None
    return event_rows(Rows(metric.without), metric.grain, context, start=start)


def _followed(
    before: exp.Query, good: exp.Query, step: Step, grain: Grain, context: Context
) -> exp.Select:
    """Events of `before` whose next good event comes within the step's gap."""
    found = (
        exp.select(*(col(key, "a") for key in KEYS[grain]), col("ts", "a"), col("done", "b"))
        .from_(before.subquery("a", copy=False), copy=False)
        .join(
            good.subquery("b", copy=False), on=_after(grain, "a", "b"), join_type="asof", copy=False
        )
    )
    if step.gap is not None:
        limit = moved(col("ts", "a"), step.gap, context.settings.timezone)
        found = found.where(col("ts", "b") <= limit, copy=False)
    return found


def _after(grain: Grain, first: str, second: str) -> exp.Expr:
    same = [col(key, first).eq(col(key, second)) for key in KEYS[grain]]
    return exp.and_(*same, col("ts", first) < col("ts", second), copy=False)


def moved(instant: exp.Expr, gap: Duration, zone: str) -> exp.Expr:
    """An instant plus a duration; months and years by the calendar of the workspace's zone."""
    if gap.unit in FIXED:
        return instant + integer(gap.n * FIXED[gap.unit])
    months = gap.n * (12 if gap.unit == "year" else 1)
    name = exp.Literal.string(zone)
    local = exp.func("timezone", name, exp.func("make_timestamptz", instant * integer(1000)))
    moved = local + exp.func("to_months", integer(months))
    return exp.func("epoch_ms", exp.func("timezone", name.copy(), moved))
