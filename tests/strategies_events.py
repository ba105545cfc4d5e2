"""Strategies for everything about events, and for measures."""

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from strategies_values import (
    COUNTS,
    date_tests,
    durations,
    event_wheres,
    last_calendar,
    lasting_tests,
    record_wheres,
    windows,
)
from vocabulary import Place, Types, Vocabulary, names_of, one_of, properties

from lettershop.language import tree as t

# --- events -------------------------------------------------------------------------------------


@cache
def event_names(words: Vocabulary, *, anything: bool = True) -> SearchStrategy[tuple[str, ...]]:
    some = st.lists(st.sampled_from(list(words.events)), min_size=1, max_size=2, unique=True)
    return st.just(()) | some.map(tuple) if anything else some.map(tuple)


@cache
@st.composite
def event_lists(draw: st.DrawFn, place: Place, *, window: bool = True, scope: str = "") -> t.Events:
    """`Events`; scope: a fixed one instead of any that is allowed here."""
    words = place.words
    names = draw(event_names(words))
    return t.Events(
        names=names,
        scope=scope or draw(st.sampled_from(place.scopes())),  # type: ignore[arg-type]
        window=draw(st.none() | windows(words)) if window else None,
        where=draw(event_wheres(words, names)),
    )


def _grouping(words: Vocabulary, events: t.Events) -> list[str]:
    types = properties(words, events.names)
    return names_of(types, "text", "number", "boolean", "date", "time")


@cache
@st.composite
def dids(draw: st.DrawFn, place: Place) -> t.Did:
    events = draw(event_lists(place))
    negated = draw(st.booleans())
    shape = draw(st.sampled_from(["plain", "times", "days", "same"]))
    if shape == "plain":
        return t.Did(events, negated=negated)
    n = draw(st.integers(1, 5))
    same = _grouping(place.words, events)
    if shape == "same" and same:
        count = draw(st.sampled_from(COUNTS[:2]))
        return t.Did(events, count, n, same=draw(st.sampled_from(same)), negated=negated)
    count = draw(st.sampled_from(COUNTS))
    return t.Did(events, count, n, days=shape == "days", negated=negated)


@cache
@st.composite
def sequences(draw: st.DrawFn, place: Place) -> t.Sequence:
    words = place.words
    steps = []
    for _ in range(draw(st.integers(1, 2))):
        names = draw(event_names(words, anything=False))
        gap = draw(st.none() | durations(words))
        steps.append(t.Step(names, gap, draw(event_wheres(words, names))))
    without = draw(st.just(()) | event_names(words, anything=False))
    return t.Sequence(draw(event_lists(place)), tuple(steps), without, draw(st.booleans()))


@cache
@st.composite
def edge_values(draw: st.DrawFn, place: Place) -> t.EdgeValue:
    words = place.words
    events = draw(event_lists(place))
    types = properties(words, events.names)
    name = draw(st.sampled_from([n for n, kind in types.items() if kind != "location"]))
    kind = types[name]
    tests = lasting_tests(words, name, kind) or date_tests(words, name)
    return t.EdgeValue(draw(st.sampled_from(["first", "last"])), events, draw(one_of(tests)))


def edges(place: Place) -> list[SearchStrategy[Any]]:
    edge = st.sampled_from(["first", "last"])
    bare = event_lists(place, window=False)
    ops = st.sampled_from(["<", "<=", ">", ">="])
    return [
        st.builds(t.EdgeTime, edge, bare, windows(place.words)),
        st.builds(t.TimeSince, edge, event_lists(place), ops, durations(place.words)),
        edge_values(place),
    ]


# --- measures -----------------------------------------------------------------------------------

FUNCTIONS = ["sum", "average", "minimum", "maximum"]


def _narrowed(where: t.Condition | None, test: t.Compare) -> t.Condition:
    match where:
        case None:
            return test
        case t.And(parts):
            return t.And((*parts, test))
        case _:
            return t.And((where, test))


@cache
@st.composite
def _paid(draw: st.DrawFn, words: Vocabulary, name: str, where: t.Condition | None) -> Any:
    """(where, currency) under which amounts called `name` are all in one currency."""
    if name not in words.money:
        return where, None
    currency = draw(st.sampled_from(words.currencies))
    if draw(st.booleans()):
        return where, currency
    return _narrowed(where, t.Compare(words.money[name], "=", currency)), None


@cache
@st.composite
def counts(draw: st.DrawFn, place: Place, scope: str = "") -> t.CountOf:
    events = draw(event_lists(place, scope=scope))
    different = draw(st.none() | st.sampled_from(_grouping(place.words, events)))
    return t.CountOf(events, different)


@cache
@st.composite
def aggregates(draw: st.DrawFn, place: Place, scope: str = "") -> t.Aggregate:
    words = place.words
    events = draw(
        event_lists(place, scope=scope).filter(
            lambda e: bool(names_of(properties(words, e.names), "number"))
        )
    )
    name = draw(st.sampled_from(names_of(properties(words, events.names), "number")))
    where, currency = draw(_paid(words, name, events.where))
    spoken = t.Events(events.names, events.scope, events.window, where)
    return t.Aggregate(draw(st.sampled_from(FUNCTIONS)), name, spoken, currency)  # type: ignore[arg-type]


@cache
@st.composite
def record_aggregates(draw: st.DrawFn, place: Place, scope: str = "") -> t.RecordAggregate:
    words = place.words
    kinds = [kind for kind, types in words.records.items() if names_of(types, "number")]
    kind = draw(st.sampled_from(kinds))
    name = draw(st.sampled_from(names_of(words.records[kind], "number")))
    where, currency = draw(_paid(words, name, draw(record_wheres(words, kind))))
    whose = scope or draw(st.sampled_from(place.halves()))
    function: Any = draw(st.sampled_from(FUNCTIONS))
    return t.RecordAggregate(function, name, kind, whose, where, currency)  # type: ignore[arg-type]


def _extremes(place: Place, types: Types) -> SearchStrategy[t.Extreme]:
    window = one_of([st.builds(t.Last, durations(place.words)), last_calendar()])
    which = st.sampled_from(["highest", "lowest"])
    return st.builds(t.Extreme, which, st.sampled_from(names_of(types, "number")), window)


def measures(place: Place) -> list[SearchStrategy[Any]]:
    """What can be compared with a number."""
    found: list[SearchStrategy[Any]] = [counts(place), aggregates(place)]
    if any(names_of(types, "number") for types in place.words.records.values()):
        found.append(record_aggregates(place))
    if names_of(place.lasting(), "number"):
        found.append(_extremes(place, place.lasting()))
    return found


@cache
def ranks(place: Place) -> SearchStrategy[t.Rank]:
    """Ranks by the subject's own measures."""
    numbers = st.sampled_from(names_of(place.own(), "number"))
    measure = one_of(
        [
            st.builds(t.Number, numbers),
            st.builds(t.Change, numbers, durations(place.words)),
            _extremes(place, place.own()),
            *(
                kind(place, scope)
                for kind in (counts, aggregates, record_aggregates)
                for scope in (["own", "account"] if place.subject == "account" else ["own"])
            ),
        ]
    )
    size = one_of(
        [
            st.tuples(st.integers(1, 5), st.just(False)),
            st.tuples(st.sampled_from([1, 10, 12.5, 50, 100]), st.just(True)),
        ]
    )
    return st.builds(
        lambda end, size, m: t.Rank(end, size[0], size[1], m),
        st.sampled_from(["top", "bottom"]),
        size,
        measure,
    )
