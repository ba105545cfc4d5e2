"""What a trait is made from: fields and segments; so the order to work traits out in."""

from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import assert_never, get_args

from lettershop.language import references
from lettershop.language.definition import Definition
from lettershop.language.tree import (
    Change,
    Condition,
    Extreme,
    Held,
    MeasureTest,
    MeasureWithin,
    Moved,
    Node,
    Number,
    People,
    Rank,
    ValueTest,
)
from lettershop.language.walk import children
from lettershop.planning.place import Place, field_of, place_of
from lettershop.profile.traits import AnyTrait, Interest, Rfm, Rollup, Score, Stage, fields_of

TESTS = get_args(ValueTest)
Field = tuple[str, str]
"""Scope (contact, account, membership) and bare name."""


def fields_in(node: Node, place: Place) -> Iterator[Field]:
    """Fields of contacts, accounts and memberships a condition looks at; properties of events and
    fields of records are none."""
    match node:
        case _ if isinstance(node, TESTS):
            yield field_of(node.field, place)
        case Moved() | Number() | Change() | Extreme():
            yield field_of(node.field, place)
        case Held(test=test):
            yield field_of(test.field, place)
        case MeasureTest(measure=measure) | MeasureWithin(measure=measure) | Rank(measure=measure):
            yield from fields_in(measure, place)
        case People(who=who) if who is not None:
            yield from fields_in(who, "person")
        case _ if _is_joint(node):
            for child in children(node):
                yield from fields_in(child, place)


def _is_joint(node: Node) -> bool:
    return type(node).__name__ in ("And", "Or", "Not")


def conditions(trait: AnyTrait) -> list[tuple[Condition | Number | Extreme | Change, Place]]:
    """Everything it asks, and whom."""
    place = place_of(trait.subject)
    match trait:
        case Score(rules=rules):
            return [(rule.where, place) for rule in rules]
        case Stage(labels=labels):
            return [(label.where, place) for label in labels]
        case Interest() | Rfm():
            return []
        case Rollup(measure=measure, who=who):
            inner: Place = place if trait.function == "own" else "person"
            asked: list[tuple[Condition | Number | Extreme | Change, Place]] = []
            if isinstance(measure, Number | Extreme | Change):
                asked.append((measure, inner))
            return [*asked, *([(who, inner)] if who is not None else [])]
        case _:
            assert_never(trait)


def segments_in(trait: AnyTrait) -> set[str]:
    found: set[str] = set()
    for node, _ in conditions(trait):
        if not isinstance(node, Number | Extreme | Change):
            found |= references(node)
    return found


class Graph:
    """Traits and segments: who is made from whom. Nodes read `lead_score`, `segment “VPs”`."""

    def __init__(
        self,
        traits: Collection[AnyTrait],
        segments: Mapping[str, Definition],
        broken: Mapping[Field, str] | None = None,
    ) -> None:
        """`broken`: fields of traits that cannot be used, with their names."""
        owner = dict(broken or {})
        owner |= {(t.subject, field): t.name for t in traits for field in fields_of(t)}
        self.names = [trait.name for trait in traits]
        self.edges: dict[str, set[str]] = {}
        for trait in traits:
            asked = (f for node, place in conditions(trait) for f in fields_in(node, place))
            own = {owner[f] for f in asked if f in owner}
            self.edges[trait.name] = own | {_segment(name) for name in segments_in(trait)}
        for name, definition in segments.items():
            place = place_of(definition.subject)
            own = {owner[f] for f in fields_in(definition.where, place) if f in owner}
            others = references(definition.where)
            self.edges[_segment(name)] = own | {_segment(other) for other in others}

    def cycles(self) -> list[list[str]]:
        """Paths, first node repeated at the end; each trait is in one at most."""
        found = []
        edges = dict(self.edges)
        while path := _cycle(edges):
            found.append(path)
            for node in path:
                edges.pop(node, None)
        return [path for path in found if set(path) & set(self.names)]

    def order(self) -> list[str]:
        """Traits after all they are made from. There must be no cycle."""
        own = set(self.names)
        return [node for node in TopologicalSorter(self.edges).static_order() if node in own]

    def levels(self) -> list[list[str]]:
        """Traits in groups: each is made from traits of earlier groups only."""
        level: dict[str, int] = {}
        for node in TopologicalSorter(self.edges).static_order():
            below = max((level[other] for other in self.edges.get(node, ())), default=-1)
            level[node] = below + (node in self.names)
        found: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
        for name in self.names:
            found[level[name]].append(name)
        return found


def _segment(name: str) -> str:
    return f"segment “{name}”"


def _cycle(edges: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return [*reversed(error.args[1])]
    return []
