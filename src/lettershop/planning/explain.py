"""Why somebody is, or is not, in a segment: the sentence taken apart, with what was found.

Works on a finished evaluation: every condition's truth is there already; this reads it at one
subject and says which conditions decide. Segments that are referred to are opened where they do.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from lettershop.language import tree
from lettershop.language.definition import Definition, Mode
from lettershop.language.english import sentence
from lettershop.language.tree import Condition, Subject
from lettershop.model.clock import format_instant
from lettershop.model.values import MICRO
from lettershop.planning.frame import Column
from lettershop.planning.ground import Mask
from lettershop.planning.leaf_events import did_metric, edge_column
from lettershop.planning.leaf_fields import change
from lettershop.planning.leaf_others import moved_at, record_metric
from lettershop.planning.measures import empty_is_zero, measure
from lettershop.planning.metrics import FieldScope, FieldTest, Grain, grain_of
from lettershop.planning.nearest import Asked, Step, Turn, View, Way
from lettershop.planning.needs import need
from lettershop.planning.place import Place, field_of, place_of
from lettershop.planning.truth import Truth

DEEPEST = 3
"""How many segments, one referring to the other, are opened."""


class Line(msgspec.Struct, frozen=True):
    """One condition: what it says, whether it is true here, what was found, whether it decides.
    `segment`: the segment it stands in, where that is another one, opened."""

    depth: int
    sentence: str
    truth: bool
    found: str = ""
    decides: bool = False
    segment: str = ""


class Because(msgspec.Struct, frozen=True):
    """A condition that becomes true, or false."""

    sentence: str
    truth: bool


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """From when on the answer has been what it is. `at` None: not known, `note` says why.
    `recorded`: from the transitions, with their `cause`; else worked out from the facts."""

    at: str | None
    recorded: bool = False
    cause: str = ""
    note: str = ""


class Upcoming(msgspec.Struct, frozen=True, kw_only=True):
    """When the answer changes if nothing happens. `at` None: it does not, or nobody can say;
    `note` says which."""

    at: str | None
    enters: bool
    because: tuple[Because, ...] = ()
    note: str = ""


class PinSaid(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody put this subject in, or keeps it out, whatever the rule says."""

    include: bool
    by: str = ""
    reason: str = ""
    until: str = ""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """`decided_by` says what the answer hangs on: the rule, the mode (who was in before), a pin, or
    that the subject is not one of those segments are drawn from. `member` is the answer after all
    that, `lines` are about the rule alone."""

    segment: str
    title: str
    subject: Subject
    who: str
    account: str | None
    """The account the sentence is about: the qualifying one, or the one that comes nearest."""
    member: bool
    in_universe: bool
    lines: tuple[Line, ...]
    mode: Mode = "dynamic"
    decided_by: Literal["rule", "mode", "pin", "universe"] = "rule"
    pin: PinSaid | None = None
    taken_by: str = ""
    """The earlier segment of the partition that holds the subject."""
    since: Since | None = None
    upcoming: Upcoming | None = None
    nearest: tuple[Way, ...] = ()
    """What would change the rule's answer, the easiest first."""
    uncertain: tuple[str, ...] = ()
    """Why the answer may be wrong: events it hangs on have not been heard of."""


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

Opener = Callable[[tree.InSegment, Spot, Place], "list[tuple[Definition, Spot]]"]
"""The segment that is referred to, at every spot it is asked about; empty: it is not known."""


