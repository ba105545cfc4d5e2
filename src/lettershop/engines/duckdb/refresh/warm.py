"""What is kept in memory between steps, and how it is made: one full evaluation with room to grow.

frame and pairs   who there is                             space, sides
columns           every metric's values                    held
feeds             what follows which event table           interests, feed
flow              the truth of every condition             planning/flow
members           the bitmaps that are stored
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace
from pyroaring import BitMap

from lettershop.engines.dense.prepare import Prepared
from lettershop.engines.dense.zones import ZoneTable
from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.evaluate import Evaluation, prepare
from lettershop.engines.duckdb.refresh.adjust import Adjustment, slots_of
from lettershop.engines.duckdb.refresh.codes import Codes
from lettershop.engines.duckdb.refresh.cold import Before
from lettershop.engines.duckdb.refresh.feed import Feed, limits
from lettershop.engines.duckdb.refresh.held import Held
from lettershop.engines.duckdb.refresh.interests import Way, interests, way_of, window_of
from lettershop.engines.duckdb.refresh.recall import Recall
from lettershop.engines.duckdb.refresh.sides import Sides
from lettershop.engines.duckdb.refresh.space import Pairs, roomy
from lettershop.engines.duckdb.refresh.tally import Tally
from lettershop.engines.duckdb.refresh.watch import Shape, Wanted, shape, wanted
from lettershop.engines.duckdb.store import Store
from lettershop.model.settings import Settings
from lettershop.planning.flow.build import build
from lettershop.planning.flow.flow import Flow
from lettershop.planning.frame import Column, Frame, Ints
from lettershop.planning.ground import Leaves
from lettershop.planning.keep import Keep
from lettershop.planning.metrics import (
    AnyMetric,
    DistinctMetric,
    EdgeTest,
    EventMetric,
    SameValueMetric,
    SequenceMetric,
)
from lettershop.planning.order import in_order
from lettershop.planning.truth import Truth


@dataclass
class Warm:
    """Everything a step starts from. `metrics`: with the segments that want them."""

    keeps: dict[str, Keep]
    wanted: Wanted
    shape: Shape
    frame: Frame
    zones: ZoneTable | None
    zone_names: tuple[str, ...]
    pairs: Pairs
    sides: Sides
    held: Held
    metrics: dict[AnyMetric, tuple[str, ...]]
    ways: dict[AnyMetric, Way]
    tallies: dict[AnyMetric, Tally]
    recalls: dict[AnyMetric, Recall]
    feeds: dict[str, Feed]
    flow: Flow
    members: dict[str, BitMap]
    person: Ints
    """The `people` row a pair slot was last given to."""
    rows: dict[str, int]
    """How many rows each event table had."""


def warm_up(
    store: Store, settings: Settings, keeps: Sequence[Keep], as_of: int, before: Before
) -> tuple[Warm, Evaluation]:
    """Evaluates everything, and keeps what steps need."""
    definitions = in_order([keep.definition for keep in keeps])
    ready = prepare(store, definitions, as_of, settings, roomy)
    metrics = _with_counts(ready.plan.metrics)
    ways = {metric: way_of(metric, ready.context) for metric in metrics}
    columns = DuckColumns(store, ready.frame, ready.zones)
    recalls, recalled = _recalls(store, ways, ready)
    known = {m for m in metrics if ways[m] == "tally"} | recalled.keys()
    columns.fill({m: n for m, n in metrics.items() if m not in known}, ready.context)
    held = Held(columns, metrics)
    for metric, column in recalled.items():
        held.replace(metric, column)
    tallies = _tallies(store, ways, ready)
    for metric, (_, column) in tallies.items():
        held.replace(metric, column)
    adjust = Adjustment(store, ready.frame, keeps, before.kept, before.members)
    truth = Truth(Leaves(ready.frame, held, ready.context.catalog), adjust)
    for definition in ready.plan.definitions:
        truth.evaluate(definition)
    evaluation = Evaluation(store, truth, ready.plan, ready.context)
    pairs, said = Pairs(ready.frame), wanted(definitions, settings)
    nodes = build(truth, ready.plan.definitions, _pins(keeps, ready.frame))
    warm = Warm(
        keeps={keep.name: keep for keep in keeps},
        wanted=said,
        shape=shape(store, said),
        frame=ready.frame,
        zones=ready.zones,
        zone_names=ready.context.zones,
        pairs=pairs,
        sides=Sides(store, ready.frame, pairs, ready.context.current),
        held=held,
        metrics=metrics,
        ways=ways,
        tallies={metric: tally for metric, (tally, _) in tallies.items()},
        recalls=recalls,
        feeds=_feeds(ways, ready, settings),
        flow=Flow(nodes, pairs),
        members={keep.name: evaluation.members(keep.name) for keep in keeps},
        person=ready.frame.pair_id.astype(np.int64),
        rows={name: info.rows for name, info in ready.context.catalog.events.items()},
    )
    return warm, evaluation


def _with_counts(
    metrics: Mapping[AnyMetric, tuple[str, ...]],
) -> dict[AnyMetric, tuple[str, ...]]:
    """A sum alone does not tell when nothing is left to be added up: it comes with its count."""
    found = dict(metrics)
    for metric, names in metrics.items():
        if isinstance(metric, EventMetric) and metric.function == "sum" and not metric.currency:
            found.setdefault(replace(metric, function="known"), names)
    return found


def _tallies(
    store: Store, ways: Mapping[AnyMetric, Way], ready: Prepared
) -> dict[AnyMetric, tuple[Tally, Column]]:
    found: dict[AnyMetric, tuple[Tally, Column]] = {}
    for metric, way in ways.items():
        if way == "tally" and isinstance(metric, DistinctMetric | SameValueMetric):
            tally = Tally(metric, ready.frame.size(metric.grain), Codes())
            found[metric] = tally, tally.fill(store, ready.context)
    return found


def _recalls(
    store: Store, ways: Mapping[AnyMetric, Way], ready: Prepared
) -> tuple[dict[AnyMetric, Recall], dict[AnyMetric, Column]]:
    """What is remembered in rows; and the columns, except where more than these rows decides."""
    recalls: dict[AnyMetric, Recall] = {}
    columns: dict[AnyMetric, Column] = {}
    for metric, way in ways.items():
        if way != "recall" or not isinstance(metric, SequenceMetric | EdgeTest | EventMetric):
            continue
        size = ready.frame.size(metric.grain)
        window = limits(window_of(metric), ready.context.as_of, ready.context.settings.timezone)
        recall = recalls[metric] = Recall(metric, size)
        recall.fill(store, ready.context, window)
        part = recall.part(np.arange(size), window)
        if part is not None:
            columns[metric] = Column(part.value, part.known)
    return recalls, columns


def _feeds(ways: Mapping[AnyMetric, Way], ready: Prepared, settings: Settings) -> dict[str, Feed]:
    return {
        name: Feed(info, wanted, settings.timezone)
        for name, (info, wanted) in interests(ways, ready.context).items()
    }


def _pins(keeps: Sequence[Keep], frame: Frame) -> dict[str, tuple[Ints, Ints]]:
    found = {}
    for keep in keeps:
        sides = [
            np.array([p.subject for p in keep.pins if p.include is include], np.int64)
            for include in (True, False)
        ]
        subject = keep.definition.subject
        found[keep.name] = (
            np.sort(slots_of(frame, subject, sides[0])),
            np.sort(slots_of(frame, subject, sides[1])),
        )
    return found
