"""What one condition would need to turn, in words, with the amount that is missing."""

import re
from typing import NamedTuple, assert_never

from msgspec.structs import replace

from lettershop.language import tree
from lettershop.language.english import clause, where
from lettershop.language.english_events import measure, qualified
from lettershop.language.english_parts import field, number, predicate, quoted, span
from lettershop.language.operators import OPERATORS
from lettershop.language.tree import Condition, Subject, ValueTest
from lettershop.language.voice import VOICES, Voice
from lettershop.language.words import counted, plural
from lettershop.model.values import MICRO
from lettershop.planning.nearest import Effort


class Need(NamedTuple):
    """`amount`: how much of it is missing, for putting the smaller first."""

    text: str
    effort: Effort
    amount: float = 0.0


Leaf = Condition
"""Anything but `and`, `or`, `not`."""


def need(node: Leaf, subject: Subject, *, wanted: bool, found: int | None) -> Need:
    """What would make the condition `wanted`. `found`: its count (of a measure: micro-units) now,
    of a percentage of people how many there are; of a segment 1 when in it."""
    voice = VOICES[subject]
    match node:
        case tree.Did():
            return _did(node, voice, wanted ^ node.negated, found or 0)
        case tree.HasRecord():
            return _records(node, voice, wanted, found or 0)
        case tree.People():
            return _people(node, voice, wanted, found)
        case tree.MeasureTest():
            return _measure(node, voice, wanted, found)
        case tree.MeasureWithin(measure=what):
            return Need(_said(node, voice, wanted), _effort(what, more=True), 1)
        case tree.TimeSince() | tree.EdgeTime():
            return _edge(node, voice, wanted)
        case tree.Sequence():
            effort: Effort = "event" if wanted ^ node.negated else "waiting"
            return Need(_said(node, voice, wanted), effort, len(node.steps) + 1)
        case tree.EdgeValue():
            return Need(_said(node, voice, wanted), "event", 1)
        case tree.KnownFor(duration=duration):
            text = f"to have been known for {span(duration)}"
            return Need(text, "waiting") if wanted else Need("", "impossible")
        case tree.Held(test=test, duration=duration):
            text = f"{would(test, wanted=wanted)}" + (f" for {span(duration)}" if wanted else "")
            return Need(text, "waiting" if wanted else "change")
        case tree.Anniversary():
            return Need(_said(node, voice, wanted), "waiting")
        case tree.SegmentHistory():
            return _recorded(node, voice, wanted, inside=bool(found))
        case tree.Rank() | tree.InSegment():
            return Need(_said(node, voice, wanted), "others")
        case tree.Moved():
            return Need(_said(node, voice, wanted), "change")
        case tree.Everyone() | tree.Random():
            return Need(_said(node, voice, wanted), "impossible")
        case tree.And() | tree.Or() | tree.Not():
            return Need(_said(node, voice, wanted), "change")
        case _:
            return Need(would(node, wanted=wanted), "change")


def _said(node: Leaf, voice: Voice, wanted: bool) -> str:
    text = clause(node, voice)
    return text if wanted else f"no longer: {text}"


def _recorded(node: tree.SegmentHistory, voice: Voice, wanted: bool, *, inside: bool) -> Need:
    """Out of a window by waiting alone; into it by moving, once that is recorded."""
    whose = "by the account: " if node.scope == "account" and voice.has_account else ""
    name = f"the segment {quoted(node.name)}"
    match node.move, wanted:
        case "entered", True:
            return Need(f"{whose}to enter {name}{' anew' if inside else ''}", "change", 1)
        case "left", True:
            return Need(f"{whose}to leave {name}", "change", 1 if inside else 2)
        case "stayed", True:
            stay = "stay in" if inside else "enter"
            length = "until it has been" if inside else "and stay for"
            return Need(f"{whose}to {stay} {name} {length} {span(node.duration)}", "waiting")
        case "stayed", False:
            return Need(f"{whose}to leave {name}", "change", 1)
        case _:
            moving = "entering" if node.move == "entered" else "leaving"
            return Need(f"{whose}{moving} {name} to be {span(node.duration)} ago", "waiting")


# --- counts ---------------------------------------------------------------------------------------


def missing(count: tree.Count, n: int, found: int, *, wanted: bool) -> int:
    """How many more it takes for the comparison to become `wanted`; below 0: how many fewer."""
    match count, wanted:
        case ("at least", True) | ("fewer than", False):
            return n - found
        case ("more than", True) | ("at most", False):
            return n + 1 - found
        case ("at least", False) | ("fewer than", True):
            return n - 1 - found
        case ("more than", False) | ("at most", True):
            return n - found
        case ("exactly", True):
            return n - found
        case ("exactly", False):
            return 1
        case _:
            raise ValueError(count)


def _did(node: tree.Did, voice: Voice, wanted: bool, found: int) -> Need:
    more = missing(node.count, node.n, found, wanted=wanted)
    whose = "by the account: " if node.events.scope == "account" and voice.has_account else ""
    same = f" with the same {field(node.same)}" if node.same is not None else ""
    if more < 0:
        left = found + more
        least = f"no more than {left} " if left else "no "
        events = qualified(node.events, where).removeprefix("any" if not left else "")
        text = f"{whose}{least}{'days with ' if node.days else ''}{events}{same}"
        return Need(text.replace("no thing", "nothing"), _expiry(node.events.window), -more)
    if node.days:
        days = counted(more, "more different day" if found else "different day")
        return Need(f"{whose}{qualified(node.events, where)} on {days}", "event", more)
    if found:
        return Need(f"{whose}{more} more {qualified(node.events, where)}{same}", "event", more)
    times = _times(more) + same
    return Need(f"{whose}{qualified(node.events, where, extra=times)}", "event", more)


