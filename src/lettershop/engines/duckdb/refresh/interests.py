"""Which metrics follow which event tables, and how each is brought up to date.

add      counts and sums: what enters is added, what leaves is taken away
edge     time of the first or last event: what enters may be earlier or later
tally    different and most frequent values: added and taken per value
recall   recomputed for the subjects that rows entered or left for, from rows in memory
watch    recomputed for these subjects by SQL
zoned    so, too; and asked anew for everybody when a local day begins somewhere
whole    asked anew for everybody: the answer may change for reasons no row tells
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, assert_never

from sqlglot import exp

from lettershop.engines.duckdb.refresh.recall import can_recall, sets_of
from lettershop.engines.duckdb.refresh.tally import COUNTED
from lettershop.language import tree
from lettershop.language.tree import Condition, Window
from lettershop.language.walk import walk
from lettershop.model.catalog import EventInfo
from lettershop.model.values import ValueType
from lettershop.planning.metrics import (
    AnyMetric,
    DistinctMetric,
    EdgeTest,
    EventMetric,
    FieldExtreme,
    FieldHeld,
    FieldTest,
    FieldThen,
    FieldValue,
    Grain,
    RecordMetric,
    Rows,
    SameValueMetric,
    SegmentTime,
    SequenceMetric,
)
from lettershop.planning.predicates import Sight, holds
from lettershop.planning.sources import (
    Context,
    conditions,
    event_tables,
    micros,
    not_null,
    property_type,
    value_of,
)
from lettershop.planning.windows import zoned

Way = Literal["add", "edge", "tally", "recall", "watch", "zoned", "whole"]


class Interest(NamedTuple):
    """A metric in the rows of one table. `flag`: what rows must fulfil besides the window; `value`:
    what is wanted of them. `part`: which of the metric's sets of events this is about."""

    metric: AnyMetric
    grain: Grain
    way: Way
    window: Window | None
    flag: exp.Expr | None
    value: exp.Expr | None
    part: int = 0


def way_of(metric: AnyMetric, context: Context) -> Way:
    """How a metric can be kept."""
    several = len(context.zones) > 1
    match metric:
        case EventMetric() | SameValueMetric() | DistinctMetric() | EdgeTest():
            if _clocked(metric.rows.where):
                return "whole"
            if several and zoned(metric.rows.window):
                return "zoned"
            return _of_events(metric, context)
        case SequenceMetric():
            wheres = [metric.first.where, *(step.where for step in metric.steps)]
            if any(_clocked(where) for where in wheres):
                return "whole"
            if several and zoned(metric.first.window):
                return "zoned"
            return "recall" if can_recall(metric, context) else "watch"
        case RecordMetric():
            # What an amount is worth follows the day's rate.
            return "whole" if _clocked(metric.where) or metric.currency else "watch"
        case FieldExtreme():
            return "zoned" if several and zoned(metric.window) else "watch"
        case FieldHeld():
            return "whole" if _clocked(metric.test) else "watch"
        case FieldTest():
            return "whole" if _clocked(metric.test) else "watch"
        case FieldValue() | FieldThen() | SegmentTime():
            return "watch"
        case _:
            assert_never(metric)


def _of_events(
    metric: EventMetric | SameValueMetric | DistinctMetric | EdgeTest, context: Context
) -> Way:
    match metric:
        case EventMetric(currency=None, function="count" | "sum" | "known"):
            return "add"
        case EventMetric(function="first" | "last") if metric.rows.window is None:
            return "edge"
        case EdgeTest() if _clocked(metric.test):
            return "whole"
        case SameValueMetric() | DistinctMetric() if metric.grain != "pair":
            kind = property_type(metric.rows, metric.field, context) if metric.field else "time"
            return "tally" if kind in COUNTED else "watch"
        case _:
            return "recall" if can_recall(metric, context) else "watch"


def _clocked(condition: Condition | None) -> bool:
    """Whether the answer to a test of one row may change with the moment alone."""
    if condition is None:
        return False
    return any(isinstance(node, tree.DateTest | tree.Anniversary) for node in walk(condition))


def interests(
    ways: Mapping[AnyMetric, Way], context: Context
) -> dict[str, tuple[EventInfo, list[Interest]]]:
    """Per event table the metrics that follow it."""
    found: dict[str, tuple[EventInfo, list[Interest]]] = {}
    for metric, way in ways.items():
        for info, interest in _of(metric, way, context):
            found.setdefault(info.name, (info, []))[1].append(interest)
    return found


