"""Conditions about events: how often, when, in what order, with which value."""

from lettershop.language import tree
from lettershop.planning.dates import in_window
from lettershop.planning.frame import Column
from lettershop.planning.ground import Leaves, Mask, compare, counted, rows_of
from lettershop.planning.metrics import (
    AnyMetric,
    DistinctMetric,
    EdgeTest,
    EventMetric,
    Grain,
    SameValueMetric,
    SequenceMetric,
    grain_of,
)
from lettershop.planning.place import Place, event_grain
from lettershop.planning.windows import back


def did_metric(leaf: tree.Did, place: Place) -> AnyMetric:
    grain, rows = event_grain(leaf.events.scope, place), rows_of(leaf.events)
    if leaf.same is not None:
        return SameValueMetric(grain, rows, leaf.same)
    return DistinctMetric(grain, rows) if leaf.days else EventMetric(grain, rows, "count")


def did(at: Leaves, leaf: tree.Did, place: Place) -> Mask:
    metric = did_metric(leaf, place)
    return Mask(grain_of(metric), counted(at.get(metric).value, leaf.count, leaf.n) ^ leaf.negated)


def sequence(at: Leaves, leaf: tree.Sequence, place: Place) -> Mask:
    grain = event_grain(leaf.first.scope, place)
    metric = SequenceMetric(grain, rows_of(leaf.first), leaf.steps, leaf.without)
    return Mask(grain, (at.get(metric).value == 1) ^ leaf.negated)


def edge_column(
    at: Leaves, leaf: tree.EdgeTime | tree.TimeSince, place: Place
) -> tuple[Grain, Column]:
    metric = EventMetric(event_grain(leaf.events.scope, place), rows_of(leaf.events), leaf.edge)
    return metric.grain, at.get(metric)


def edge_time(at: Leaves, leaf: tree.EdgeTime, place: Place) -> Mask:
    grain, column = edge_column(at, leaf, place)
    return Mask(grain, in_window(at, column, leaf.window, grain))


_OLDER = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


def time_since(at: Leaves, leaf: tree.TimeSince, place: Place) -> Mask:
    """More time since means an earlier event: the comparison turns round."""
    grain, column = edge_column(at, leaf, place)
    cut = back(leaf.duration, at.frame.as_of, at.frame.zone)
    return Mask(grain, column.known & compare(column.value, _OLDER[leaf.op], cut))


def edge_value(at: Leaves, leaf: tree.EdgeValue, place: Place) -> Mask:
    grain = event_grain(leaf.events.scope, place)
    metric = EdgeTest(grain, rows_of(leaf.events), leaf.edge, leaf.test)
    return Mask(grain, at.get(metric).value == 1)
