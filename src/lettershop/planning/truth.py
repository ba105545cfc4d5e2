"""From a tree and columns to one truth per subject.

`Truth.of` is the one `match` over conditions. Masks of different grain meet over the pairs
(`Frame.lift`), so that everything said about *the account* is about one and the same account.
Every mask is remembered by node, which is what explain reads.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any, assert_never

import numpy as np
from msgspec.json import encode
from msgspec.structs import replace

from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.tree import Condition
from lettershop.model.errors import DefinitionError, Finding
from lettershop.model.values import MICRO
from lettershop.planning import leaf_events, leaf_fields, leaf_others, measures
from lettershop.planning.frame import Bits, Ints
from lettershop.planning.ground import Leaves, Mask, counted, micros
from lettershop.planning.metrics import FieldTest, Grain
from lettershop.planning.place import Place, place_of, side_grain

_Leaf = Callable[[Leaves, Any, Place], Mask]
Adjust = Callable[[Definition, Mask], Mask]
"""What becomes of those the rule holds for: modes and pins (engines/duckdb/refresh/adjust.py)."""

_LEAVES: dict[type, _Leaf] = {
    tree.Did: leaf_events.did,
    tree.Sequence: leaf_events.sequence,
    tree.EdgeTime: leaf_events.edge_time,
    tree.TimeSince: leaf_events.time_since,
    tree.EdgeValue: leaf_events.edge_value,
    tree.MeasureTest: measures.measure_test,
    tree.MeasureWithin: measures.measure_test,
    tree.Moved: leaf_fields.moved,
    tree.Rank: measures.rank,
    tree.Held: leaf_fields.held,
    tree.KnownFor: leaf_others.known_for,
    tree.HasRecord: leaf_others.has_record,
    tree.Random: leaf_others.random,
}


class Truth:
    """Evaluates definitions in the given order; a definition may refer to earlier ones."""

    def __init__(
        self,
        at: Leaves,
        adjust: Adjust | None = None,
        recorded_as: Mapping[str, str] | None = None,
    ) -> None:
        """`recorded_as`: segments whose transitions stand under another name."""
        self.at, self._adjust = at, adjust
        self._recorded_as = recorded_as or {}
        self.frame = at.frame
        self.results: dict[str, Mask] = {}
        """Per evaluated segment: its members, at the grain of its subject."""
        self.whole: dict[str, Mask] = {}
        """Per evaluated segment: its sentence before it was projected to the subject."""
        self.masks: dict[tuple[int, Place], Mask] = {}
        self._said: dict[tuple[bytes, Place], Mask] = {}

    def evaluate(self, definition: Definition) -> Mask:
        """Members of the definition, within the universe of its subject."""
        mask = self.of(definition.where, place_of(definition.subject))
        self.whole[definition.name] = mask
        members = self._within_universe(definition, mask)
        self.results[definition.name] = (
            self._adjust(definition, members) if self._adjust else members
        )
        return self.results[definition.name]

    def of(self, node: Condition, place: Place) -> Mask:
        """The truth of a condition standing at that place; remembered by node."""
        if isinstance(node, tree.And | tree.Or | tree.Not):
            mask = self._of(node, place)
        else:
            # Popular conditions stand in many segments. JSON tells 1 from true, `==` does not.
            said = encode(node), place
            mask = self._said.get(said) or self._said.setdefault(said, self._of(node, place))
        self.masks[id(node), place] = mask
        return mask

    def _of(self, node: Condition, place: Place) -> Mask:
        match node:
            case tree.And(parts=parts):
                return self._join([self.of(part, place) for part in parts], place, every=True)
            case tree.Or(parts=parts):
                return self._join([self.of(part, place) for part in parts], place, every=False)
            case tree.Not(part=part):
                inner = self.of(part, place)
                return Mask(inner.grain, ~inner.bits)
            case tree.Everyone():
                return self._constant(place, value=True)
            case tree.InSegment():
                return self._in_segment(node, place)
            case tree.People():
                return self._people(node, place)
            case tree.SegmentHistory():
                return self._history(node, place)
            case _:
                return leaf_mask(self.at, node, place)

    def _constant(self, place: Place, *, value: bool) -> Mask:
        grain = side_grain("own", place)
        return Mask(grain, np.full(self.frame.size(grain), value))

    def _join(self, masks: list[Mask], place: Place, *, every: bool) -> Mask:
        """All (or any) of the masks, over pairs when they are not of one grain."""
        if not masks:
            return self._constant(place, value=every)
        grains = {mask.grain for mask in masks}
        grain: Grain = masks[0].grain if len(grains) == 1 else "pair"
        bits = [mask.bits if mask.grain == grain else self.over_pairs(mask) for mask in masks]
        return Mask(grain, reduce(and_ if every else or_, bits))

    def over_pairs(self, mask: Mask) -> Bits:
        return self.frame.lift(mask.bits, mask.grain).astype(np.bool_, copy=False)

    def _history(self, node: tree.SegmentHistory, place: Place) -> Mask:
        """`stayed` asks for those who are in as well."""
        members = self._in_segment(node, place)
        said = replace(node, name=self._recorded_as.get(node.name, node.name))
        recorded = leaf_mask(self.at, said, place, members.grain)
        if node.move != "stayed":
            return recorded
        return self._join([members, recorded], place, every=True)

    def _in_segment(self, node: tree.InSegment | tree.SegmentHistory, place: Place) -> Mask:
        if node.name not in self.results:
            raise DefinitionError([_unknown_segment(node)])
        found = self.results[node.name]
        wanted = side_grain(node.scope, place)
        if found.grain != wanted and (found.grain, wanted) != ("pair", "contact"):
            raise DefinitionError([_other_subject(node, wanted)])
        return found

    def _people(self, node: tree.People, place: Place) -> Mask:
        frame = self.frame
        people = frame.pair_account >= 0
        if node.roles:
            people &= self.at.get(roles_test(node)).value == 1
        matching = people
        if node.who is not None:
            matching = people & self.over_pairs(self.of(node.who, "person"))
        slots = frame.size("account")
        hits = np.bincount(frame.pair_account[matching], minlength=slots)
        total = np.bincount(frame.pair_account[people], minlength=slots)
        return Mask("account", enough(node, hits, total))

    def _within_universe(self, definition: Definition, mask: Mask) -> Mask:
        frame = self.frame
        match definition.subject:
            case "account":
                return Mask("account", mask.bits & frame.accounts.live)
            case "people":
                return Mask("pair", self.over_pairs(mask) & (frame.pair_account >= 0))
            case "contact":
                bits = mask.bits
                if mask.grain != "contact":
                    bits = np.zeros(frame.size("contact"), np.bool_)
                    bits[frame.pair_contact[self.over_pairs(mask)]] = True
                return Mask("contact", bits & frame.contacts.live)
            case _:
                assert_never(definition.subject)


def leaf_mask(at: Leaves, node: Condition, place: Place, grain: Grain | None = None) -> Mask:
    """The truth of a condition that has no conditions within and does not ask who is in a segment.

    `grain`: that of its answer, where only the segment it speaks of tells."""
    match node:
        case (
            tree.Compare()
            | tree.Within()
            | tree.OneOf()
            | tree.Includes()
            | tree.Matches()
            | tree.IsKnown()
            | tree.DateTest()
            | tree.Anniversary()
            | tree.Near()
        ):
            return leaf_fields.value_test(at, node, place)
        case (
            tree.Did()
            | tree.Sequence()
            | tree.EdgeTime()
            | tree.TimeSince()
            | tree.EdgeValue()
            | tree.MeasureTest()
            | tree.MeasureWithin()
            | tree.Moved()
            | tree.Rank()
            | tree.Held()
            | tree.KnownFor()
            | tree.HasRecord()
            | tree.Random()
        ):
            return _LEAVES[type(node)](at, node, place)
        case tree.SegmentHistory():
            if grain is None:
                raise TypeError(f"of whom the segment “{node.name}” is, must be said")
            return leaf_others.segment_history(at, node, grain)
        case (
            tree.And() | tree.Or() | tree.Not() | tree.Everyone() | tree.InSegment() | tree.People()
        ):
            raise TypeError(f"{type(node).__name__} is no leaf")
        case _:
            assert_never(node)


def roles_test(node: tree.People) -> FieldTest:
    """Whether a person's role is one of those asked for."""
    return FieldTest("membership", tree.OneOf("role", node.roles))


def enough(node: tree.People, hits: Ints, total: Ints) -> Bits:
    """Whether so many (hits) of an account's people (total) make the quantifier true."""
    match node.quantity:
        case "count":
            return counted(hits, node.count, int(node.n))
        case "percent":
            share = hits * 100 * MICRO - micros(node.n) * total
            return counted(share, node.count, 0) & (total > 0)
        case "all":
            every: Bits = (hits == total) & (total > 0)
            return every


def _unknown_segment(node: tree.InSegment | tree.SegmentHistory) -> Finding:
    return Finding("segment.unknown", f"there is no segment “{node.name}” to refer to")


def _other_subject(node: tree.InSegment | tree.SegmentHistory, wanted: Grain) -> Finding:
    return Finding(
        "segment.other_subject",
        f"“{node.name}” is not a segment of {wanted}s",
        hint="write account in segment …, or has a person who (in segment …)",
    )