def _of(metric: AnyMetric, way: Way, context: Context) -> Iterable[tuple[EventInfo, Interest]]:
    match metric:
        case _ if way == "whole":
            return
        case SequenceMetric() | EdgeTest() | EventMetric() if way == "recall":
            for part, rows in enumerate(sets_of(metric)):
                yield from _of_set(metric, part, rows, context)
        case EventMetric() | SameValueMetric() | DistinctMetric() | EdgeTest() if way == "zoned":
            for info, _ in event_tables(metric.rows, context):
                yield info, Interest(metric, metric.grain, way, None, None, None)
        case EventMetric() | SameValueMetric() | DistinctMetric() | EdgeTest():
            rows = metric.rows
            plain = Rows(rows.names, None, rows.where)
            for info, extra in event_tables(rows, context):
                parts = [*conditions(plain, info, context.clock()), *extra]
                flag = exp.and_(*parts, copy=False) if parts else None
                value = _value(metric, info, context)
                if value is None and _wants_value(metric, way):
                    continue  # no such value in this table
                yield info, Interest(metric, metric.grain, way, rows.window, flag, value)
        case SequenceMetric():
            for info, _ in event_tables(Rows(metric.first.names), context):
                window = None if way == "zoned" else metric.first.window
                yield info, Interest(metric, metric.grain, way, window, None, None)
            for names in (*(step.names for step in metric.steps), metric.without):
                for info, _ in event_tables(Rows(names), context) if names else ():
                    yield info, Interest(metric, metric.grain, way, None, None, None)
        case _:
            return


def _of_set(
    metric: SequenceMetric | EdgeTest | EventMetric, part: int, rows: Rows, context: Context
) -> Iterable[tuple[EventInfo, Interest]]:
    """The rows of one set of events that `recall` remembers, as `planning.narrow` has them."""
    for info, extra in event_tables(rows, context):
        plain = Rows(rows.names, None, rows.where)
        parts, value = [*conditions(plain, info, context.clock()), *extra], None
        match metric:
            case EdgeTest():
                value = _passes(metric, info, context, parts)
                if value is None:
                    continue
            case EventMetric():
                value = _value(metric, info, context)
                if value is None:
                    continue
            case SequenceMetric():
                pass
        flag = exp.and_(*parts, copy=False) if parts else None
        yield info, Interest(metric, metric.grain, "recall", rows.window, flag, value, part)


def _passes(
    metric: EdgeTest, info: EventInfo, context: Context, parts: list[exp.Expr]
) -> exp.Expr | None:
    """Whether the value of a row passes; rows without one are not wanted."""
    found = value_of(info.properties, metric.test.field, "e")
    if found is None or found.type != property_type(metric.rows, metric.test.field, context):
        return None
    parts.append(not_null(info.properties[metric.test.field].column, "e"))
    test = exp.paren(holds(metric.test, Sight(lambda _: found, context.clock())))
    return exp.cast(exp.Coalesce(this=test, expressions=[exp.false()]), "bigint")


def _wants_value(metric: AnyMetric, way: Way) -> bool:
    match metric:
        case EventMetric(function="sum" | "known" | "minimum" | "maximum"):
            return True
        case SameValueMetric() | DistinctMetric():
            return way == "tally" and bool(metric.field)
        case _:
            return False


def _value(metric: AnyMetric, info: EventInfo, context: Context) -> exp.Expr | None:
    match metric:
        case EventMetric():
            kind: ValueType | None = "number"
        case SameValueMetric() | DistinctMetric() if metric.field:
            kind = property_type(metric.rows, metric.field, context)
        case _:
            return None
    found = value_of(info.properties, metric.field, "e")
    if found is None or found.type != kind:
        return None
    match found.type:
        case "number":
            return micros(found.sql)
        case "time" | "boolean":
            return exp.cast(found.sql, "bigint")
        case _:
            return found.sql


def window_of(metric: AnyMetric) -> Window | None:
    """The window of a metric that has one."""
    match metric:
        case EventMetric() | SameValueMetric() | DistinctMetric() | EdgeTest():
            return metric.rows.window
        case SequenceMetric():
            return metric.first.window
        case FieldExtreme():
            return metric.window
        case _:
            return None
