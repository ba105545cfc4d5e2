"""Metrics -> SQL: few queries per event table, each saying which segments want it.

`queries` groups what can share a pass: all additive event metrics of one table and grain are one
query, all current values of one scope another. The rest is one query each.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import assert_never

from sqlglot import exp

from lettershop.planning import histories, shapes
from lettershop.planning.chained import chained
from lettershop.planning.currents import current, records
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
    Grain,
    RecordMetric,
    SameValueMetric,
    SegmentTime,
    SequenceMetric,
    grain_of,
)
from lettershop.planning.passes import one_pass
from lettershop.planning.query import Output, Query
from lettershop.planning.recorded import recorded
from lettershop.planning.sources import (
    KEYS,
    Context,
    event_tables,
)
from lettershop.planning.windows import zoned
from lettershop.planning.zones import needs_local


def queries(wanted: Mapping[AnyMetric, Iterable[str]], context: Context) -> list[Query]:
    """All queries that fill the wanted metrics. A metric without any query has no rows at all."""
    fields: dict[FieldScope, list[FieldTest | FieldValue]] = defaultdict(list)
    passes: dict[tuple[str, Grain], list[tuple[EventMetric, list[exp.Expr]]]] = defaultdict(list)
    found: list[Query] = []
    for metric in wanted:
        match metric:
            case FieldTest() | FieldValue():
                fields[metric.scope].append(metric)
            case EventMetric(currency=None):
                for info, extra in event_tables(metric.rows, context):
                    passes[info.name, metric.grain].append((metric, extra))
            case SegmentTime():
                found.append(recorded(metric, context))
            case EventMetric():
                for info, extra in event_tables(metric.rows, context):
                    found += one_pass(info, metric.grain, [(metric, extra)], context)
            case _:
                found += _alone(metric, context)
    found += [current(scope, metrics, context) for scope, metrics in fields.items()]
    for (name, grain), members in passes.items():
        found += one_pass(context.catalog.events[name], grain, members, context)
    for query in found:
        readers = {name for output in query.outputs for name in wanted[output.metric]}
        query.sql.add_comments([" for: " + ", ".join(sorted(readers)) + " "])
    return found


def _alone(
    metric: FieldThen
    | FieldExtreme
    | FieldHeld
    | DistinctMetric
    | SameValueMetric
    | EdgeTest
    | SequenceMetric
    | RecordMetric,
    context: Context,
) -> list[Query]:
    match metric:
        case FieldThen():
            sql = histories.then(metric, context)
        case FieldExtreme():
            sql = histories.extreme(metric, context)
        case FieldHeld():
            sql = histories.held(metric, context)
        case DistinctMetric():
            sql = shapes.distinct(metric, context)
        case SameValueMetric():
            sql = shapes.same_value(metric, context)
        case EdgeTest():
            sql = shapes.edge_test(metric, context)
        case SequenceMetric():
            sql = (shapes.sequence if context.asof else chained)(metric, context)
        case RecordMetric():
            sql = records(metric, context)
        case _:
            assert_never(metric)
    if sql is None:
        return []
    return [Query(sql, KEYS[grain_of(metric)], (Output(metric, "m", "set"),))]


def needs_zones(metrics: Iterable[AnyMetric]) -> bool:
    """Whether a query over these metrics has to know the zones of subjects."""
    for metric in metrics:
        match metric:
            case EventMetric() | SameValueMetric():
                rows = metric.rows
                if zoned(rows.window) or needs_local(rows.where):
                    return True
            case EdgeTest():
                rows = metric.rows
                if zoned(rows.window) or needs_local(rows.where) or needs_local(metric.test):
                    return True
            case DistinctMetric():
                if not metric.field or zoned(metric.rows.window) or needs_local(metric.rows.where):
                    return True
            case SequenceMetric():
                wheres = [metric.first.where, *(step.where for step in metric.steps)]
                if zoned(metric.first.window) or any(needs_local(w) for w in wheres):
                    return True
            case RecordMetric():
                if needs_local(metric.where):
                    return True
            case FieldExtreme():
                if zoned(metric.window):
                    return True
            case FieldValue() | FieldTest() | FieldThen() | FieldHeld() | SegmentTime():
                pass
            case _:
                assert_never(metric)
    return False
