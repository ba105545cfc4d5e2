"""Why somebody is, or is not, in a segment: the sentence taken apart, with what was found.

Works on a finished evaluation: every condition's truth is there already; this reads it at one
subject and says which conditions decide.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.english import sentence
from lettershop.language.tree import Condition, Subject
from lettershop.model.clock import format_instant
from lettershop.model.values import MICRO
from lettershop.planning.frame import Column
from lettershop.planning.ground import Mask
from lettershop.planning.leaf_events import did_metric, edge_column
from lettershop.planning.leaf_fields import change
from lettershop.planning.leaf_others import record_metric
from lettershop.planning.measures import empty_is_zero, measure
from lettershop.planning.metrics import FieldScope, Grain, grain_of
from lettershop.planning.place import Place, field_of, place_of
from lettershop.planning.truth import Truth


class Line(msgspec.Struct, frozen=True):
    """One condition: what it says, whether it is true here, what was found, whether it decides."""

    depth: int
    sentence: str
    truth: bool
    found: str = ""
    decides: bool = False


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    segment: str
    title: str
    subject: Subject
    who: str
    account: str | None
    """The account the sentence is about: the qualifying one, or the one that comes nearest."""
    member: bool
    in_universe: bool
    lines: tuple[Line, ...]


class Spot(NamedTuple):
    """One subject: its slot in the columns of each grain (-1: nobody)."""

    contact: int
    account: int
    pair: int | None

    def read(self, grain: Grain) -> int | None:
        match grain:
            case "contact":
                return self.contact
            case "account":
                return self.account
            case "pair":
                return self.pair


FieldReader = Callable[[FieldScope, str, Spot], str]
"""The current value of a field as text, for showing."""


def lines(truth: Truth, definition: Definition, spot: Spot, field: FieldReader) -> list[Line]:
    """The definition's conditions in reading order."""
    reader = _Reader(truth, definition.subject, spot, field)
    return list(reader.walk(definition.where, place_of(definition.subject), 0, decides=True))


class _Reader:
    def __init__(self, truth: Truth, subject: Subject, spot: Spot, field: FieldReader) -> None:
        self.truth, self.subject, self.spot, self.field = truth, subject, spot, field

    def walk(self, node: Condition, place: Place, depth: int, *, decides: bool) -> Iterator[Line]:
        holds = self._holds(node, place)
        match node:
            case tree.And(parts=parts) if parts:
                yield Line(depth, "all of", holds, "", decides)
                yield from self._parts(
                    parts, place, depth, decides=decides, decisive=None if holds else False
                )
            case tree.Or(parts=parts) if parts:
                yield Line(depth, "at least one of", holds, "", decides)
                yield from self._parts(
                    parts, place, depth, decides=decides, decisive=True if holds else None
                )
            case tree.Not(part=part):
                yield Line(depth, "not", holds, "", decides)
                yield from self.walk(part, place, depth + 1, decides=decides)
            case _:
                said = sentence(node, self.subject)
                yield Line(depth, said, holds, self._found(node, place), decides)

    def _parts(
        self,
        parts: tuple[Condition, ...],
        place: Place,
        depth: int,
        *,
        decides: bool,
        decisive: bool | None,
    ) -> Iterator[Line]:
        """`decisive`: the truth that makes a part decide; None: every part does."""
        for part in parts:
            counts = decisive is None or self._holds(part, place) == decisive
            yield from self.walk(part, place, depth + 1, decides=decides and counts)

    def _holds(self, node: Condition, place: Place) -> bool:
        return self._read(self.truth.masks[id(node), place])

    def _read(self, mask: Mask) -> bool:
        slot = self.spot.read(mask.grain)
        return False if slot is None else bool(mask.bits[slot])

    def _number(self, grain: Grain, column: Column) -> int | None:
        slot = self.spot.read(grain)
        return int(column.value[slot]) if slot is not None and column.known[slot] else None

    def _found(self, node: Condition, place: Place) -> str:
        """What the data says, in few words."""
        at = self.truth.at
        match node:
            case tree.Did():
                metric = did_metric(node, place)
                count = self._number(grain_of(metric), at.get(metric)) or 0
                return f"{count:,} {'day' if node.days else 'time'}{'' if count == 1 else 's'}"
            case tree.EdgeTime() | tree.TimeSince():
                instant = self._number(*edge_column(at, node, place))
                return "never" if instant is None else format_instant(instant)
            case tree.MeasureTest() | tree.MeasureWithin() | tree.Rank():
                value = self._number(*measure(at, node.measure, place))
                empty = "0" if empty_is_zero(node.measure) else "not known"
                return empty if value is None else _decimal(value)
            case tree.Moved():
                moved = self._number(*change(at, node.field, node.duration, place))
                return "not known" if moved is None else f"moved by {_decimal(moved)}"
            case tree.HasRecord():
                metric = record_metric(node, place)
                return f"{self._number(grain_of(metric), at.get(metric)) or 0:,}"
            case tree.Held():
                return self._field(node.test.field, place)
            case tree.EdgeValue() | tree.Sequence() | tree.People() | tree.InSegment():
                return ""
            case tree.Random() | tree.KnownFor() | tree.Everyone() | tree.SegmentHistory():
                return ""
            case tree.And() | tree.Or() | tree.Not():
                return ""
            case _:
                return self._field(node.field, place)

    def _field(self, path: str, place: Place) -> str:
        scope, name = field_of(path, place)
        return self.field(scope, name, self.spot)


def _decimal(micros: int) -> str:
    return f"{micros / MICRO:,.6f}".rstrip("0").rstrip(".")
