"""The narrow rows of a sequence, for engines that follow the chain themselves (see narrow.py)."""

from typing import NamedTuple

from sqlglot import exp

from lettershop.planning.metrics import Grain, Rows, SequenceMetric
from lettershop.planning.narrow import keyed
from lettershop.planning.shapes import FIXED, chain_start
from lettershop.planning.sources import Context, col, event_rows


class Link(NamedTuple):
    """Events (`k`, `v`: their time) and how long after the step before they may come, in ms."""

    sql: exp.Select
    gap: int | None


class Chain(NamedTuple):
    first: exp.Select
    links: tuple[Link, ...]
    without: exp.Select | None


def chain(metric: SequenceMetric, context: Context) -> Chain | None:
    """None where the shape in SQL has to be taken: pairs, gaps of months and years."""
    gaps = [step.gap for step in metric.steps]
    if metric.grain == "pair" or any(gap is not None and gap.unit not in FIXED for gap in gaps):
        return None
    start = chain_start(metric, context)
    first = _times(metric.first, metric.grain, context, None)
    steps = [
        _times(Rows(step.names, None, step.where), metric.grain, context, start)
        for step in metric.steps
    ]
    if first is None or any(step is None for step in steps):
        return None
    links = tuple(
        Link(step, gap.n * FIXED[gap.unit] if gap else None)
        for step, gap in zip(steps, gaps, strict=True)
        if step is not None
    )
    return Chain(first, links, _without(metric, context, start))


def _without(metric: SequenceMetric, context: Context, start: int | None) -> exp.Select | None:
    if not metric.without:
        return None
    return _times(Rows(metric.without), metric.grain, context, start)


def _times(rows: Rows, grain: Grain, context: Context, start: int | None) -> exp.Select | None:
    found = event_rows(rows, grain, context, start=start)
    return keyed(found, grain, col("ts", "s")) if found is not None else None
