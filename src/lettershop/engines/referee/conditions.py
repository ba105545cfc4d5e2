"""Every condition there is, and when it is true of a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from math import ceil
from typing import assert_never

from lettershop.engines.referee.case import Case
from lettershop.engines.referee.chance import is_drawn
from lettershop.engines.referee.compare import by_count, test_holds, where_holds
from lettershop.engines.referee.events import did, edge_time, edge_value, sequence, time_since
from lettershop.engines.referee.measures import (
    Measured,
    measure,
    measure_test,
    measure_within,
    moved,
)
from lettershop.engines.referee.moment import Moment, at
from lettershop.language import tree
from lettershop.language.tree import (
    And,
    Anniversary,
    Compare,
    Condition,
    DateTest,
    Did,
    EdgeTime,
    EdgeValue,
    Everyone,
    HasRecord,
    Held,
    Includes,
    InSegment,
    IsKnown,
    KnownFor,
    Matches,
    MeasureTest,
    MeasureWithin,
    Moved,
    Near,
    Not,
    OneOf,
    Or,
    People,
    Random,
    Rank,
    SegmentHistory,
    Subject,
    TimeSince,
    Within,
)
from lettershop.model.errors import DefinitionError, Finding
from lettershop.model.facts import Rate
from lettershop.model.values import fold

Members = set[object]
"""Contact identities, account ids, or (contact, account) pairs."""


@dataclass(frozen=True)
class Transition:
    """Somebody entered or left a segment: when it came true, when it was seen, and why."""

    segment: str
    subject: object
    """As in Members."""
    entered: bool
    at: int
    detected_at: int
    cause: str


@dataclass(frozen=True)
class Judge:
    """What conditions need beside the case: the moment, and the segments decided before."""

    moment: Moment
    salts: Mapping[str, int]
    rates: Sequence[Rate]
    transitions: Sequence[Transition] = ()
    decided: dict[str, tuple[Subject, Members]] = field(default_factory=dict)

    def holds(self, condition: Condition, case: Case) -> bool:
        match condition:
            case And(parts=parts):
                return all(self.holds(part, case) for part in parts)
            case Or(parts=parts):
                return any(self.holds(part, case) for part in parts)
            case Not(part=part):
                return not self.holds(part, case)
            case Everyone():
                return True
            case (
                Compare()
                | Within()
                | OneOf()
                | Includes()
                | Matches()
                | IsKnown()
                | DateTest()
                | Anniversary()
                | Near()
            ):
                path = condition.field
                return test_holds(condition, case.value(path), case.field_calendar(path))
            case Did():
                return did(case, condition)
            case tree.Sequence():
                return sequence(case, condition)
            case EdgeTime():
                return edge_time(case, condition)
            case EdgeValue():
                return edge_value(case, condition)
            case TimeSince():
                return time_since(case, condition)
            case MeasureTest():
                return measure_test(case, condition, self.rates)
            case MeasureWithin():
                return measure_within(case, condition, self.rates)
            case Moved():
                return moved(case, condition)
            case Held():
                return held(case, condition)
            case KnownFor():
                return known_for(case, condition)
            case Rank():
                return self.ranks(condition, case)
            case InSegment():
                return self.in_segment(condition, case)
            case SegmentHistory():
                return self.segment_history(condition, case)
            case People():
                return self.people(condition, case)
            case HasRecord():
                return has_record(case, condition)
            case Random():
                return is_drawn(condition, case.contact or case.account or "", self.salts)
            case _:
                assert_never(condition)

    def ranks(self, condition: Rank, case: Case) -> bool:
        """Among all accounts, or all contacts by what is theirs; ties are all in."""
        if case.contact is None:
            everyone = {a: Case(self.moment, "account", None, a) for a in self.moment.accounts}
        else:
            everyone = {c: Case(self.moment, "contact", c, None) for c in self.moment.contacts}
        mine = everyone.get(case.contact or case.account or "")
        found = [measure(other, condition.measure, self.rates) for other in everyone.values()]
        numbers = sorted(evident(found), reverse=condition.end == "top")
        here = evident([measure(mine, condition.measure, self.rates)] if mine else [])
        n = Fraction(str(condition.n))
        last = min(ceil(n / 100 * len(numbers) if condition.percent else n), len(numbers))
        if not here or last < 1:
            return False
        return (
            here[0] >= numbers[last - 1] if condition.end == "top" else here[0] <= numbers[last - 1]
        )

    def in_segment(self, condition: InSegment | SegmentHistory, case: Case) -> bool:
        members, key = self.referred(condition, case)
        return key in members

    def segment_history(self, condition: SegmentHistory, case: Case) -> bool:
        """By the transitions that were detected before this moment."""
        members, key = self.referred(condition, case)
        said = [
            t
            for t in self.transitions
            if (t.segment, t.subject) == (condition.name, key) and t.detected_at < case.moment.as_of
        ]
        start = case.calendar().back(condition.duration)
        if condition.move == "stayed":
            return key in members and bool(said) and said[-1].entered and said[-1].at <= start
        moves = [
            t.at
            for t in said
            if t.entered is (condition.move == "entered") and t.cause != "definition"
        ]
        return bool(moves) and start < max(moves) <= case.moment.as_of

    def referred(self, condition: InSegment | SegmentHistory, case: Case) -> tuple[Members, object]:
        """The members of the segment, and whom of them the case is about."""
        if condition.name not in self.decided:
            raise refused("segment.unknown", f"there is no segment “{condition.name}”")
        subject, members = self.decided[condition.name]
        if subject == "account":
            fits = condition.scope == "account" or case.contact is None
            key: object = case.account
        elif subject == "contact":
            fits = condition.scope == "own" and case.contact is not None
            key = case.contact
        else:
            fits = condition.scope == "own" and case.contact is not None
            key = (case.contact, case.account)
        if not fits:
            raise refused(
                "segment.subject", f"“{condition.name}” is a segment of another subject ({subject})"
            )
        return members, key

    def people(self, condition: People, case: Case) -> bool:
        """How many people of the account, with one of the roles, make the inner sentence true."""
        roles = {fold(role) for role in condition.roles}
        pairs = [
            pair
            for pair, role in self.moment.people.items()
            if pair[1] == case.account and (not roles or fold(role or "") in roles)
        ]
        fitting = [
            pair
            for pair in pairs
            if condition.who is None
            or self.holds(condition.who, Case(self.moment, "people", *pair, inside=True))
        ]
        n = Fraction(str(condition.n))
        match condition.quantity:
            case "count":
                return by_count(condition.count, len(fitting), n)
            case "percent":
                share = Fraction(100 * len(fitting), len(pairs) or 1)
                return bool(pairs) and by_count(condition.count, share, n)
            case "all":
                return bool(pairs) and len(fitting) == len(pairs)
            case _:
                assert_never(condition.quantity)


def evident(found: Sequence[Measured]) -> list[int]:
    """The numbers that take part in a ranking."""
    return [m.number for m in found if m.evidence and m.number is not None]


def held(case: Case, condition: Held) -> bool:
    """At the start, and for every value that was written since."""
    path = condition.test.field
    start = case.calendar().back(condition.duration)
    said = case.writes(path)
    values = [at(said, start), *(write.value for write in said if write.ts > start)]
    return all(test_holds(condition.test, value, case.field_calendar(path)) for value in values)


def known_for(case: Case, condition: KnownFor) -> bool:
    if condition.scope == "account" or case.contact is None:
        since = case.moment.account_known_since.get(case.account or "")
    else:
        since = case.moment.contact_known_since.get(case.contact)
    return since is not None and since <= case.calendar().back(condition.duration)


def has_record(case: Case, condition: HasRecord) -> bool:
    calendar = case.calendar(condition.scope)
    number = sum(
        where_holds(condition.where, partial(case.record_field, record), calendar)
        for record in case.records(condition.kind, condition.scope)
    )
    return by_count(condition.count, number, condition.n)


def refused(code: str, message: str) -> DefinitionError:
    return DefinitionError([Finding(code, message)])