def _times(n: int) -> str:
    return {1: "", 2: " twice"}.get(n, f" {n} times")


def _expiry(window: tree.Window | None) -> Effort:
    """Whether waiting makes events not count any more."""
    match window:
        case tree.Last() | tree.LastCalendar() | tree.Today():
            return "waiting"
        case None | tree.Ago() | tree.Between() | tree.Before() | tree.After() | tree.On():
            return "impossible"
        case _:
            assert_never(window)


def _records(node: tree.HasRecord, voice: Voice, wanted: bool, found: int) -> Need:
    more = missing(node.count, node.n, found, wanted=wanted)
    whose = "of the account: " if node.scope == "account" and voice.has_account else ""
    amount = abs(more)
    kind = node.kind if amount == 1 else plural(node.kind)
    how = ("more " if found else "") if more > 0 else "fewer "
    return Need(f"{whose}{amount} {how}{kind}{where(node.where)}", "change", amount)


def _people(node: tree.People, voice: Voice, wanted: bool, found: int | None) -> Need:
    if node.quantity != "count" or found is None:
        return Need(_said(node, voice, wanted), "others", 1)
    more = missing(node.count, int(node.n), found, wanted=wanted)
    amount, how = abs(more), "more" if more > 0 else "fewer"
    noun = "person" if amount == 1 else "people"
    inner = f" {clause(node.who, VOICES['people'])}" if node.who is not None else ""
    roles = f" with role {' or '.join(map(quoted, node.roles))}" if node.roles else ""
    return Need(f"{amount} {how} {noun} in the account{roles}{inner}", "others", amount)


# --- measures, first and last ---------------------------------------------------------------------


def _measure(node: tree.MeasureTest, voice: Voice, wanted: bool, found: int | None) -> Need:
    """How far the number is from where it would have to be."""
    said = re.sub(r"^whose (account's )?", "", measure(node.measure, voice, where))
    op = node.op if wanted else _TURNED.get(node.op, "")
    if op in (">", ">=") and found is not None:
        above = "more than " if op == ">" else ""
        gap = number(round(node.value - found / MICRO, 6))
        return Need(f"{above}{gap} more in the {said}", _effort(node.measure, more=True), 1)
    effort = _effort(node.measure, more=op in (">", ">="))
    return Need(_said(node, voice, wanted), effort, 1)


def _effort(what: tree.Measure, *, more: bool) -> Effort:
    """How a measure grows, or becomes less."""
    match what:
        case tree.Aggregate(function="average"):
            return "event"
        case tree.CountOf(events=events) | tree.Aggregate(events=events):
            return "event" if more else _expiry(events.window)
        case tree.RecordAggregate() | tree.Number() | tree.Change() | tree.Extreme():
            return "change"


def _edge(node: tree.TimeSince | tree.EdgeTime, voice: Voice, wanted: bool) -> Need:
    """The last one comes nearer with a new event; it goes away only with time."""
    newer = wanted
    if isinstance(node, tree.TimeSince):
        newer = wanted == (node.op in ("<", "<="))
    if node.edge == "last" and newer:
        return Need(f"a new {qualified(replace(node.events, window=None), where)}", "event", 1)
    return Need(_said(node, voice, wanted), "waiting")


# --- values ---------------------------------------------------------------------------------------

_VERBS = (
    ("is not ", "not be "),
    ("is none", "be none"),
    ("is ", "be "),
    ("has ", "have "),
    ("does not ", "not "),
    ("do not ", "not "),
    ("contains ", "contain "),
    ("starts ", "start "),
    ("ends ", "end "),
    ("matches ", "match "),
    ("include ", "include "),
)
_NEGATIVE = {row.of: row.key for row in OPERATORS.values() if row.of}


def would(test: ValueTest, *, wanted: bool) -> str:
    """`title would have to contain “VP”`."""
    said = predicate(test if wanted else _opposite(test))
    said = re.sub(r" \(or (is |are )?unknown\)", "", said)
    name = field(test.field)
    rest = said.removeprefix(f"{name} ")
    for verb, infinitive in _VERBS:
        if rest.startswith(verb):
            rest = infinitive + rest.removeprefix(verb)
            break
    denied = "" if wanted or _opposite(test) is not test else "no longer "
    return f"{name} would have to {denied}{rest}"


_TURNED = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def _opposite(test: ValueTest) -> ValueTest:
    """The test that says the contrary; the same where there is none."""
    match test:
        case tree.Compare(op=op):
            other = _TURNED.get(op) or OPERATORS[op].of if op in OPERATORS else ""
            other = other or _NEGATIVE.get(op, "")
            return replace(test, op=other) if other else test
        case tree.Within() | tree.OneOf() | tree.Matches() | tree.IsKnown():
            return replace(test, negated=not test.negated)
        case tree.Includes(how="any"):
            return replace(test, how="none")
        case tree.Includes(how="none"):
            return replace(test, how="any")
        case tree.Includes() | tree.DateTest() | tree.Anniversary() | tree.Near():
            return test
        case _:
            assert_never(test)
