"""Narrow rows (planning/narrow.py, chains.py) to one value per subject."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from lettershop.engines.dense.asking import filled
from lettershop.engines.duckdb.chains import Times, followed
from lettershop.engines.duckdb.store import Store
from lettershop.planning.chains import chain
from lettershop.planning.frame import Bits, Column, Ints
from lettershop.planning.metrics import (
    AnyMetric,
    DistinctMetric,
    EdgeTest,
    FieldThen,
    SameValueMetric,
    SequenceMetric,
)
from lettershop.planning.narrow import EdgeMetric, ValueMetric, edge_rows, value_rows
from lettershop.planning.sources import Context

Array = npt.NDArray[np.generic]


def narrow_column(
    store: Store, metric: AnyMetric, context: Context, empty: Callable[[], Column]
) -> Column | None:
    """The metric's column, made from an empty one; None when it has to be asked for otherwise."""
    match metric:
        case DistinctMetric() | SameValueMetric():
            return _counted(store, metric, context, empty)
        case EdgeTest() | FieldThen():
            return _at_edge(store, metric, context, empty)
        case SequenceMetric():
            return _followed(store, metric, context, empty)
        case _:
            return None


def _counted(
    store: Store, metric: ValueMetric, context: Context, empty: Callable[[], Column]
) -> Column | None:
    sql = value_rows(metric, context)
    if sql is None:
        return None
    rows = store.fetch(sql)
    column = empty()
    slots, counts = value_counts(rows["k"], rows["v"])
    if isinstance(metric, DistinctMetric):
        column.value[:] = np.bincount(slots, minlength=len(column.value))
    else:
        np.maximum.at(column.value, slots, counts)
    column.known[slots] = True
    return column


def _at_edge(
    store: Store, metric: EdgeMetric, context: Context, empty: Callable[[], Column]
) -> Column | None:
    sql = edge_rows(metric, context)
    if sql is None:
        return None
    rows: Mapping[str, Any] = store.fetch(sql)
    column = empty()
    last = isinstance(metric, FieldThen) or metric.edge == "last"
    found = edge_values(rows["k"], rows["ts"], rows["v"], len(column.value), last=last)
    if found is None:
        return None
    slots, values, known = found
    column.value[slots[known]] = values[known]
    column.known[slots[known]] = True
    return column


def _followed(
    store: Store, metric: SequenceMetric, context: Context, empty: Callable[[], Column]
) -> Column | None:
    asked = chain(metric, context)
    if asked is None:
        return None

    def times(sql: exp.Select) -> Times:
        rows: Mapping[str, Any] = store.fetch(sql)
        return Times(rows["k"], rows["v"])

    links = [(times(link.sql), link.gap) for link in asked.links]
    without = times(asked.without) if asked.without is not None else None
    found = followed(times(asked.first), links, without)
    if found is None:
        return None
    column = empty()
    column.value[found] = 1
    column.known[found] = True
    return column


def value_counts(ids: Array, values: Array) -> tuple[Ints, Ints]:
    """How often each pair of subject and value occurs: the subjects, ascending, and the counts."""
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    width = high - low + 1
    if width > (1 << 62) // max(1, int(ids.max(initial=0)) + 1):
        different, values = np.unique(values, return_inverse=True)
        low, width = 0, len(different)
    pairs: Ints = np.sort(np.add(ids.astype(np.int64) * width, values.astype(np.int64) - low))
    ends = np.flatnonzero(np.append(pairs[1:] != pairs[:-1], len(pairs) > 0))
    return pairs[ends] // width, np.diff(ends, prepend=-1)


def edge_values(
    ids: Ints, ts: Ints, values: Array, size: int, *, last: bool
) -> tuple[Ints, Ints, Bits] | None:
    """Each subject's value in its first or last row: the subjects, values and which are known.

    None when a subject has two different values at that one time: then more than `ts` decides.
    """
    edge = np.full(size, np.iinfo(np.int64).min if last else np.iinfo(np.int64).max)
    (np.maximum if last else np.minimum).at(edge, ids, ts)
    there = np.flatnonzero(ts == edge[ids])
    slots = ids[there].astype(np.int64)
    found = values[there]
    known = ~np.ma.getmaskarray(found)
    numbers = filled(found, 0).astype(np.int64)
    chosen = np.zeros(size, np.int64)
    chosen[slots] = numbers
    chosen_known = np.zeros(size, np.bool_)
    chosen_known[slots] = known
    if (chosen[slots] != numbers).any() or (chosen_known[slots] != known).any():
        return None
    return slots, numbers, known
