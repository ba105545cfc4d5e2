"""A trait as hidden segments: each one truth, kept current by the same refresh as all others."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, assert_never

from lettershop.language.definition import HIDDEN, Definition
from lettershop.language.tree import Condition, Everyone
from lettershop.profile.decay import parts_of
from lettershop.profile.traits import (
    AnyTrait,
    Interest,
    Label,
    Rfm,
    Rollup,
    Rule,
    Score,
    Stage,
    TraitSubject,
)

EVERYBODY: Final[Mapping[TraitSubject, str]] = {
    "contact": f"{HIDDEN}contacts",
    "account": f"{HIDDEN}accounts",
}
"""Hidden segments of everybody: whoever enters one gets the first values."""


class Bit(NamedTuple):
    """One hidden segment and what its members get (micro-units; 0 for labels)."""

    name: str
    where: Condition
    worth: int


def is_hidden(segment: str) -> bool:
    """Whether a segment is only there for a trait: left out of lists, streams and webhooks."""
    return segment.startswith(HIDDEN)


def trait_of(segment: str) -> str:
    """The trait a hidden segment belongs to; empty for the segments of everybody."""
    name, slash, _ = segment.removeprefix(HIDDEN).partition("/")
    return name if slash else ""


def rule_bits(trait: AnyTrait, rule: Rule) -> list[Bit]:
    base = f"{HIDDEN}{trait.name}/{rule.key}"
    return [Bit(f"{base}{part.key}", part.where, part.worth) for part in parts_of(rule)]


def label_bit(trait: AnyTrait, label: Label) -> Bit:
    return Bit(f"{HIDDEN}{trait.name}/{label.key}", label.where, 0)


def bits_of(trait: AnyTrait) -> list[Bit]:
    """All of a trait; none for those that are worked out from measures."""
    match trait:
        case Score(rules=rules):
            return [bit for rule in rules for bit in rule_bits(trait, rule)]
        case Stage(labels=labels):
            return [label_bit(trait, label) for label in labels]
        case Interest(tags=tags):
            return [bit for tag in tags for rule in tag.rules for bit in rule_bits(trait, rule)]
        case Rfm() | Rollup():
            return []
        case _:
            assert_never(trait)


def definitions_of(traits: Iterable[AnyTrait]) -> list[Definition]:
    """The hidden segments of all traits, those of everybody first."""
    ruled = [trait for trait in traits if not isinstance(trait, Rfm | Rollup)]
    return [*_everybody(ruled), *(d for trait in ruled for d in _definitions(trait))]


def _everybody(traits: Iterable[AnyTrait]) -> Iterator[Definition]:
    for subject in sorted({trait.subject for trait in traits}):
        yield Definition(name=EVERYBODY[subject], subject=subject, where=Everyone())


def _definitions(trait: AnyTrait) -> Iterator[Definition]:
    for bit in bits_of(trait):
        yield Definition(
            name=bit.name,
            subject=trait.subject,
            where=bit.where,
            title=f"{trait.name}, {bit.name.partition('/')[2]}",
            source=trait.source,
        )
