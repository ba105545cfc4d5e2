"""Builders of everything about events: did, sequences, first and last, measures over events."""

from typing import Any

import msgspec
from lark import Token
from lark.tree import Meta

from lettershop.language import tree as t
from lettershop.language.text.build_values import Tail
from lettershop.language.text.modifiers import COUNTS, Modifier, Modifiers, Times
from lettershop.language.text.site import Parts, Rules, Site, span_of
from lettershop.model.errors import Span


class Chosen:
    """Names of events as written; the modifiers follow later."""

    def __init__(self, site: Site, meta: Meta, names: list[Token]) -> None:
        self.span = span_of(meta)
        self.names = site.texts(names)
        self.places = {f"name {n}": span_of(token) for n, token in enumerate(names)}


def anything(site: Site, meta: Meta, _parts: Parts) -> Any:
    return Chosen(site, meta, [])


def names(site: Site, meta: Meta, parts: Parts) -> Any:
    only = parts[0]
    return Chosen(site, meta, only if isinstance(only, list) else [only])


def named_events(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return parts[0]


def make_events(chosen: Chosen, given: Modifiers, *, window: bool = True) -> t.Events:
    events = t.Events(
        names=chosen.names,
        scope="here" if given.take("here") else "own",
        window=given.take("window") if window else None,
        where=given.take("where"),
    )
    given.site.spans.mark(events, chosen.span, **chosen.places)
    return events


# --- did, sequences -----------------------------------------------------------------------------


def did(site: Site, meta: Meta, parts: Parts, *, negated: bool = False) -> Any:
    chosen, given = parts[0], Modifiers(site, parts[1])
    place = _first_span(given, "same")
    times = given.take("times") or Times(COUNTS["at least"], 1)
    same = given.take("same")
    events = make_events(chosen, given)
    node = t.Did(events, times.count, times.n, times.days, same, negated)
    site.spans.mark(node, span_of(meta), same=place)
    return node


def _first_span(given: Modifiers, kind: str) -> Span | None:
    found = given.found.get(kind)
    return found[0].span if found else None


def did_not(site: Site, meta: Meta, parts: Parts) -> Any:
    return did(site, meta, parts, negated=True)


def step(site: Site, meta: Meta, parts: Parts) -> Any:
    chosen, given = parts[0], Modifiers(site, parts[1:])
    node = t.Step(chosen.names, given.take("gap"), given.take("where"))
    site.spans.mark(node, span_of(meta), **chosen.places)
    return node


def without(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return parts[0]


def sequence(site: Site, meta: Meta, parts: Parts, *, negated: bool = False) -> Any:
    chosen, given = parts[0], Modifiers(site, parts[1])
    steps = tuple(part for part in parts[2:] if isinstance(part, t.Step))
    lacking = parts[-1] if isinstance(parts[-1], Chosen) else None
    first = make_events(chosen, given)
    given.refuse_rest("a sequence: count the sequence's parts as conditions of their own")
    node = t.Sequence(first, steps, lacking.names if lacking else (), negated)
    site.spans.mark(node, span_of(meta), **(lacking.places if lacking else {}))
    return node


def sequence_not(site: Site, meta: Meta, parts: Parts) -> Any:
    return sequence(site, meta, parts, negated=True)


# --- first and last -----------------------------------------------------------------------------


def edge_time(site: Site, meta: Meta, parts: Parts) -> Any:
    edge, chosen, given = parts[0], parts[1], Modifiers(site, parts[2])
    window = given.take("window")
    if window is None:
        message = f"when was the {edge} one? The time window is missing"
        site.problem("language.no_window", message, span_of(meta), "within last 30 days")
        window = t.Today()
    events = make_events(chosen, given, window=False)
    given.refuse_rest(f"the {edge} event")
    return site.mark(t.EdgeTime(edge, events, window), meta)


def time_since(site: Site, meta: Meta, parts: Parts) -> Any:
    edge, chosen, listed, op, duration = parts
    given = Modifiers(site, listed)
    events = make_events(chosen, given)
    given.refuse_rest("time since")
    return site.mark(t.TimeSince(edge, events, op, duration), meta)


def edge_value(site: Site, meta: Meta, parts: Parts) -> Any:
    edge, field, chosen, *listed = parts
    whole = span_of(meta)
    clauses = [Modifier("tail", c, whole) if isinstance(c, Tail) else c for c in listed]
    tested = any(clause.kind == "tail" for clause in clauses)
    given = Modifiers(site, clauses, windows=1 if tested else 2)
    tail = given.take("tail") or _window_test(site, meta, given)
    test = tail.on(site, meta, field)
    if isinstance(test, t.IsKnown | t.Anniversary | t.Near):
        message = "this test does not fit a first or last value"
        site.problem("language.misplaced", message, whole, f"did … where {field} …")
    events = make_events(chosen, given)
    given.refuse_rest(f"the {edge} value")
    return site.mark(t.EdgeValue(edge, events, test), meta, field=field)


def _window_test(site: Site, meta: Meta, given: Modifiers) -> Tail:
    """The last window is the test of the value; one before it belongs to the events."""
    windows = given.found.get("window", [])
    if windows:
        return Tail(t.DateTest, window=windows.pop().value)
    message = "the test of the value is missing"
    site.problem("language.no_test", message, span_of(meta), '= "pro"')
    return Tail(t.Compare, op="=", value="")


# --- measures over events -----------------------------------------------------------------------


class Measured(msgspec.Struct):
    """A measure over events, and the range that was written among its modifiers."""

    measure: t.CountOf | t.Aggregate
    range: Modifier | None

    def bare(self, site: Site) -> t.CountOf | t.Aggregate:
        """The measure where a range has no place."""
        if self.range is not None:
            message = "between … and … does not fit here"
            site.problem("language.misplaced", message, self.range.span)
        return self.measure


def count_of(site: Site, meta: Meta, parts: Parts) -> Any:
    events, limits = _measured(site, parts[0], parts[1:])
    return Measured(site.mark(t.CountOf(events), meta), limits)


def count_different(site: Site, meta: Meta, parts: Parts) -> Any:
    field, chosen, *listed = parts
    events, limits = _measured(site, chosen, listed)
    node = t.CountOf(events, site.field(field))
    return Measured(site.mark(node, meta, field=field), limits)


def aggregate(site: Site, meta: Meta, parts: Parts) -> Any:
    function, field, currency, chosen, *listed = parts
    events, limits = _measured(site, chosen, listed)
    code = str(currency) if currency is not None else None
    node = t.Aggregate(function, site.field(field), events, code)
    return Measured(site.mark(node, meta, field=field, currency=currency), limits)


def _measured(site: Site, chosen: Chosen, listed: Parts) -> tuple[t.Events, Modifier | None]:
    given = Modifiers(site, listed)
    events = make_events(chosen, given)
    limits = given.found.pop("range", [None])[0]
    given.refuse_rest("a number of events: compare it, as in >= 3")
    return events, limits


def measure_in_range(site: Site, meta: Meta, parts: Parts) -> Any:
    measured: Measured = parts[0]
    if measured.range is None:
        message = "what should this number be? The comparison is missing"
        site.problem("language.no_test", message, span_of(meta), ">= 1")
    low, high = measured.range.value if measured.range is not None else (0, 0)
    return site.mark(t.MeasureWithin(measured.measure, low, high), meta)


RULES: Rules = {
    rule.__name__: rule
    for rule in (
        *(anything, names, named_events, did, did_not, step, without, sequence, sequence_not),
        *(edge_time, time_since, edge_value, count_of, count_different, aggregate),
        measure_in_range,
    )
}
