"""What every condition stands on: masks, what a leaf may look at, comparisons of columns."""

from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import NamedTuple

from lettershop.language import tree
from lettershop.language.tree import Count
from lettershop.model.catalog import Catalog
from lettershop.model.values import MICRO
from lettershop.planning.frame import Bits, Column, Columns, Frame, Ints
from lettershop.planning.metrics import (
    AnyMetric,
    Grain,
    Rows,
)


class Mask(NamedTuple):
    """One truth per subject of a grain."""

    grain: Grain
    bits: Bits


class Leaves(NamedTuple):
    """Everything a leaf may look at."""

    frame: Frame
    columns: Columns
    catalog: Catalog

    def get(self, metric: AnyMetric) -> Column:
        return self.columns.column(metric)


def micros(number: int | float) -> int:
    """A number of a definition in micro-units; exact."""
    return int(Decimal(str(number)) * MICRO)


def rows_of(events: tree.Events) -> Rows:
    return Rows(events.names, events.window, events.where)


_COMPARE = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def compare(values: Ints, op: str, threshold: int) -> Bits:
    found: Bits = _COMPARE[op](values, threshold)
    return found


_COUNT = {"at least": ">=", "more than": ">", "exactly": "=", "at most": "<=", "fewer than": "<"}


def counted(values: Ints, count: Count, n: int) -> Bits:
    return compare(values, _COUNT[count], n)
