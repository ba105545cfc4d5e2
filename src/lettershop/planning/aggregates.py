"""Sums, counts and extremes as 64-bit integers; numbers in micro-units."""

from sqlglot import exp

from lettershop.model.values import MICRO
from lettershop.planning.metrics import (
    EventMetric,
    RecordMetric,
)
from lettershop.planning.sources import (
    to_micros,
)

BIGINT = exp.DataType.build("bigint")
SUM_LIMIT = 9 * 10**12
"""Sums beyond nine trillion are held there, so that they fit 64 bits in micro-units."""


FUNCTION: dict[str, type[exp.AggFunc]] = {
    "sum": exp.Sum,
    "known": exp.Count,
    "minimum": exp.Min,
    "maximum": exp.Max,
}


def scaled(metric: EventMetric | RecordMetric, value: exp.Expr) -> exp.Expr:
    """The aggregate as a 64-bit integer; numbers in micro-units."""
    match metric.function:
        case "count" | "known" | "first" | "last":
            return value
        case "sum" | "minimum" | "maximum":
            if metric.currency is not None:
                return exp.Cast(this=_held(value, SUM_LIMIT * MICRO), to=BIGINT)
            return to_micros(_held(value, SUM_LIMIT))


def _held(value: exp.Expr, limit: int) -> exp.Expr:
    """The value kept within plus and minus the limit; NULL stays NULL."""
    upper, lower = exp.convert(limit), exp.convert(-limit)
    return (
        exp.Case()
        .when(value > upper, upper.copy())
        .when(value.copy() < lower, lower.copy())
        .else_(value.copy())
    )
