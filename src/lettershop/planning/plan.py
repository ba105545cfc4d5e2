"""The plan: which columns a set of definitions needs.

Planning is evaluating over nobody. `Truth` runs over an empty frame with columns that only write
down what they were asked for; so what is planned and what is evaluated can never differ.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lettershop.language.definition import Definition
from lettershop.model.catalog import Catalog
from lettershop.planning.frame import Column, Frame, Zones, empty_frame
from lettershop.planning.ground import Leaves
from lettershop.planning.metrics import AnyMetric, Grain, grain_of
from lettershop.planning.truth import Truth


class Plan(NamedTuple):
    definitions: tuple[Definition, ...]
    """In the order of evaluation."""
    metrics: dict[AnyMetric, tuple[str, ...]]
    """Each distinct metric and the segments that want it."""
    zoned: bool
    """Whether the zones of subjects matter to conditions outside of queries."""


class _Notebook:
    """Columns of nobody: notes every metric asked for."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.metrics: dict[AnyMetric, list[str]] = {}
        self.reader = ""
        self.zoned = False

    def column(self, metric: AnyMetric) -> Column:
        wanted_by = self.metrics.setdefault(metric, [])
        if self.reader not in wanted_by:
            wanted_by.append(self.reader)
        size = self.frame.size(grain_of(metric))
        return Column(np.zeros(size, np.int64), np.zeros(size, np.bool_))

    def zones(self, grain: Grain) -> Zones:
        self.zoned = True
        return Zones((self.frame.zone,), np.zeros(self.frame.size(grain), np.int16))

    def salt(self, name: str) -> int:
        return 0


def plan(
    definitions: Sequence[Definition],
    catalog: Catalog,
    as_of: int,
    zone: str,
    recorded_as: Mapping[str, str] | None = None,
) -> Plan:
    """Plans definitions that are in order (order.py). `zone` is the workspace's; `recorded_as` as
    for `Truth`."""
    frame = empty_frame(as_of, zone)
    notebook = _Notebook(frame)
    truth = Truth(Leaves(frame, notebook, catalog), None, recorded_as)
    for definition in definitions:
        notebook.reader = definition.name
        truth.evaluate(definition)
    metrics = {metric: tuple(names) for metric, names in notebook.metrics.items()}
    return Plan(tuple(definitions), metrics, notebook.zoned)
