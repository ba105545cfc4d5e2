"""A partition proved: sizes sum to the universe, nobody is in two, the first match wins.

Counted from bitmaps of one moment, by nothing but set operations: the proof does not trust the
exclusions the definitions were given.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from pyroaring import BitMap

from lettershop.language.tree import Subject
from lettershop.segments.partition import Partition


class Member(NamedTuple):
    """A segment of a partition: who is in it, whom its own condition holds for (None: of the
    catch-all, which has none, or not known) and who is in or out by hand."""

    name: str
    members: BitMap
    own: BitMap | None
    pinned: BitMap


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """`matches` of the whole universe fit the segment's own condition, and `earlier` of these are
    held by a segment before it; `pinned` were put in or kept out by hand."""

    name: str
    size: int
    matches: int | None
    earlier: int | None
    pinned: int


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """`overlap` counts those in two or more, `missing` those in none, `strangers` those outside of
    the universe, `misplaced` those who are elsewhere than the first match (or a pin) puts them.
    It holds when all four are zero; then the sizes sum to the universe."""

    partition: str
    title: str
    subject: Subject
    universe: int
    total: int
    overlap: int
    missing: int
    strangers: int
    misplaced: int
    holds: bool
    catch_all: str
    shares: tuple[Share, ...]


def prove(family: Partition, members: Sequence[Member], universe: BitMap) -> Proof:
    """`members`: in the partition's order, the catch-all last."""
    once, twice = BitMap(), BitMap()
    for member in members:
        twice |= once & member.members
        once |= member.members
    total = sum(len(member.members) for member in members)
    misplaced = _misplaced(members, universe)
    missing, strangers = universe - once, once - universe
    return Proof(
        partition=family.name,
        title=family.title,
        subject=family.subject,
        universe=len(universe),
        total=total,
        overlap=len(twice),
        missing=len(missing),
        strangers=len(strangers),
        misplaced=len(misplaced),
        holds=not (twice or missing or strangers or misplaced) and total == len(universe),
        catch_all=family.members[-1],
        shares=_shares(members),
    )


def _misplaced(members: Sequence[Member], universe: BitMap) -> BitMap:
    """Who is not where the first match puts them, those with a pin left aside."""
    left, wrong = BitMap(universe), BitMap()
    by_hand = BitMap()
    for member in members:
        by_hand |= member.pinned
    for member in members[:-1]:
        if member.own is None:
            return BitMap()
        first = left & member.own
        wrong |= first ^ member.members
        left -= first
    wrong |= left ^ members[-1].members
    return wrong - by_hand


def _shares(members: Sequence[Member]) -> tuple[Share, ...]:
    before, found = BitMap(), []
    for member in members:
        matches = None if member.own is None else len(member.own)
        earlier = None if member.own is None else len(member.own & before)
        found.append(
            Share(
                name=member.name,
                size=len(member.members),
                matches=matches,
                earlier=earlier,
                pinned=len(member.pinned),
            )
        )
        before |= member.members
    return tuple(found)
