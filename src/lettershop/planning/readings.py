"""Readings: the rows of an event table, narrow, for engines that add up per subject themselves.

A GROUP BY with a FILTER per metric touches a hash table once per row and metric. A reading brings
subject, time and values of the rows out once; counting them into a dense array per window is then
several times faster than SQL, and all windows share one scan. What cannot be read this way (pairs,
converted currencies, different values) stays with `queries`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlglot import exp

from lettershop.model.catalog import EventInfo
from lettershop.planning.metrics import AnyMetric, EventMetric, Grain
from lettershop.planning.sources import (
    KEYS,
    Context,
    col,
    conditions,
    event_tables,
    join_zone,
    not_null,
    only,
    table,
    visible,
    wants_zone,
)
from lettershop.planning.windows import EVER, Bounds, bounds, zoned
from lettershop.planning.zones import integer


class Bin(NamedTuple):
    """How one metric takes part in a reading."""

    metric: EventMetric
    window: Bounds
    """The instants that count."""
    flag: str | None
    """Column that is true for the rows that count; None: all."""
    value: str | None
    """Column of the number as a double, NULL where missing; None for counts and times."""


class Reading(NamedTuple):
    """One scan: `sql` gives `k` (dense id), `ts` where asked for, then flags and values.

    Rows come in the order of the table.
    """

    sql: exp.Select
    bins: tuple[Bin, ...]
    span: Bounds
    """Where the rows that can count lie."""
    rows: int
    """About how many rows lie in the span."""

    def parts(self, most: int) -> Iterator[exp.Select]:
        """The SQL, cut by time into parts of about `most` rows at the most."""
        count = -(-self.rows // most)
        if count <= 1:
            yield self.sql
            return
        step = -(-(self.span.hi - self.span.lo) // count)
        for number in range(count):
            parts: list[exp.Expr] = []
            if number:
                parts.append(col("ts", "e") >= integer(self.span.lo + number * step))
            if number < count - 1:
                parts.append(col("ts", "e") < integer(self.span.lo + (number + 1) * step))
            yield self.sql.where(*parts)


def readings(wanted: Iterable[AnyMetric], context: Context) -> list[Reading]:
    """Readings for all metrics that can be read."""
    passes: dict[tuple[str, Grain], list[tuple[EventMetric, list[exp.Expr]]]] = defaultdict(list)
    for metric in wanted:
        if not isinstance(metric, EventMetric) or metric.grain == "pair" or metric.currency:
            continue
        for info, extra in event_tables(metric.rows, context):
            if _is_readable(metric, info):
                passes[info.name, metric.grain].append((metric, extra))
    return [
        _reading(context.catalog.events[name], grain, members, context)
        for (name, grain), members in passes.items()
    ]


def _is_readable(metric: EventMetric, info: EventInfo) -> bool:
    """Whether this table has anything to add."""
    if metric.function in ("count", "first", "last"):
        return info.rows > 0
    field = info.properties.get(metric.field)
    return field is not None and field.type == "number" and info.rows > 0


def _reading(
    info: EventInfo,
    grain: Grain,
    members: list[tuple[EventMetric, list[exp.Expr]]],
    context: Context,
) -> Reading:
    joined = any(wants_zone(metric.rows, context) for metric, _ in members)
    flags: dict[exp.Expr, str] = {}
    values: dict[str, str] = {}
    bins = []
    for metric, extra in members:
        window, flag = _asked(metric, extra, info, context)
        value = None
        if metric.function not in ("count", "first", "last"):
            column = info.properties[metric.field].column
            value = values.setdefault(column, f"v{len(values)}")
        named = flags.setdefault(flag, f"f{len(flags)}") if flag is not None else None
        bins.append(Bin(metric, window, named, value))
    span = Bounds(min(b.window.lo for b in bins), max(b.window.hi for b in bins))
    sql = _select(info, grain, flags, values, timed=_is_timed(bins, info))
    sql = sql.from_(table(info.table, "e"), copy=False)
    if joined:
        sql = join_zone(sql, grain, "e", context)
    sql = sql.where(*_where(info, grain, bins, flags, span, context), copy=False)
    return Reading(sql, tuple(bins), *_extent(span, info))


def _asked(
    metric: EventMetric, extra: list[exp.Expr], info: EventInfo, context: Context
) -> tuple[Bounds, exp.Expr | None]:
    """The window in plain numbers where it is the same for everybody, and all other conditions."""
    rows, zone = metric.rows, context.zones[0]
    clock = context.clock("z" if wants_zone(rows, context) else None)
    window = EVER
    if len(context.zones) == 1 or not zoned(rows.window):
        window = bounds(rows.window, context.as_of, zone, context.settings.timezone)
        rows = type(rows)(rows.names, None, rows.where)
    parts = [*conditions(rows, info, clock), *extra]
    return window, exp.and_(*parts, copy=False) if parts else None


def _is_timed(bins: list[Bin], info: EventInfo) -> bool:
    """Whether a reader has to know the time of each row."""
    windows = {b.window for b in bins}
    return len(windows) > 1 or any(b.metric.function in ("first", "last") for b in bins)


def _select(
    info: EventInfo,
    grain: Grain,
    flags: dict[exp.Expr, str],
    values: dict[str, str],
    *,
    timed: bool,
) -> exp.Select:
    whole = exp.DataType.build("int")
    columns: list[exp.Expr] = [
        exp.alias_(exp.Cast(this=col(KEYS[grain][0], "e"), to=whole), "k", quoted=True, copy=False)
    ]
    if timed:
        columns.append(col("ts", "e"))
    for flag, name in flags.items():
        plain = exp.Coalesce(this=exp.paren(flag.copy(), copy=False), expressions=[exp.false()])
        columns.append(exp.alias_(plain, name, quoted=True, copy=False))
    for column, name in values.items():
        double = exp.Cast(this=col(column, "e"), to=exp.DataType.build("double"))
        columns.append(exp.alias_(double, name, quoted=True))
    return exp.select(*columns, copy=False)


def _where(
    info: EventInfo,
    grain: Grain,
    bins: list[Bin],
    flags: dict[exp.Expr, str],
    span: Bounds,
    context: Context,
) -> list[exp.Expr]:
    ts = col("ts", "e")
    found = [not_null(KEYS[grain][0], "e"), *visible(info.last_visible, context.as_of, "e")]
    found += only(grain, "e", context)
    if span.lo > EVER.lo:
        found.append(ts >= integer(span.lo))
    if span.hi < EVER.hi:
        found.append(ts.copy() < integer(span.hi))
    if all(b.flag for b in bins):
        found.append(exp.or_(*(flag.copy() for flag in flags), copy=False))
    return found


def _extent(span: Bounds, info: EventInfo) -> tuple[Bounds, int]:
    """The part of the span there are rows in, and how many, if they are evenly spread."""
    if info.first_ts is None or info.last_ts is None:
        return span, info.rows
    whole = Bounds(info.first_ts, info.last_ts + 1)
    inside = Bounds(max(span.lo, whole.lo), min(span.hi, whole.hi))
    length = max(0, inside.hi - inside.lo)
    return inside, info.rows * length // (whole.hi - whole.lo)