class Reader:
    """Reads one definition at one spot."""

    def __init__(
        self,
        truth: Truth,
        definition: Definition,
        spot: Spot,
        field: FieldReader,
        opener: Opener,
        deep: int = 0,
    ) -> None:
        self.truth, self.definition, self.spot = truth, definition, spot
        self.subject, self.place = definition.subject, place_of(definition.subject)
        self._field_of, self._opener, self._deep = field, opener, deep
        self._readers: dict[tuple[str, str], list[Reader]] = {}

    def lines(self) -> list[Line]:
        """The definition's conditions in reading order."""
        return list(self._walk(self.definition.where, 0, decides=True))

    def holds(self, node: Condition) -> bool:
        return self._read(self.truth.masks[id(node), self.place])

    def score(self) -> tuple[bool, int]:
        """Whether the sentence is true here, and how many of its conditions are."""
        lines = self._walk(self.definition.where, 0, decides=True, opening=False)
        return self.holds(self.definition.where), sum(line.truth for line in lines)

    def asked(self) -> Asked:
        """For `nearest`."""
        return self.definition.where, View(self.holds, self._key, self._turn, self._inside)

    # --- taking it apart --------------------------------------------------------------------------

    def _walk(
        self, node: Condition, depth: int, *, decides: bool, opening: bool = True
    ) -> Iterator[Line]:
        holds = self.holds(node)
        name = self.definition.name if self._deep else ""
        match node:
            case tree.And(parts=parts) | tree.Or(parts=parts) if parts:
                both = isinstance(node, tree.And)
                said = "all of" if both else "at least one of"
                yield Line(depth, said, holds, "", decides, name)
                for part in parts:
                    # Where all must hold and do, every part decides; else those that fail.
                    counts = holds == both or self.holds(part) == holds
                    yield from self._walk(
                        part, depth + 1, decides=decides and counts, opening=opening
                    )
            case tree.Not(part=part):
                yield Line(depth, "not", holds, "", decides, name)
                yield from self._walk(part, depth + 1, decides=decides, opening=opening)
            case tree.InSegment() if opening and decides and (inside := self._shown(node)):
                inner = max(inside, key=Reader.score)  # the account that comes nearest
                yield Line(depth, sentence(node, self.subject), holds, "", decides, name)
                yield from inner._walk(inner.definition.where, depth + 1, decides=decides)
            case _:
                said = sentence(node, self.subject)
                yield Line(depth, said, holds, self._found(node), decides, name)

    def _opened(self, node: tree.InSegment) -> list["Reader"]:
        """The segment referred to, at every spot it is asked about."""
        if self._deep >= DEEPEST:
            return []
        key = node.name, node.scope
        if key not in self._readers:
            self._readers[key] = [
                Reader(self.truth, definition, spot, self._field_of, self._opener, self._deep + 1)
                for definition, spot in self._opener(node, self.spot, self.place)
            ]
        return self._readers[key]

    def _shown(self, node: tree.InSegment) -> list["Reader"]:
        """What of it is shown: what one member of a partition says of the others is said once."""
        family = self.definition.partition if self._deep else None
        inside = self._opened(node)
        return [r for r in inside if family is None or r.definition.partition != family]

    def _inside(self, node: tree.InSegment) -> list[Asked]:
        return [reader.asked() for reader in self._opened(node)]

    def _turn(self, node: Condition, wanted: bool) -> Turn:
        said = need(node, self.subject, wanted=wanted, found=self._amount(node))
        name = self.definition.name if self._deep else ""
        step = Step(need=said.text, effort=said.effort, found=self._found(node), segment=name)
        return Turn(self._key(node), wanted, step, said.amount)

    def _key(self, node: Condition) -> object:
        return msgspec.json.encode(node), self.place, self.spot

    # --- what was found ---------------------------------------------------------------------------

    def _read(self, mask: Mask) -> bool:
        slot = self.spot.read(mask.grain)
        return False if slot is None else bool(mask.bits[slot])

    def _number(self, grain: Grain, column: Column) -> int | None:
        slot = self.spot.read(grain)
        return int(column.value[slot]) if slot is not None and column.known[slot] else None

    def _amount(self, node: Condition) -> int | None:
        """The number a condition compares: a count, or micro-units of a measure."""
        at = self.truth.at
        match node:
            case tree.Did():
                metric = did_metric(node, self.place)
                return self._number(grain_of(metric), at.get(metric)) or 0
            case tree.HasRecord():
                records = record_metric(node, self.place)
                return self._number(grain_of(records), at.get(records)) or 0
            case tree.MeasureTest() | tree.MeasureWithin() | tree.Rank():
                value = self._number(*measure(at, node.measure, self.place))
                return 0 if value is None and empty_is_zero(node.measure) else value
            case tree.People():
                people = self._people(node)
                return None if people is None else people[0]
            case tree.SegmentHistory(name=name):
                return int(self._read(self.truth.results[name]))
            case _:
                return None

    def _people(self, node: tree.People) -> tuple[int, int] | None:
        """How many of how many in the account."""
        frame = self.truth.frame
        here = frame.pair_account == self.spot.account
        if self.spot.account < 0:
            return None
        if node.roles:
            roles = FieldTest("membership", tree.OneOf("role", node.roles))
            here &= self.truth.at.get(roles).value == 1
        if node.who is None:
            return int(here.sum()), int(here.sum())
        mask = self.truth.masks.get((id(node.who), "person"))
        if mask is None:  # the same was asked elsewhere in the definitions, and remembered there
            return None
        hits = here & self.truth.over_pairs(mask)
        return int(np.count_nonzero(hits)), int(np.count_nonzero(here))

    def _found(self, node: Condition) -> str:
        """What the data says, in few words."""
        at, place = self.truth.at, self.place
        match node:
            case tree.Did():
                count = self._amount(node) or 0
                return f"{count:,} {'day' if node.days else 'time'}{'' if count == 1 else 's'}"
            case tree.EdgeTime() | tree.TimeSince():
                instant = self._number(*edge_column(at, node, place))
                return "never" if instant is None else format_instant(instant)
            case tree.MeasureTest() | tree.MeasureWithin() | tree.Rank():
                value = self._amount(node)
                return "not known" if value is None else _decimal(value)
            case tree.Moved():
                moved = self._number(*change(at, node.field, node.duration, place))
                return "not known" if moved is None else f"moved by {_decimal(moved)}"
            case tree.HasRecord():
                return f"{self._amount(node) or 0:,}"
            case tree.Held():
                return self._field(node.test.field)
            case tree.People():
                people = self._people(node)
                return "" if people is None else f"{people[0]:,} of {people[1]:,} people"
            case tree.KnownFor():
                return ""
            case tree.EdgeValue() | tree.Sequence() | tree.InSegment():
                return ""
            case tree.SegmentHistory():
                grain = self.truth.results[node.name].grain
                moved = self._number(grain, moved_at(at, node, grain))
                return "never" if moved is None else format_instant(moved)
            case tree.Random() | tree.Everyone():
                return ""
            case tree.And() | tree.Or() | tree.Not():
                return ""
            case _:
                return self._field(node.field)

    def _field(self, path: str) -> str:
        scope, name = field_of(path, self.place)
        return self._field_of(scope, name, self.spot)


def _decimal(micros: int) -> str:
    return f"{micros / MICRO:,.6f}".rstrip("0").rstrip(".")
