"""Hypothesis strategies for conditions: every node kind, over a small fixed vocabulary.

    from strategies import Vocabulary, conditions
    @given(conditions("contact"))

Every generated tree passes `check` against `vocabulary.catalog()` and `vocabulary.segments` without
findings of level error. Start reading at `conditions`, at the bottom.
"""

from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from strategies_events import dids, edges, measures, ranks, sequences
from strategies_values import (
    COMPARISONS,
    COUNTS,
    durations,
    joined,
    lasting_tests,
    numbers_of,
    ranges,
    record_wheres,
    some,
    value_tests,
)
from vocabulary import DEFAULT, PURCHASE, Place, Vocabulary, names_of, one_of

from lettershop.language import tree as t

__all__ = ["DEFAULT", "PURCHASE", "Place", "Vocabulary", "conditions", "leaves"]

# --- the rest -----------------------------------------------------------------------------------


@cache
def _held(place: Place) -> SearchStrategy[t.Held]:
    words = place.words
    tests = [
        test
        for name, kind in place.lasting().items()
        for test in [
            *lasting_tests(words, name, kind),
            st.builds(t.IsKnown, st.just(name), negated=st.booleans()),
        ]
    ]
    return st.builds(t.Held, one_of(tests), durations(words))


@cache
def _moved(place: Place) -> SearchStrategy[t.Moved]:
    names = st.sampled_from(names_of(place.lasting(), "number"))
    by = st.none() | st.sampled_from([1, 5, 0.5])
    return st.builds(t.Moved, names, st.sampled_from(["rose", "fell"]), durations(place.words), by)


@cache
@st.composite
def has_records(draw: st.DrawFn, place: Place) -> t.HasRecord:
    kind = draw(st.sampled_from(list(place.words.records)))
    count, n = draw(
        st.sampled_from([("at least", 1), ("exactly", 0)])
        | st.tuples(st.sampled_from(COUNTS), st.integers(1, 3))
    )
    where = draw(record_wheres(place.words, kind))
    return t.HasRecord(kind, count, n, where, draw(st.sampled_from(place.halves())))


def segment_names(place: Place, scope: str) -> list[str]:
    fits = (
        {"account"} if scope == "account" or place.subject == "account" else {"contact", "people"}
    )
    return [name for name, subject in place.words.segments.items() if subject in fits]


def _segments(place: Place) -> list[SearchStrategy[Any]]:
    found: list[SearchStrategy[Any]] = []
    for scope in place.halves():
        if names := segment_names(place, scope):
            name = st.sampled_from(names)
            found.append(st.builds(t.InSegment, name, st.just(scope)))
            if place.history:
                move = st.sampled_from(["entered", "left", "stayed"])
                when = durations(place.words)
                found.append(st.builds(t.SegmentHistory, name, move, when, st.just(scope)))
    return found


@cache
@st.composite
def people(draw: st.DrawFn, place: Place, depth: int) -> t.People:
    inner = replace(place, subject="people", inside=True)
    who = draw(st.none() | _nested(inner, depth - 1)) if depth > 0 else None
    scope: Any = draw(st.sampled_from(place.halves())) if place.subject == "account" else "account"
    roles = draw(st.just(()) | some(st.sampled_from(place.words.roles)))
    quantity: Any = draw(st.sampled_from(["count", "percent", "all"]))
    if quantity == "all":
        return t.People("all", roles=roles, who=who, scope=scope)
    if quantity == "percent":
        share = draw(st.sampled_from([0, 1, 33.3, 50, 100]))
        return t.People("percent", draw(st.sampled_from(COUNTS)), share, roles, who, scope)
    count, n = draw(
        st.sampled_from([("exactly", 0)]) | st.tuples(st.sampled_from(COUNTS), st.integers(1, 3))
    )
    return t.People("count", count, n, roles, who, scope)


@cache
def leaves(place: Place, depth: int) -> SearchStrategy[t.Condition]:
    """One condition of any kind that is allowed here; depth: how deep `people who` may go."""
    words = place.words
    percents = st.sampled_from([0, 0.5, 10, 50, 100])
    measure = one_of(measures(place))
    kinds: list[SearchStrategy[Any]] = [
        value_tests(words, place.types()),
        dids(place),
        sequences(place),
        *edges(place),
        st.builds(t.MeasureTest, measure, st.sampled_from(COMPARISONS), numbers_of(words)),
        st.tuples(measure, ranges(words)).map(lambda p: t.MeasureWithin(p[0], *p[1])),
        _moved(place),
        _held(place),
        st.builds(t.KnownFor, durations(words), st.sampled_from(place.halves())),
        *_segments(place),
        has_records(place),
        st.just(t.Everyone()),
        st.builds(t.Random, percents, st.sampled_from(words.salts)),
    ]
    if not place.inside:
        kinds += [ranks(place), people(place, depth)]
    return st.sampled_from(kinds).flatmap(lambda kind: kind)


@cache
def _nested(place: Place, depth: int) -> SearchStrategy[t.Condition]:
    leaf = leaves(place, depth)
    if depth <= 0:
        return leaf
    return st.integers(0, 2).flatmap(lambda n: leaf if n < 2 else joined(_nested(place, depth - 1)))


def conditions(
    subject: t.Subject,
    vocabulary: Vocabulary | None = None,
    *,
    depth: int = 2,
    history: bool = False,
) -> SearchStrategy[t.Condition]:
    """Conditions for a segment of `subject`, of every kind, nested up to `depth` levels.

    `history` adds `entered segment …` and its kin, which hang on recorded transitions, too. To
    compare a single kind, use `leaves`, `dids`, `sequences` … with a `Place`.
    """
    return _nested(Place(vocabulary or DEFAULT, subject, history=history), depth)
