"""Measures: numbers that can be compared or ranked."""

from fractions import Fraction
from math import ceil

import numpy as np
from msgspec.structs import replace

from lettershop.language import tree
from lettershop.model.values import MICRO
from lettershop.planning.frame import Column
from lettershop.planning.ground import Leaves, Mask, compare, micros, rows_of
from lettershop.planning.leaf_fields import change
from lettershop.planning.metrics import (
    AnyMetric,
    DistinctMetric,
    EventFunction,
    EventMetric,
    FieldExtreme,
    FieldValue,
    Grain,
    RecordMetric,
    grain_of,
)
from lettershop.planning.place import Place, event_grain, field_of, side_grain


def measure(at: Leaves, what: tree.Measure, place: Place) -> tuple[Grain, Column]:
    """The measured number in micro-units (counts too); known where there is evidence."""
    match what:
        case tree.Number(field=path):
            scope, field = field_of(path, place)
            metric = FieldValue(scope, field)
            return grain_of(metric), at.get(metric)
        case tree.Change(field=path, duration=duration):
            return change(at, path, duration, place)
        case tree.Extreme(which=which, field=path, window=window):
            scope, field = field_of(path, place)
            extreme = FieldExtreme(scope, field, which, window)
            return grain_of(extreme), at.get(extreme)
        case tree.CountOf(events=events, different=different):
            grain = event_grain(events.scope, place)
            counts: AnyMetric = EventMetric(grain, rows_of(events), "count")
            if different is not None:
                counts = DistinctMetric(grain, rows_of(events), different)
            found = at.get(counts).value
            return grain, Column(found * MICRO, found > 0)
        case tree.Aggregate():
            return _aggregate(at, what, place)
        case tree.RecordAggregate():
            return _record_aggregate(at, what, place)


def _aggregate(at: Leaves, what: tree.Aggregate, place: Place) -> tuple[Grain, Column]:
    grain, rows = event_grain(what.events.scope, place), rows_of(what.events)

    def column(function: EventFunction) -> Column:
        return at.get(EventMetric(grain, rows, function, what.field, what.currency))

    match what.function:
        case "average":
            return grain, average(column("sum"), column("known"))
        case "sum" | "minimum" | "maximum" as function:
            return grain, column(function)


def _record_aggregate(at: Leaves, what: tree.RecordAggregate, place: Place) -> tuple[Grain, Column]:
    whose = side_grain(what.scope, place)
    base = RecordMetric(whose, what.kind, what.where, "sum", what.field, what.currency)
    match what.function:
        case "average":
            return whose, average(at.get(base), at.get(replace(base, function="known")))
        case "sum" | "minimum" | "maximum" as function:
            return whose, at.get(replace(base, function=function))


def average(total: Column, count: Column) -> Column:
    """Rounded to six places, halves up."""
    n = np.maximum(count.value, 1)
    whole, rest = np.divmod(total.value, n)
    return Column(whole + (2 * rest >= n), count.value > 0)


def empty_is_zero(what: tree.Measure) -> bool:
    """Sums and counts over nothing are 0 in a comparison; other measures are missing."""
    match what:
        case tree.CountOf():
            return True
        case tree.Aggregate(function=function) | tree.RecordAggregate(function=function):
            return function == "sum"
        case _:
            return False


def measure_test(at: Leaves, leaf: tree.MeasureTest | tree.MeasureWithin, place: Place) -> Mask:
    grain, column = measure(at, leaf.measure, place)
    if isinstance(leaf, tree.MeasureTest):
        holds = compare(column.value, leaf.op, micros(leaf.value))
        negative = leaf.op == "!="
    else:
        holds = (column.value >= micros(leaf.low)) & (column.value <= micros(leaf.high))
        negative = False
    if empty_is_zero(leaf.measure):
        return Mask(grain, holds)
    return Mask(grain, (holds | ~column.known) if negative else (holds & column.known))


def rank(at: Leaves, leaf: tree.Rank, place: Place) -> Mask:
    grain, column = measure(at, leaf.measure, place)
    side = at.frame.accounts if place == "account" else at.frame.contacts
    candidates = side.live & column.known
    total = int(candidates.sum())
    n = ceil(Fraction(str(leaf.n)) * total / 100) if leaf.percent else int(leaf.n)
    if total == 0 or n <= 0:
        return Mask(grain, np.zeros_like(candidates))
    if n >= total:
        return Mask(grain, candidates)
    values = column.value if leaf.end == "top" else -column.value
    nth_best = np.partition(values[candidates], total - n)[total - n]
    return Mask(grain, candidates & (values >= nth_best))
