"""A sequence without ASOF joins: the rows of all steps in one order, one look ahead per step.

A row of step `i` looks at the rows of step `i + 1` that come later. Ordered by time backwards, rows
of an earlier step first where times are the same, those are exactly some of the rows before it; so
every look ahead is a running minimum in one and the same order, which an engine sorts into once.

The next good row is also the one whose chain is done first: of two good rows of a step the later
one is never done earlier, because what it can go on to, the earlier one can go on to as well. So
`next` and `finish` may be two minima of their own.
"""

from sqlglot import exp

from lettershop.planning.metrics import Grain, SequenceMetric
from lettershop.planning.shapes import between, chain_start, moved, step_rows
from lettershop.planning.sources import KEYS, Context, col, event_rows
from lettershop.planning.zones import integer

_TS, _STEP, _DONE = (col(name, "r") for name in ("ts", "step", "done"))


def chained(metric: SequenceMetric, context: Context) -> exp.Query | None:
    """Keys, and 1 as `m`, of the subjects with a chain (`shapes.sequence` says the same)."""
    last = len(metric.steps)
    rows = _rows(metric, context)
    if rows is None:
        return None
    keys = KEYS[metric.grain]
    good = exp.Case().when(_STEP.eq(integer(last)), _TS.copy())
    found = _select(rows, keys, exp.alias_(good, "done", quoted=True))
    for index in range(last - 1, -1, -1):
        found = _followed(found, index, metric, context)
    barrier = _ahead(_when(last + 1, _TS), metric.grain)
    found = _select(found, keys, _DONE, exp.alias_(barrier, "barrier", quoted=True))
    answer = exp.select(*(col(key, "r") for key in keys)).from_(found.subquery("r", copy=False))
    return (
        answer.select(exp.alias_(integer(1), "m", quoted=True, copy=False), copy=False)
        .where(_STEP.eq(integer(0)), _known(_DONE), _undisturbed(), copy=False)
        .distinct()
    )


def _rows(metric: SequenceMetric, context: Context) -> exp.Query | None:
    """Keys, `ts` and `step`: 0 the first events, then each step's, at last those that may not come
    between. None where a step has no events at all."""
    start = chain_start(metric, context)
    parts = [event_rows(metric.first, metric.grain, context)]
    parts += [step_rows(metric, index, context, start) for index in range(len(metric.steps))]
    if any(part is None for part in parts):
        return None
    numbered = [*parts, between(metric, context, start)]
    found = [
        exp.select(
            *(col(key, "e") for key in KEYS[metric.grain]),
            col("ts", "e"),
            exp.alias_(integer(number), "step", quoted=True),
        ).from_(part.subquery("e", copy=False), copy=False)
        for number, part in enumerate(numbered)
        if part is not None
    ]
    return exp.union(*found, distinct=False, copy=False)


def _followed(good: exp.Query, index: int, metric: SequenceMetric, context: Context) -> exp.Select:
    """`done` of the step number `index`: that of the next good row, if it comes within the gap."""
    grain, gap = metric.grain, metric.steps[index].gap
    ahead = exp.and_(_STEP.eq(integer(index + 1)), _known(_DONE))
    following = _ahead(exp.Case().when(ahead, _TS.copy()), grain)
    finish = _ahead(_when(index + 1, _DONE), grain)
    looked = _select(
        good,
        KEYS[grain],
        _DONE,
        exp.alias_(following, "next", quoted=True),
        exp.alias_(finish, "finish", quoted=True),
    )
    reached: exp.Expr = col("finish", "r")
    if gap is not None:
        limit = moved(_TS.copy(), gap, context.settings.timezone)
        reached = exp.Case().when(col("next", "r") <= limit, reached)
    done = exp.Case().when(_STEP.eq(integer(index)), reached).else_(_DONE.copy())
    return _select(looked, KEYS[grain], exp.alias_(done, "done", quoted=True))


def _select(rows: exp.Query, keys: tuple[str, ...], *columns: exp.Expr) -> exp.Select:
    kept = [*(col(key, "r") for key in keys), _TS.copy(), _STEP.copy()]
    return exp.select(*kept, *(column.copy() for column in columns)).from_(
        rows.subquery("r", copy=False), copy=False
    )


def _when(step: int, value: exp.Expr) -> exp.Expr:
    return exp.Case().when(_STEP.eq(integer(step)), value.copy())


def _ahead(value: exp.Expr, grain: Grain) -> exp.Expr:
    """The least value of the rows that come later."""
    order = [exp.Ordered(this=_TS.copy(), desc=True), exp.Ordered(this=_STEP.copy())]
    return exp.Window(
        this=exp.Min(this=value),
        partition_by=[col(key, "r") for key in KEYS[grain]],
        order=exp.Order(expressions=order),
        spec=exp.WindowSpec(
            kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"
        ),
    )


def _known(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))


def _undisturbed() -> exp.Expr:
    barrier = col("barrier", "r")
    return exp.or_(
        exp.Is(this=barrier, expression=exp.Null()), barrier.copy() >= _DONE.copy(), copy=False
    )
