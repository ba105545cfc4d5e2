"""From a finished evaluation to nodes: the same tree once more, each node with the truth found."""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec.json import encode

from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.tree import Condition
from lettershop.planning.flow.nodes import (
    AnyNode,
    Constant,
    Crowd,
    Join,
    Leaf,
    Members,
    Negation,
    Node,
)
from lettershop.planning.flow.picked import picked
from lettershop.planning.frame import Bits, Column, Columns, Ints, Zones
from lettershop.planning.metrics import AnyMetric, Grain
from lettershop.planning.place import Place, place_of
from lettershop.planning.truth import Truth, leaf_mask, roles_test

TIMED = (
    tree.EdgeTime,
    tree.TimeSince,
    tree.KnownFor,
    tree.DateTest,
    tree.Anniversary,
    tree.SegmentHistory,
)
"""Leaves that compare a stored value with the moment. Of all others the moment is in the metric."""

Pinned = Mapping[str, tuple[Ints, Ints]]
"""Per segment: the slots put in, and those kept out."""


def build(truth: Truth, definitions: Sequence[Definition], pins: Pinned) -> list[AnyNode]:
    """Nodes in order, each after those it depends on."""
    builder = _Builder(truth, pins)
    for definition in definitions:
        builder.add(definition)
    return builder.nodes


class _Builder:
    def __init__(self, truth: Truth, pins: Pinned) -> None:
        self.truth, self.pins = truth, pins
        self.nodes: list[AnyNode] = []
        self.segments: dict[str, Members] = {}
        self._leaves: dict[tuple[bytes, Place], Leaf] = {}

    def add(self, definition: Definition) -> None:
        rule = self._of(definition.where, place_of(definition.subject))
        mask = self.truth.results[definition.name]
        none = np.zeros(0, np.int64)
        put_in, kept_out = self.pins.get(definition.name, (none, none))
        node = Members(mask.grain, mask.bits.copy(), definition, rule, put_in, kept_out)
        self.segments[definition.name] = node
        self.nodes.append(node)

    def _of(self, node: Condition, place: Place) -> Node:
        match node:
            case tree.InSegment(name=name):
                return self.segments[name]
            case tree.SegmentHistory(name=name, move="stayed"):
                grain, bits = self._mask(node, place)
                both = self.segments[name], self._recorded(node, place, grain)
                return self._add(Join(grain, bits, both, every=True))
            case tree.And(parts=parts) | tree.Or(parts=parts) if parts:
                own = [self._of(part, place) for part in parts]
                found = self._mask(node, place)
                return self._add(Join(*found, own, isinstance(node, tree.And)))
            case tree.Not(part=part):
                inner = self._of(part, place)
                return self._add(Negation(*self._mask(node, place), inner))
            case tree.People():
                who = None if node.who is None else self._of(node.who, "person")
                roles = roles_test(node) if node.roles else None
                return self._add(Crowd(*self._mask(node, place), node, who, roles))
            case tree.Everyone() | tree.And() | tree.Or():
                return self._add(Constant(*self._mask(node, place)))
            case _:
                return self._leaf(node, place)

    def _recorded(self, node: tree.SegmentHistory, place: Place, grain: Grain) -> Leaf:
        """What is recorded, apart from whether the subject is in."""
        return self._leaf(node, place, leaf_mask(self.truth.at, node, place, grain).bits)

    def _leaf(self, node: Condition, place: Place, alone: Bits | None = None) -> Leaf:
        said = encode(node), place
        if said not in self._leaves:
            grain, bits = self._mask(node, place)
            bits = bits if alone is None else alone
            leaf = Leaf(
                grain,
                bits,
                node,
                place,
                metrics_of(self.truth, node, place, grain),
                isinstance(node, TIMED),
                isinstance(node, tree.Rank),
            )
            self._leaves[said] = leaf
            self.nodes.append(leaf)
        return self._leaves[said]

    def _add(self, node: AnyNode) -> AnyNode:
        self.nodes.append(node)
        return node

    def _mask(self, node: Condition, place: Place) -> tuple[Grain, Bits]:
        mask = self.truth.masks[id(node), place]
        return mask.grain, mask.bits.copy()  # no two nodes may share what they write to


class _Recorder:
    """Columns that write down what they are asked for."""

    def __init__(self, of: Columns) -> None:
        self.of = of
        self.asked: dict[AnyMetric, None] = {}

    def column(self, metric: AnyMetric) -> Column:
        self.asked[metric] = None
        return self.of.column(metric)

    def zones(self, grain: Grain) -> Zones:
        return self.of.zones(grain)

    def salt(self, name: str) -> int:
        return self.of.salt(name)


def metrics_of(truth: Truth, node: Condition, place: Place, grain: Grain) -> tuple[AnyMetric, ...]:
    """The columns a leaf looks at, found by asking it about nobody."""
    recorder = _Recorder(truth.at.columns)
    at = truth.at._replace(columns=recorder)
    leaf_mask(picked(at, grain, np.zeros(0, np.int64)), node, place, grain)
    return tuple(recorder.asked)
