"""Tree to one English sentence that says the same: `Contacts whose title contains “VP” and who …`.

A condition becomes a relative clause (`whose …`, `who …`); inside a `where` it stays a predicate.
"""

from typing import assert_never

from msgspec.structs import replace

from lettershop.language import tree as t
from lettershop.language.english_events import did, edge_time, edge_value, measure, sequence, since
from lettershop.language.english_parts import (
    comparison,
    field,
    lasting,
    listing,
    number,
    predicate,
    quoted,
    span,
)
from lettershop.language.voice import VOICES, Voice
from lettershop.language.walk import walk
from lettershop.language.words import article, counted

NOTES: dict[t.Subject, str] = {
    "contact": "Days are those of the contact's time zone.",
    "account": "Days are those of the account's time zone.",
    "people": "Days are those of the person's time zone.",
}


def sentence(tree: t.Condition, subject: t.Subject) -> str:
    """One sentence, and after it, where calendar days matter, whose days they are."""
    voice = VOICES[subject]
    if isinstance(tree, t.Everyone):
        return f"All {voice.noun}."
    text = f"{voice.noun} {clause(tree, voice)}."
    note = f" {NOTES[subject]}" if any(map(_by_the_calendar, walk(tree))) else ""
    return text[0].upper() + text[1:] + note


def _by_the_calendar(node: t.Node) -> bool:
    match node:
        case t.On() | t.Today() | t.LastCalendar() | t.NextCalendar() | t.Anniversary():
            return True
        case t.Between(start, end):
            return "T" not in start or "T" not in end
        case t.Before(date) | t.After(date):
            return "T" not in date
        case t.Did(days=days):
            return days
        case _:
            return False


def clause(node: t.Condition, voice: Voice) -> str:
    """A condition as a relative clause about `voice`."""
    match node:
        case t.And(parts):
            return _joined(parts, voice, "and")
        case t.Or(parts):
            return _joined(parts, voice, "or")
        case t.Not(t.InSegment(name, scope)):
            are = voice.whose(scope, "are not", "is not")
            return f"{are} in the segment {quoted(name)}"
        case t.Not((t.Did() | t.Sequence()) as part):
            return clause(replace(part, negated=not part.negated), voice)
        case t.Not(part):
            return f"{voice.who} are not among those {_part(part, voice)}"
        case t.Did():
            return did(node, voice, where)
        case t.Sequence():
            return sequence(node, voice, where)
        case t.EdgeTime():
            return edge_time(node, voice, where)
        case t.TimeSince():
            return since(node, voice, where)
        case t.EdgeValue():
            return edge_value(node, voice, where)
        case t.MeasureTest(inner, op, value):
            return f"{measure(inner, voice, where)} {comparison(op, number(value))}"
        case t.MeasureWithin(inner, low, high):
            return f"{measure(inner, voice, where)} is between {number(low)} and {number(high)}"
        case t.Moved(name, direction, duration, by):
            amount = f" by at least {number(by)}" if by is not None else ""
            return f"whose {field(name)} {direction}{amount} within the last {lasting(duration)}"
        case t.Rank():
            return _rank(node, voice)
        case t.Held(test, duration):
            return f"whose {predicate(test)} (and was for at least {span(duration)})"
        case t.KnownFor(duration, scope):
            have = voice.whose(scope, "have", "has")
            return f"{have} been known for at least {span(duration)}"
        case t.InSegment(name, scope):
            return f"{voice.whose(scope, 'are', 'is')} in the segment {quoted(name)}"
        case t.SegmentHistory():
            return _history(node, voice)
        case t.People():
            return _people(node, voice)
        case t.HasRecord():
            return _has_record(node, voice)
        case t.Everyone():
            return "of any kind"
        case t.Random(percent, name):
            share = f"the random {number(percent)}% called {quoted(name)}"
            return f"{voice.who} are in {share}"
        case _:
            return f"whose {predicate(node)}"


def _joined(parts: tuple[t.Condition, ...], voice: Voice, joint: str) -> str:
    return listing([_part(part, voice) for part in parts], joint)


def _part(node: t.Condition, voice: Voice) -> str:
    text = clause(node, voice)
    return f"({text})" if isinstance(node, t.And | t.Or) else text


def where(node: t.Condition | None) -> str:
    """` where topic is “HR”`, or nothing."""
    return f" where {_predicate(node)}" if node is not None else ""


def _predicate(node: t.Condition) -> str:
    match node:
        case t.And(parts):
            return listing([_inner(part) for part in parts], "and")
        case t.Or(parts):
            return listing([_inner(part) for part in parts], "or")
        case t.Not(part):
            return f"not ({_predicate(part)})"
        case (
            t.Compare()
            | t.Within()
            | t.OneOf()
            | t.Includes()
            | t.Matches()
            | t.IsKnown()
            | t.DateTest()
            | t.Anniversary()
            | t.Near()
        ):
            return predicate(node)
        case _:
            return f"it is one {clause(node, VOICES['contact'])}"


def _inner(node: t.Condition) -> str:
    text = _predicate(node)
    return f"({text})" if isinstance(node, t.And | t.Or) else text


def _rank(node: t.Rank, voice: Voice) -> str:
    size = number(node.n) + ("%" if node.percent else "")
    what = measure(node.measure, voice, where, ranked=True)
    return f"{voice.who} are among the {node.end} {size} by {what} (ties at the border are all in)"


def _history(node: t.SegmentHistory, voice: Voice) -> str:
    name = f"the segment {quoted(node.name)}"
    match node.move:
        case "entered" | "left":
            moved = voice.whose(node.scope, node.move, node.move)
            return f"{moved} {name} within the last {lasting(node.duration)}"
        case "stayed":
            have = voice.whose(node.scope, "have", "has")
            return f"{have} been in {name} for at least {span(node.duration)}"
        case _:
            assert_never(node.move)


def _people(node: t.People, voice: Voice) -> str:
    roles = f" with role {listing([*map(quoted, node.roles)], 'or')}" if node.roles else ""
    inner = f" {clause(node.who, VOICES['people'])}" if node.who is not None else ""
    have = voice.whose(node.scope, "have", "has")
    if node.quantity == "count":
        none = (node.count, node.n) == ("exactly", 0)
        size = "no" if none else f"{node.count} {number(node.n)}"
        return f"{have} {size} people{roles}{inner}"
    share = "all" if node.quantity == "all" else f"{node.count} {number(node.n)}%"
    return f"{have} people{roles} of whom {share} are people{inner or ' of any kind'}"


def _has_record(node: t.HasRecord, voice: Voice) -> str:
    match node.count, node.n:
        case "at least", 1:
            which = f"{article(node.kind)} {node.kind}"
        case "exactly", 0:
            which = f"no {node.kind}"
        case count, n:
            which = f"{count} {counted(n, node.kind)}"
    return f"{voice.whose(node.scope, 'have', 'has')} {which}{where(node.where)}"
