"""A query: one SQL tree, its key columns, and the metrics its other columns belong to."""

from typing import Literal, NamedTuple

from sqlglot import exp

from lettershop.planning.metrics import (
    AnyMetric,
)

Combine = Literal["set", "add", "min", "max"]


class Output(NamedTuple):
    """One result column: which metric it belongs to, and how parts of it come together."""

    metric: AnyMetric
    column: str
    combine: Combine


class Query(NamedTuple):
    """`keys` names the id columns: those of a grain, or `people` for membership fields."""

    sql: exp.Query
    keys: tuple[str, ...]
    outputs: tuple[Output, ...]
