"""Strategies for windows and tests of one value."""

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from vocabulary import Types, Vocabulary, one_of, properties

from lettershop.language import tree as t
from lettershop.language.operators import ROWS
from lettershop.model.values import ValueType

# --- windows ------------------------------------------------------------------------------------

COUNTS: list[t.Count] = ["at least", "more than", "exactly", "at most", "fewer than"]
COMPARISONS: list[t.Comparison] = ["=", "!=", "<", "<=", ">", ">="]
TEXT_OPS = [row.key for row in ROWS if row.takes == "value" and "text" in row.kinds]
CALENDAR: list[t.CalendarUnit] = ["day", "week", "month", "quarter", "year"]


@cache
def durations(words: Vocabulary) -> SearchStrategy[t.Duration]:
    return st.builds(t.Duration, st.integers(1, 90), st.sampled_from(words.units))


@cache
def last_calendar() -> SearchStrategy[t.LastCalendar]:
    return st.builds(t.LastCalendar, st.integers(1, 4), st.sampled_from(CALENDAR))


@cache
def _between(words: Vocabulary) -> SearchStrategy[t.Between]:
    days = [date for date in words.dates if "T" not in date] or list(words.dates)
    pair = st.lists(st.sampled_from(days), min_size=2, max_size=2).map(sorted)
    return pair.map(lambda ends: t.Between(ends[0], ends[1]))


@cache
def windows(words: Vocabulary) -> SearchStrategy[t.Window]:
    """Windows for events (and, all of them, for fields too)."""
    dates = st.sampled_from(words.dates)
    return one_of(
        [
            st.builds(t.Last, durations(words)),
            st.builds(t.Ago, durations(words)),
            _between(words),
            st.builds(t.Before, dates),
            st.builds(t.After, dates),
            st.builds(t.On, dates.filter(lambda date: "T" not in date)),
            st.just(t.Today()),
            last_calendar(),
        ]
    )


@cache
def field_windows(words: Vocabulary) -> SearchStrategy[t.FieldWindow]:
    return one_of(
        [
            windows(words),
            st.builds(t.Next, durations(words)),
            st.builds(t.NextCalendar, st.integers(1, 4), st.sampled_from(CALENDAR)),
        ]
    )


# --- tests of one value -------------------------------------------------------------------------


@cache
def _texts(words: Vocabulary) -> SearchStrategy[str]:
    return st.sampled_from(words.texts)


@cache
def numbers_of(words: Vocabulary) -> SearchStrategy[int | float]:
    return st.sampled_from(words.numbers)


@cache
def ranges(words: Vocabulary) -> SearchStrategy[tuple[int | float, int | float]]:
    pair = st.tuples(numbers_of(words), numbers_of(words))
    return pair.map(lambda p: (min(p), max(p)))


def some(values: SearchStrategy[Any]) -> SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=1, max_size=3, unique=True).map(tuple)


def _text_tests(words: Vocabulary, name: str) -> list[SearchStrategy[Any]]:
    just, texts, flag = st.just(name), _texts(words), st.booleans()
    return [
        st.builds(t.Compare, just, st.sampled_from(TEXT_OPS), texts, exact=flag),
        st.builds(t.OneOf, just, some(texts), negated=flag, exact=flag),
        st.builds(t.Matches, just, st.sampled_from(words.patterns), negated=flag),
    ]


def _number_tests(words: Vocabulary, name: str) -> list[SearchStrategy[Any]]:
    just, numbers, flag = st.just(name), numbers_of(words), st.booleans()
    return [
        st.builds(t.Compare, just, st.sampled_from(COMPARISONS), numbers),
        st.tuples(ranges(words), flag).map(lambda p: t.Within(name, *p[0], negated=p[1])),
        st.builds(t.OneOf, just, some(numbers), negated=flag),
    ]


def _list_tests(words: Vocabulary, name: str) -> list[SearchStrategy[Any]]:
    how = st.sampled_from(["any", "all", "none"])
    return [st.builds(t.Includes, st.just(name), how, some(_texts(words)))]


def _boolean_tests(name: str) -> list[SearchStrategy[Any]]:
    return [st.builds(t.Compare, st.just(name), st.sampled_from(["=", "!="]), st.booleans())]


def date_tests(words: Vocabulary, name: str) -> list[SearchStrategy[Any]]:
    return [st.builds(t.DateTest, st.just(name), field_windows(words))]


def lasting_tests(words: Vocabulary, name: str, kind: ValueType) -> list[SearchStrategy[Any]]:
    """Tests that can also be `held` and applied to a first or last value (the latter: no dates)."""
    match kind:
        case "text":
            return _text_tests(words, name)
        case "number":
            return _number_tests(words, name)
        case "boolean":
            return _boolean_tests(name)
        case "list":
            return _list_tests(words, name)
        case "time" | "date" | "location":
            return []


@cache
def value_test(words: Vocabulary, name: str, kind: ValueType) -> SearchStrategy[t.ValueTest]:
    """Any test that fits a field of this type."""
    tests = lasting_tests(words, name, kind)
    tests.append(st.builds(t.IsKnown, st.just(name), negated=st.booleans()))
    if kind in ("time", "date"):
        tests += date_tests(words, name)
        near = st.none() | durations(words)
        tests.append(st.builds(t.Anniversary, st.just(name), near))
    if kind == "location":
        places = st.sampled_from([(52.52, 13.4), (48.85, 2.35), (-33.9, 151.2), (0, 180)])
        reach = st.tuples(st.sampled_from([1, 50, 0.5, 2000]), places)
        tests.append(reach.map(lambda p: t.Near(name, p[0], *p[1])))
    return one_of(tests)


def value_tests(words: Vocabulary, types: Types) -> SearchStrategy[t.ValueTest]:
    """A test of any of these fields; types must not be empty."""
    fields = st.sampled_from(list(types.items()))
    return fields.flatmap(lambda item: value_test(words, *item))


@cache
def joined(leaf: SearchStrategy[Any]) -> SearchStrategy[Any]:
    parts = st.lists(leaf, min_size=2, max_size=3).map(tuple)
    return one_of([st.builds(t.And, parts), st.builds(t.Or, parts), st.builds(t.Not, leaf)])


@cache
def event_wheres(words: Vocabulary, names: tuple[str, ...]) -> SearchStrategy[Any]:
    return wheres(words, properties(words, names))


@cache
def record_wheres(words: Vocabulary, kind: str) -> SearchStrategy[Any]:
    return wheres(words, words.records[kind])


def wheres(words: Vocabulary, types: Types) -> SearchStrategy[t.Condition | None]:
    """Nothing, one value test, or a small and/or/not of them."""
    if not types:
        return st.none()
    leaf = value_tests(words, types)
    return one_of([st.none(), leaf, joined(leaf), joined(one_of([leaf, joined(leaf)]))])
