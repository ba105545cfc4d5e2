"""Tree to text: the canonical form. `parse(render(tree))` is the tree again."""

from typing import assert_never

from lettershop.language import tree as t
from lettershop.language.text.render_events import events, measure, names, whose
from lettershop.language.text.render_values import tail, value_test
from lettershop.language.words import (
    article,
    plural,
    quote,
    write_duration,
    write_field,
    write_number,
)


def render(tree: t.Condition, width: int | None = None) -> str:
    """The text of a condition.

    With `width`, an and/or that does not fit a line is broken into one line per part. Trees that
    `check` would refuse for their shape (an `and` of one part) are written as what they mean.
    """
    return _broken(tree, width, 0) if width else condition(tree)


def _broken(node: t.Condition, width: int, indent: int) -> str:
    flat = condition(node)
    if len(flat) + indent <= width or not isinstance(node, t.And | t.Or):
        return flat
    joint = "and " if isinstance(node, t.And) else "or "
    margin = " " * indent
    lines = []
    for part in node.parts:
        text = condition(part)
        if isinstance(part, t.And | t.Or):
            text = f"({text})"
            if len(text) + indent + len(joint) > width:
                inner = _broken(part, width, indent + 4)
                text = f"(\n{margin}    {inner}\n{margin})"
        lines.append(text)
    return f"\n{margin}{joint}".join(lines)


def _part(node: t.Condition) -> str:
    text = condition(node)
    return f"({text})" if isinstance(node, t.And | t.Or) and len(node.parts) > 1 else text


def where(node: t.Condition | None) -> str:
    """` where …`, or nothing; and/or stand in parentheses."""
    match node:
        case None:
            return ""
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
            return f" where {value_test(node)}"
        case t.Not(part):
            return f" where not ({condition(part)})"
        case _:
            return f" where ({condition(node)})"


def condition(node: t.Condition) -> str:
    match node:
        case t.And(parts):
            return " and ".join(_part(part) for part in parts)
        case t.Or(parts):
            return " or ".join(_part(part) for part in parts)
        case t.Not(t.InSegment() as inner):
            return f"not {condition(inner)}"
        case t.Not(part):
            return f"not ({condition(part)})"
        case t.Did():
            return _did(node)
        case t.Sequence():
            return _sequence(node)
        case t.EdgeTime(edge, which, window):
            return f"{whose(which)}{edge} {events(which, where, window=window)}"
        case t.TimeSince(edge, which, op, duration):
            since = f"{whose(which)}time since {edge} {events(which, where)}"
            return f"{since} {op} {write_duration(duration)}"
        case t.EdgeValue(edge, which, test):
            over = f"{write_field(test.field)} over {events(which, where)}"
            return f"{whose(which)}{edge} {over} {tail(test)}"
        case t.MeasureTest(inner, op, value):
            return f"{measure(inner, where)} {op} {write_number(value)}"
        case t.MeasureWithin(inner, low, high):
            ends = f"{write_number(low)} and {write_number(high)}"
            return f"{measure(inner, where)} between {ends}"
        case t.Moved(field, direction, duration, by):
            amount = f" by at least {write_number(by)}" if by is not None else ""
            span = write_duration(duration)
            return f"{write_field(field)} {direction}{amount} within last {span}"
        case t.Rank(end, n, percent, inner):
            size = write_number(n) + ("%" if percent else "")
            return f"among {end} {size} by {measure(inner, where)}"
        case t.Held(test, duration):
            return f"{value_test(test)} for at least {write_duration(duration)}"
        case t.KnownFor(duration, scope):
            return f"{_account(scope)}known for at least {write_duration(duration)}"
        case t.InSegment(name, scope):
            return f"{_account(scope)}in segment {quote(name)}"
        case t.SegmentHistory():
            return _history(node)
        case t.People():
            return _people(node)
        case t.HasRecord():
            return _has_record(node)
        case t.Everyone():
            return "everyone"
        case t.Random(percent, name):
            return f"in random {write_number(percent)}% of {quote(name)}"
        case _:
            return value_test(node)


def _account(scope: t.Scope) -> str:
    return "account " if scope == "account" else ""


def _did(node: t.Did) -> str:
    times = ""
    if node.days:
        unit = "day" if node.n == 1 else "days"
        times = f" on {node.count} {node.n} different {unit}"
    elif node.same is not None or (node.count, node.n) != ("at least", 1):
        times = f" {node.count} {node.n} {'time' if node.n == 1 else 'times'}"
    same = f" with the same {write_field(node.same)}" if node.same is not None else ""
    which = events(node.events, where, extra=times + same)
    return f"{whose(node.events)}did {'not ' if node.negated else ''}{which}"


def _sequence(node: t.Sequence) -> str:
    steps = ""
    for step in node.steps:
        gap = f" within {write_duration(step.gap)}" if step.gap is not None else ""
        steps += f" then {names(step.names)}{gap}{where(step.where)}"
    lacking = f" without {names(node.without)} between" if node.without else ""
    did = f"{whose(node.first)}did {'not ' if node.negated else ''}"
    return did + events(node.first, where) + steps + lacking


def _history(node: t.SegmentHistory) -> str:
    name, span = quote(node.name), write_duration(node.duration)
    match node.move:
        case "entered" | "left":
            text = f"{node.move} segment {name} within last {span}"
        case "stayed":
            text = f"in segment {name} for at least {span}"
        case _:
            assert_never(node.move)
    return _account(node.scope) + text


def _people(node: t.People) -> str:
    size = f"{node.count} {write_number(node.n)}"
    match node.quantity:
        case "all":
            start = "all people"
        case "percent":
            start = f"has {size}% of people"
        case "count":
            start = f"has {size} people" if (node.count, node.n) != ("exactly", 0) else ""
            start = start or "has no people"
        case _:
            assert_never(node.quantity)
    roles = ", ".join(map(quote, node.roles))
    role = f" with role in ({roles})" if len(node.roles) > 1 else ""
    role = role or (f" with role {roles}" if roles else "")
    who = f" who ({condition(node.who)})" if node.who is not None else ""
    return _account(node.scope) + start + role + who


def _has_record(node: t.HasRecord) -> str:
    match node.count, node.n:
        case "at least", 1:
            which = f"{article(node.kind)} {node.kind}"
        case "exactly", 0:
            which = f"no {node.kind}"
        case count, n:
            which = f"{count} {n} {node.kind if n == 1 else plural(node.kind)}"
    return f"{_account(node.scope)}has {which}{where(node.where)}"
