"""The narrow rows of a sequence, for engines that follow the chain themselves (see narrow.py)."""

from typing import NamedTuple

from sqlglot import exp

from lettershop.planning.metrics import Grain, Rows, SequenceMetric
from lettershop.planning.narrow import keyed
from lettershop.planning.shapes import FIXED
from lettershop.planning.sources import Context, col, event_rows
from lettershop.planning.windows import EVER, bounds
from lettershop.planning.zones import integer


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
    start = _start(metric, context)
    first = _times(metric.first, metric.grain, context, EVER.lo)
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


def _without(metric: SequenceMetric, context: Context, start: int) -> exp.Select | None:
    if not metric.without:
        return None
    return _times(Rows(metric.without), metric.grain, context, start)


def _start(metric: SequenceMetric, context: Context) -> int:
    """Nothing earlier can belong to a chain."""
    zone = context.settings.timezone
    window = metric.first.window
    return min(bounds(window, context.as_of, z, zone).lo for z in context.zones)


def _times(rows: Rows, grain: Grain, context: Context, start: int) -> exp.Select | None:
    found = event_rows(rows, grain, context)
    if found is None:
        return None
    times = keyed(found, grain, col("ts", "s"))
    return times if start <= EVER.lo else times.where(col("ts", "s") >= integer(start), copy=False)
