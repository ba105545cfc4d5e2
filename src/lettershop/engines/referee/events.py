"""What somebody did: which events count, and what is said about them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from lettershop.engines.referee.calendar import local_date, plus
from lettershop.engines.referee.case import Case
from lettershop.engines.referee.compare import by_count, test_holds, where_holds
from lettershop.engines.referee.history import Event
from lettershop.engines.referee.moment import NOTHING, Value
from lettershop.language import tree
from lettershop.language.tree import (
    Condition,
    Did,
    EdgeTime,
    EdgeValue,
    Events,
    Scope,
    Step,
    TimeSince,
    Window,
)
from lettershop.model.values import Known, fold


def chosen(case: Case, events: Events) -> list[Event]:
    return select(case, events.scope, events.names, events.window, events.where)


def select(
    case: Case,
    scope: Scope,
    names: Sequence[str],
    window: Window | None = None,
    where: Condition | None = None,
) -> list[Event]:
    """The events that count, in the order in which they happened."""
    calendar = case.calendar(scope)
    start, end = calendar.interval(window) if window else (None, None)
    return [
        event
        for event in case.events(scope)
        if (event.fact.name in names if names else is_activity(case, event))
        and (start is None or end is None or start <= event.ts < end)
        and where_holds(where, partial(case.property, event), calendar)
    ]


def is_activity(case: Case, event: Event) -> bool:
    """Something the subject did: not what was sent to them, not what a machine opened."""
    settings = case.moment.settings
    if event.fact.name in settings.ignored_events:
        return False
    grade = case.property(event, "grade").known
    by_machine = isinstance(grade, str) and fold(grade) == "machine"
    return not (event.fact.name in settings.graded_events and by_machine)


def did(case: Case, condition: Did) -> bool:
    events = chosen(case, condition.events)
    if condition.days:
        zone = case.calendar(condition.events.scope).zone
        number = len({local_date(event.ts, zone) for event in events})
    elif condition.same is not None:
        groups = by_value(case, events, condition.same)
        number = max((len(group) for group in groups.values()), default=0)
    else:
        number = len(events)
    return by_count(condition.count, number, condition.n) is not condition.negated


def matched(case: Case, condition: Did) -> set[Known]:
    """The values shared by as many events as the condition asks for."""
    groups = by_value(case, chosen(case, condition.events), condition.same or "")
    return {
        value
        for value, group in groups.items()
        if by_count(condition.count, len(group), condition.n)
    }


def by_value(case: Case, events: Iterable[Event], name: str) -> dict[Known, list[Event]]:
    """Events grouped by the known value of a property."""
    groups: dict[Known, list[Event]] = defaultdict(list)
    for event in events:
        value = case.property(event, name).known
        if value is not None:
            groups[comparable(value)].append(event)
    return groups


def comparable(value: Known) -> Known:
    """Texts are the same when they are the same folded."""
    return fold(value) if isinstance(value, str) else value


def edge(case: Case, events: Events, which: str) -> Event | None:
    """The first or the last of the events."""
    found = chosen(case, events)
    return found[0 if which == "first" else -1] if found else None


def edge_time(case: Case, condition: EdgeTime) -> bool:
    event = edge(case, condition.events, condition.edge)
    start, end = case.calendar(condition.events.scope).interval(condition.window)
    return event is not None and start <= event.ts < end


def time_since(case: Case, condition: TimeSince) -> bool:
    event = edge(case, condition.events, condition.edge)
    if event is None:
        return False
    then = case.calendar().back(condition.duration)
    match condition.op:
        case ">":
            return event.ts < then
        case ">=":
            return event.ts <= then
        case "<":
            return event.ts > then
        case "<=":
            return event.ts >= then


def edge_value(case: Case, condition: EdgeValue) -> bool:
    """The test of the property's value in the first or last event in which it is known."""
    test = condition.test
    values = [case.property(event, test.field) for event in chosen(case, condition.events)]
    known = [value for value in values if value.known is not None]
    found: Value = known[0 if condition.edge == "first" else -1] if known else NOTHING
    return test_holds(test, found, case.calendar(condition.events.scope))


def sequence(case: Case, condition: tree.Sequence) -> bool:
    scope = condition.first.scope
    steps = [select(case, scope, step.names, where=step.where) for step in condition.steps]
    barriers = select(case, scope, condition.without) if condition.without else []
    found = any(
        _continues(case, first, first, list(zip(condition.steps, steps, strict=True)), barriers)
        for first in chosen(case, condition.first)
    )
    return found is not condition.negated


def _continues(
    case: Case,
    first: Event,
    before: Event,
    steps: Sequence[tuple[Step, list[Event]]],
    barriers: Sequence[Event],
) -> bool:
    """Whether the chain that came as far as `before` can be completed."""
    if not steps:
        return not any(first.ts < barrier.ts < before.ts for barrier in barriers)
    (step, events), rest = steps[0], steps[1:]
    zone = case.moment.workspace_zone
    return any(
        before.ts < event.ts
        and (step.gap is None or event.ts <= plus(before.ts, step.gap, zone))
        and _continues(case, first, event, rest, barriers)
        for event in events
    )
