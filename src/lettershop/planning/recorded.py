"""When somebody last entered or left a segment, from the table of recorded transitions.

Only what was detected before `as_of` counts: a refresh does not see what it will record itself.
"""

from typing import Final

from sqlglot import exp

from lettershop.planning.metrics import Grain, SegmentTime
from lettershop.planning.query import Output, Query
from lettershop.planning.sources import Context, among, col, table
from lettershop.planning.zones import integer

DEFINITION: Final = "definition"
"""The cause of those a new definition let in or out: nobody moved."""

_KEY: Final[dict[Grain, str]] = {"contact": "contact", "account": "account", "pair": "people"}


def recorded(metric: SegmentTime, context: Context) -> Query:
    """One row per subject with the time, in milliseconds."""
    key = _KEY[metric.grain]
    subject = exp.alias_(col("subject", "t"), key, quoted=True, copy=False)
    sql = (
        exp.select(subject, exp.alias_(_time(metric), "m", quoted=True, copy=False))
        .from_(table("transitions", "t"), copy=False)
        .where(
            col("segment", "t").eq(exp.Literal.string(metric.segment)),
            col("detected_at", "t") < integer(context.as_of),
            *_few(metric, context),
            *_counting(metric),
            copy=False,
        )
        .group_by(col("subject", "t"), copy=False)
    )
    if metric.move == "stayed":
        sql = sql.having(_last(col("entered", "t")), copy=False)
    return Query(sql, (key,), (Output(metric, "m", "set"),))


def _time(metric: SegmentTime) -> exp.Expr:
    at = col("effective_at", "t")
    return _last(at) if metric.move == "stayed" else exp.Max(this=at)


def _counting(metric: SegmentTime) -> list[exp.Expr]:
    if metric.move == "stayed":
        return []
    entered = col("entered", "t")
    moved = entered if metric.move == "entered" else exp.Not(this=entered)
    return [moved, col("cause", "t").neq(exp.Literal.string(DEFINITION))]


def _last(value: exp.Expr) -> exp.Expr:
    """Of the subject's last transition: ids grow as they are recorded."""
    return exp.ArgMax(this=value, expression=col("id", "t"))


def _few(metric: SegmentTime, context: Context) -> list[exp.Expr]:
    return [among(col("subject", "t"), f"only_{metric.grain}")] if context.only else []
