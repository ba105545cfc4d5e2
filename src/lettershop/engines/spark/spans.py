"""Which events can matter to a metric: the instants its windows reach, in whatever zone."""

from collections.abc import Iterable

from lettershop.planning.metrics import (
    AnyMetric,
    DistinctMetric,
    EdgeTest,
    EventMetric,
    SameValueMetric,
    SequenceMetric,
)
from lettershop.planning.sources import Context
from lettershop.planning.windows import EVER, Bounds, bounds


def span_of(metrics: Iterable[AnyMetric], context: Context) -> Bounds:
    """Where the events that any of the metrics counts lie."""
    found = [_span(metric, context) for metric in metrics]
    if not found:
        return EVER
    return Bounds(min(span.lo for span in found), max(span.hi for span in found))


def _span(metric: AnyMetric, context: Context) -> Bounds:
    match metric:
        case EventMetric() | DistinctMetric() | SameValueMetric() | EdgeTest():
            window = metric.rows.window
        case SequenceMetric():
            window = metric.first.window
        case _:
            return EVER
    home = context.settings.timezone
    spans = [bounds(window, context.as_of, zone, home) for zone in context.zones]
    whole = Bounds(min(span.lo for span in spans), max(span.hi for span in spans))
    # What follows in a chain may lie anywhere after its first event.
    return Bounds(whole.lo, EVER.hi) if isinstance(metric, SequenceMetric) else whole
