"""Events: their names, properties, windows; did, sequences, first and last."""

from collections.abc import Iterable

from lettershop.language import tree as t
from lettershop.language.checking import limits, values
from lettershop.language.checking.findings import Desk, Place, Properties, nearest
from lettershop.language.words import quote, write_duration
from lettershop.model.catalog import FieldInfo
from lettershop.model.values import ValueType

GROUPING: tuple[ValueType, ...] = ("text", "number", "boolean", "date", "time")
"""Types whose values can be told apart and counted."""


def _names(desk: Desk, names: Iterable[str], node: object) -> bool:
    """Whether all are known events."""
    known = True
    for n, name in enumerate(names):
        if name not in desk.catalog.events:
            message = f"no event is called {quote(name)}"
            hint = nearest(name, desk.catalog.events)
            desk.error("event.unknown", message, node, f"name {n}", hint)
            known = False
    return known


def properties(desk: Desk, names: tuple[str, ...]) -> Properties | None:
    """What the properties of these events (of all events, when there are no names) are."""
    events = desk.catalog.events
    if any(name not in events for name in names):
        return None
    found: dict[str, list[FieldInfo]] = {}
    for name in names or events:
        for info in events[name].properties.values():
            found.setdefault(info.name, []).append(info)
    return found


def owner(names: tuple[str, ...]) -> str:
    return ", ".join(map(quote, names)) if names else "any event"


def events(desk: Desk, place: Place, node: t.Events) -> Properties | None:
    """Checks an event list; returns what its properties may be."""
    _names(desk, node.names, node)
    if node.scope == "here" and place.subject == "account":
        message = "in this account is said of people; here the account itself is the subject"
        desk.error("subject.here", message, node, hint="leave it out")
    if node.window is not None:
        limits.window(desk, node.window)
    known = properties(desk, node.names)
    values.where(desk, node.where, known, owner(node.names))
    return known


def grouping(
    desk: Desk, name: str, node: object, known: Properties | None, whose: str, part: str
) -> None:
    """A property whose values are told apart."""
    infos = values.named(desk, name, node, known, whose, part)
    if infos and all(info.type not in GROUPING for info in infos):
        message = f"{name} is {values.NOUN[infos[0].type]}: its values cannot be told apart"
        desk.error("property.type", message, node, part)


def did(desk: Desk, place: Place, node: t.Did) -> None:
    known = events(desk, place, node.events)
    limits.count(desk, node.count, node.n, node)
    if node.same is not None:
        grouping(desk, node.same, node, known, owner(node.events.names), "same")
        if node.count not in ("at least", "more than"):
            message = f"{node.count} does not fit with the same {node.same}"
            desk.error("did.same_count", message, node, "same", "at least, or more than")
        if node.days:
            message = "different days and the same value cannot be counted together"
            desk.error("did.days_and_same", message, node, "same", "leave out one of the two")
    _companion(desk, node)


def _companion(desk: Desk, node: t.Did) -> None:
    if node.negated and isinstance(node.events.window, t.Last):
        whose = "account " if node.events.scope == "account" else ""
        length = write_duration(node.events.window.duration)
        message = "this also holds those who have only just become known"
        hint = f"add: and {whose}known for at least {length}"
        desk.info("did.known_for", message, node, hint=hint)


def sequence(desk: Desk, place: Place, node: t.Sequence) -> None:
    events(desk, place, node.first)
    if not node.steps:
        message = "a sequence has at least one then"
        desk.error("sequence.steps", message, node, hint='then "Order Completed" within 14 days')
    for step in node.steps:
        if not step.names:
            message = "each step of a sequence names its event"
            desk.error("sequence.names", message, step, hint='then "Order Completed"')
        _names(desk, step.names, step)
        if step.gap is not None:
            limits.duration(desk, step.gap)
        values.where(desk, step.where, properties(desk, step.names), owner(step.names))
    _names(desk, node.without, node)


def edge_time(desk: Desk, place: Place, node: t.EdgeTime) -> None:
    events(desk, place, node.events)
    limits.window(desk, node.window)
    if node.events.window is not None:
        message = f"the {node.edge} event has one window, not two"
        desk.error("edge.two_windows", message, node.events)


def time_since(desk: Desk, place: Place, node: t.TimeSince) -> None:
    events(desk, place, node.events)
    limits.duration(desk, node.duration)


def edge_value(desk: Desk, place: Place, node: t.EdgeValue) -> None:
    known = events(desk, place, node.events)
    whose = owner(node.events.names)
    infos = values.named(desk, node.test.field, node.test, known, whose)
    values.test(desk, node.test, infos)
