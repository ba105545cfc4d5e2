"""Whole conditions: which subject may say what."""

from typing import assert_never

from lettershop.language import tree as t
from lettershop.language.checking import events, limits, measures, values
from lettershop.language.checking.findings import Desk, Place, nearest
from lettershop.language.words import plural, quote

INSIDE = Place("people", inside=True)


def condition(desk: Desk, place: Place, node: t.Condition) -> None:
    match node:
        case t.And(parts) | t.Or(parts):
            values.joined(desk, node)
            for part in parts:
                condition(desk, place, part)
        case t.Not(part):
            condition(desk, place, part)
        case t.Did():
            events.did(desk, place, node)
        case t.Sequence():
            events.sequence(desk, place, node)
        case t.EdgeTime():
            events.edge_time(desk, place, node)
        case t.TimeSince():
            events.time_since(desk, place, node)
        case t.EdgeValue():
            events.edge_value(desk, place, node)
        case t.MeasureTest(inner, _, value):
            measures.measure(desk, place, inner)
            limits.number(desk, value, node)
        case t.MeasureWithin(inner, low, high):
            measures.measure(desk, place, inner)
            limits.ordered(desk, low, high, node)
        case t.Moved():
            _moved(desk, place, node)
        case t.Rank():
            _rank(desk, place, node)
        case t.People():
            _people(desk, place, node)
        case t.InSegment():
            _segment(desk, place, node)
        case t.SegmentHistory():
            _history(desk, place, node)
        case t.Held(test, duration):
            info = values.lasting(desk, place, test.field, test)
            values.test(desk, test, [info] if info else [])
            limits.duration(desk, duration)
        case t.KnownFor(duration):
            limits.duration(desk, duration)
        case t.HasRecord(kind, how, n, where):
            known = measures.record(desk, kind, node)
            limits.count(desk, how, n, node)
            values.where(desk, where, known, plural(kind))
        case t.Everyone():
            pass
        case t.Random(percent):
            limits.percent(desk, percent, node, zero=True)
        case _:
            info = values.field(desk, place, node.field, node)
            values.test(desk, node, [info] if info else [])


def _moved(desk: Desk, place: Place, node: t.Moved) -> None:
    values.numeric(desk, values.lasting(desk, place, node.field, node), node)
    limits.duration(desk, node.duration)
    if node.by is not None:
        limits.number(desk, node.by, node)
        if node.by <= 0:
            message = f"{node.direction} by at least: the amount must be more than 0"
            desk.error("value.number", message, node, "value", "leave out by for any change")


# --- ranks --------------------------------------------------------------------------------------


def _rank(desk: Desk, place: Place, node: t.Rank) -> None:
    measures.measure(desk, place, node.measure)
    if node.percent:
        limits.percent(desk, node.n, node, zero=False)
    else:
        limits.count(desk, "at least", node.n, node)
    if place.inside:
        message = "a rank is about the whole universe: it does not fit inside people who (…)"
        hint = "rank in a segment of its own, then: people who (in segment …)"
        desk.error("rank.inside", message, node, hint=hint)
    if place.subject != "account" and _of_account(node.measure):
        message = f"{place.noun} are ranked by their own measures, not by those of an account"
        hint = "rank accounts in an account segment, then: account in segment …"
        desk.error("rank.account", message, node.measure, hint=hint)


def _of_account(node: t.Measure) -> bool:
    match node:
        case t.Number(field) | t.Extreme(field=field) | t.Change(field=field):
            return field.startswith(("account.", "membership."))
        case t.CountOf(events=which) | t.Aggregate(events=which):
            return which.scope != "own"
        case t.RecordAggregate(scope=scope):
            return scope != "own"
        case _:
            assert_never(node)


# --- people -------------------------------------------------------------------------------------


def _people(desk: Desk, place: Place, node: t.People) -> None:
    if place.inside:
        message = "people inside people: one level is enough"
        hint = "put the inner question into an account segment, then: account in segment …"
        desk.error("people.nested", message, node, hint=hint)
    elif node.scope == "own" and place.subject != "account":
        message = "only an account has people"
        start = "all people" if node.quantity == "all" else "has"
        desk.error("people.scope", message, node, hint=f"write account {start} …")
    match node.quantity:
        case "count":
            limits.count(desk, node.count, node.n, node)
        case "percent":
            limits.percent(desk, node.n, node, zero=True)
        case "all":
            if (node.count, node.n) != ("at least", 1):
                desk.error("people.all", "all people takes no number", node, hint="leave it out")
        case _:
            assert_never(node.quantity)
    _roles(desk, node)
    if node.who is not None:
        condition(desk, INSIDE, node.who)


def _roles(desk: Desk, node: t.People) -> None:
    info = desk.catalog.membership.get("role")
    for role in node.roles:
        if info is not None and info.values:
            test = t.Compare("membership.role", "=", role)
            place = desk.spans.of(node, "role")
            if place is not None:
                desk.spans.mark(test, place)
            values.test(desk, test, [info])


# --- segments -----------------------------------------------------------------------------------


def _segment(desk: Desk, place: Place, node: t.InSegment | t.SegmentHistory) -> None:
    if node.name not in desk.segments:
        message = f"there is no segment {quote(node.name)}"
        desk.error("segment.unknown", message, node, "name", nearest(node.name, desk.segments))
        return
    found = desk.segments[node.name]
    asks_account = node.scope == "account" or place.subject == "account"
    if asks_account == (found == "account"):
        return
    name = quote(node.name)
    if asks_account:
        message = f"{name} is a segment of {Place(found).noun}, not of accounts"
        whole = f"has at least 1 people who (in segment {name})"
        hint = whole if place.subject == "account" else f"in segment {name}"
    else:
        message = f"{name} is a segment of accounts"
        hint = f"account in segment {name}"
    desk.error("segment.subject", message, node, "name", hint)


def _history(desk: Desk, place: Place, node: t.SegmentHistory) -> None:
    _segment(desk, place, node)
    limits.duration(desk, node.duration)
