"""English for events: did, sequences, first and last, measures."""

from collections.abc import Callable
from typing import TypeAlias, assert_never

from lettershop.language import tree as t
from lettershop.language.english_parts import (
    field,
    lasting,
    listing,
    predicate,
    quoted,
    span,
    window,
)
from lettershop.language.voice import Voice
from lettershop.language.words import counted, plural

Where: TypeAlias = Callable[["t.Condition | None"], str]


def names(given: tuple[str, ...]) -> str:
    return listing([*map(quoted, given)], "or") if given else "anything"


def qualified(node: t.Events, where: Where, *, extra: str = "") -> str:
    """Names with everything that narrows them."""
    when = f" {window(node.window)}" if node.window is not None else ""
    here = " in this account" if node.scope == "here" else ""
    return f"{names(node.names)}{extra}{when}{where(node.where)}{here}"


def did(node: t.Did, voice: Voice, where: Where) -> str:
    times = ""
    if node.days:
        times = f" on {node.count} {counted(node.n, 'different day')}"
    elif node.same is not None or (node.count, node.n) != ("at least", 1):
        times = f" {node.count} {counted(node.n, 'time')}"
    same = f" with the same {field(node.same)}" if node.same is not None else ""
    did = "did not do" if node.negated else "did"
    verb = voice.whose(node.events.scope, did, did)
    return f"{verb} {qualified(node.events, where, extra=times + same)}"


def sequence(node: t.Sequence, voice: Voice, where: Where) -> str:
    did = "did not do" if node.negated else "did"
    text = f"{voice.whose(node.first.scope, did, did)} {qualified(node.first, where)}"
    for step in node.steps:
        gap = f" within {span(step.gap)}" if step.gap is not None else ""
        text += f" followed by {names(step.names)}{gap}{where(step.where)}"
    return text + (f" with no {names(node.without)} in between" if node.without else "")


def _possessive(scope: t.Scope, voice: Voice) -> str:
    return "whose account's" if scope == "account" and voice.has_account else "whose"


def edge_time(node: t.EdgeTime, voice: Voice, where: Where) -> str:
    what = f"{node.edge} {qualified(node.events, where)}"
    return f"{_possessive(node.events.scope, voice)} {what} was {window(node.window)}"


SINCE = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}


def since(node: t.TimeSince, voice: Voice, where: Where) -> str:
    what = f"{node.edge} {qualified(node.events, where)}"
    ago = f"{SINCE[node.op]} {span(node.duration)} ago"
    return f"{_possessive(node.events.scope, voice)} {what} was {ago}"


def edge_value(node: t.EdgeValue, voice: Voice, where: Where) -> str:
    """`whose last plan over “Plan Changed” is “pro”`."""
    name = field(node.test.field)
    test = predicate(node.test).removeprefix(name).strip()
    whose = _possessive(node.events.scope, voice)
    return f"{whose} {node.edge} {name} over {qualified(node.events, where)} {test}"


def measure(node: t.Measure, voice: Voice, where: Where, *, ranked: bool = False) -> str:
    """`whose sum of revenue over …`; ranked: `the sum of revenue over …`."""
    scope: t.Scope = "own"
    match node:
        case t.Number(name):
            text = field(name)
        case t.CountOf(events, None):
            text, scope = f"count of {qualified(events, where)}", events.scope
        case t.CountOf(events, different):
            what = field(different or "")
            text = f"count of different {what} over {qualified(events, where)}"
            scope = events.scope
        case t.Aggregate(function, name, events, currency):
            text = f"{function} of {_amount(name, currency)} over {qualified(events, where)}"
            scope = events.scope
        case t.RecordAggregate(function, name, kind, scope, test, currency):
            text = f"{function} of {_amount(name, currency)} over {plural(kind)}{where(test)}"
        case t.Extreme(which, name, when):
            text = f"{which} {field(name)} {window(when)}"
        case t.Change(name, duration):
            text = f"change of {field(name)} within the last {lasting(duration)}"
        case _:
            assert_never(node)
    if ranked:
        return f"the account's {text}" if scope == "account" and voice.has_account else text
    return f"{_possessive(scope, voice)} {text}"


def _amount(name: str, currency: str | None) -> str:
    if currency is None:
        return field(name)
    return f"{field(name)} in {currency} (at the rate of each day)"
