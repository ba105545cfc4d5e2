"""A partition: an ordered family of segments in which every subject is in exactly one."""

from collections.abc import Sequence

import msgspec

from lettershop.language.definition import Definition
from lettershop.language.tree import And, Condition, InSegment, Not, Subject


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """`members` are names in order; the last is the catch-all."""

    name: str
    title: str
    subject: Subject
    members: tuple[str, ...]


def exclusive(members: Sequence[Definition]) -> list[Definition]:
    """The members with their own `where`, changed so that the first match wins.

    Each excludes the ones before it by reference, so a hundred members stay a hundred references.
    """
    return [
        msgspec.structs.replace(member, where=_unless(member.where, members[:number]))
        for number, member in enumerate(members)
    ]


def _unless(own: Condition, earlier: Sequence[Definition]) -> Condition:
    return And((own, *_none_of([e.name for e in earlier]))) if earlier else own


def rest(name: str, title: str, members: Sequence[Definition]) -> Definition:
    """The catch-all: everyone whom no member holds."""
    first = members[0]
    exclusions = _none_of([member.name for member in members])
    return Definition(
        name=name,
        title=title,
        subject=first.subject,
        where=And(exclusions) if len(exclusions) > 1 else exclusions[0],
        partition=first.partition,
        source=first.source,
    )


def _none_of(names: Sequence[str]) -> tuple[Condition, ...]:
    return tuple(Not(InSegment(name)) for name in names)
