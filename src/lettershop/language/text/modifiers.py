"""What may follow the name of an event, in any order, each at most once."""

from typing import Any, get_args

import msgspec
from lark import Token
from lark.tree import Meta

from lettershop.language import tree as t
from lettershop.language.text.site import Parts, Rules, Site, span_of
from lettershop.model.errors import Span

NAMES = {
    "times": "a number of times",
    "same": "with the same …",
    "window": "a time window",
    "where": "where",
    "here": "in this account",
    "gap": "within …",
    "range": "between … and …",
    "tail": "the test of the value",
}


class Modifier(msgspec.Struct):
    kind: str
    value: Any
    span: Span


class Times(msgspec.Struct):
    count: t.Count
    n: int
    days: bool = False


class Modifiers:
    """The modifiers of one event list; what a condition does not `take` is a finding."""

    def __init__(self, site: Site, given: list[Modifier], *, windows: int = 1) -> None:
        self.site = site
        self.found: dict[str, list[Modifier]] = {}
        for modifier in given:
            earlier = self.found.setdefault(modifier.kind, [])
            earlier.append(modifier)
            if len(earlier) > (windows if modifier.kind == "window" else 1):
                message = f"{NAMES[modifier.kind]} is given twice"
                hint = "keep one of the two; several tests go in one where (… and …)"
                site.problem("language.given_twice", message, modifier.span, hint)

    def take(self, kind: str) -> Any:
        found = self.found.get(kind)
        return found.pop(0).value if found else None

    def refuse_rest(self, what: str) -> None:
        for kind, rest in self.found.items():
            for modifier in rest[:1]:
                message = f"{NAMES[kind]} does not fit {what}"
                self.site.problem("language.misplaced", message, modifier.span)


COUNTS: dict[str, t.Count] = {count: count for count in get_args(t.Count)}
"""The very texts of tree.py: JSON leaves out a default only when it is the same object."""


def _times(count: t.Count) -> Any:
    def build(site: Site, meta: Meta, parts: Parts) -> Any:
        token: Token = parts[0]
        n = {"once": 1, "twice": 2}.get(token) or site.whole(token)
        return Modifier("times", Times(COUNTS[count], n), span_of(meta))

    return build


def on_days(site: Site, meta: Meta, parts: Parts) -> Any:
    count, n, unit = parts
    site.unit(unit, ("day",))
    return Modifier("times", Times(count, site.whole(n), days=True), span_of(meta))


def counting(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return COUNTS[" ".join(parts).replace("less", "fewer")]


def same(site: Site, meta: Meta, parts: Parts) -> Any:
    return Modifier("same", site.field(parts[0]), span_of(meta))


def here(_site: Site, meta: Meta, _parts: Parts) -> Any:
    return Modifier("here", True, span_of(meta))


def where(_site: Site, meta: Meta, parts: Parts) -> Any:
    return Modifier("where", parts[0], span_of(meta))


def where_not(site: Site, meta: Meta, parts: Parts) -> Any:
    return Modifier("where", site.mark(t.Not(parts[0]), meta), span_of(meta))


def window_modifier(_site: Site, meta: Meta, parts: Parts) -> Any:
    return Modifier("window", parts[0], span_of(meta))


def in_range(site: Site, meta: Meta, parts: Parts) -> Any:
    low, high = parts
    return Modifier("range", (site.number(low), site.number(high)), span_of(meta))


def gap(_site: Site, meta: Meta, parts: Parts) -> Any:
    return Modifier("gap", parts[0], span_of(meta))


def modifiers(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return parts


RULES: Rules = {
    **{
        rule.__name__: rule
        for rule in (
            on_days,
            counting,
            same,
            here,
            where,
            where_not,
            window_modifier,
            in_range,
            gap,
            modifiers,
        )
    },
    "at_least_times": _times("at least"),
    "more_than_times": _times("more than"),
    "exactly_times": _times("exactly"),
    "at_most_times": _times("at most"),
    "fewer_than_times": _times("fewer than"),
}
