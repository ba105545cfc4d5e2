"""Counters of values answer as plain dictionaries would, whatever comes and goes in any order."""

from collections import Counter as Plain
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from lettershop.engines.duckdb.refresh import tallies
from lettershop.engines.duckdb.refresh.codes import Codes
from lettershop.engines.duckdb.refresh.counters import Counter
from lettershop.engines.duckdb.refresh.tallies import NeverAdded
from lettershop.planning.frame import Ints

Function = Literal["distinct", "same"]
Row = tuple[int, int]

SIZE = 6
FUNCTIONS = st.sampled_from(["distinct", "same"])
CODES = st.sampled_from([0, 1, 2, 7, -1, (1 << 31) - 1, 1 << 31, 1 << 40, -(1 << 62), 1 << 62])
ROW = st.tuples(st.integers(0, SIZE - 1), CODES)
ROWS = st.lists(ROW, max_size=12)
STEP = st.one_of(
    st.tuples(st.just("change"), ROWS, st.integers(0, 1 << 30), st.integers(0, 8)),
    st.tuples(st.just("replace"), ROWS, st.integers(0, 1 << 30), st.integers(0, 3)),
    st.tuples(st.just("fill"), ROWS, st.just(0), st.just(0)),
    st.tuples(st.just("grow"), st.just([]), st.just(0), st.integers(0, 2)),
)


class Naive:
    """The rows that are in, one by one."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.rows: Plain[Row] = Plain()

    def values(self, size: int) -> list[int]:
        found = []
        for slot in range(size):
            counts = [n for (s, _), n in self.rows.items() if s == slot and n > 0]
            found.append(len(counts) if self.function == "distinct" else max(counts, default=0))
        return found


@pytest.fixture(autouse=True)
def _few_recent_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that layers become one every few steps, and blocks are crossed."""
    monkeypatch.setattr(tallies, "RECENT", 4)
    monkeypatch.setattr(tallies, "BLOCK", 4)


def arrays(rows: list[Row]) -> tuple[Ints, Ints]:
    return np.array([r[0] for r in rows], np.int64), np.array([r[1] for r in rows], np.int64)


def change(counter: Counter, add: list[Row], take: list[Row]) -> list[int]:
    changed: list[int] = counter.change(*arrays(add), *arrays(take)).tolist()
    return changed


@settings(max_examples=400, deadline=None)
@given(FUNCTIONS, st.lists(STEP, max_size=14))
def test_as_plain_dictionaries(
    function: Function, steps: list[tuple[str, list[Row], int, int]]
) -> None:
    counter, naive = Counter(SIZE, function), Naive(function)
    for what, rows, seed, count in steps:
        before = counter.value.tolist()
        random = np.random.default_rng(seed)
        match what:
            case "change":
                there = sorted((naive.rows + Plain(rows)).elements())
                taken = [there[i] for i in random.permutation(len(there))[:count]]
                changed = change(counter, rows, taken)
                naive.rows = naive.rows + Plain(rows) - Plain(taken)
            case "replace":
                again = [*{slot for slot, _ in rows}, *random.integers(0, SIZE, count).tolist()]
                changed = counter.replace(np.array(again, np.int64), *arrays(rows)).tolist()
                naive.rows = Plain({r: n for r, n in naive.rows.items() if r[0] not in again})
                naive.rows += Plain(rows)
            case "fill":
                counter.fill(*arrays(rows))
                naive.rows = Plain(rows)
                changed = differing(before, counter.value.tolist())
            case _:
                counter.grow(len(before) + count)
                before += [0] * count
                changed = []
        assert counter.value.tolist() == naive.values(len(before))
        assert changed == differing(before, counter.value.tolist())


def differing(before: list[int], after: list[int]) -> list[int]:
    return [slot for slot, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]


@pytest.mark.parametrize("function", ["distinct", "same"])
def test_many_rows_through_a_moving_window(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "RECENT", 5_000)
    monkeypatch.setattr(tallies, "BLOCK", 64)
    random = np.random.default_rng(11)
    slots = (random.random(120_000) ** 3 * 5_000).astype(np.int64)
    codes = (random.random(120_000) ** 2 * 300).astype(np.int64) * (
        10**9 if function == "same" else 1
    )
    counter = Counter(5_000, function)
    counter.fill(slots[:60_000], codes[:60_000])
    for start in range(0, 60_000, 2_500):
        new = slice(60_000 + start, 62_500 + start)
        old = slice(start, start + 2_500)
        counter.change(slots[new], codes[new], slots[old], codes[old])
    afresh = Counter(5_000, function)
    afresh.fill(slots[60_000:], codes[60_000:])
    assert counter.value.tolist() == afresh.value.tolist()
    assert counter.value.max() > 10


@given(FUNCTIONS, ROWS, ROW)
def test_what_was_never_added_cannot_be_taken(
    function: Function, rows: list[Row], row: Row
) -> None:
    counter = Counter(SIZE, function)
    counter.fill(*arrays(rows))
    before = counter.value.tolist()
    with pytest.raises(NeverAdded):
        change(counter, [(3, 5)], [row] * (rows.count(row) + 1))
    assert counter.value.tolist() == before
    change(counter, [], rows)
    assert counter.value.tolist() == [0] * SIZE


def test_a_row_may_come_and_have_left_in_one_change() -> None:
    counter = Counter(SIZE, "same")
    assert change(counter, [(1, 8), (1, 8), (2, 8)], [(1, 8), (2, 8)]) == [1]
    assert counter.value.tolist() == [0, 1, 0, 0, 0, 0]


def test_the_second_most_frequent_value_takes_over() -> None:
    counter = Counter(SIZE, "same")
    counter.fill(*arrays([(0, 1)] * 3 + [(0, 2)] * 2))
    assert change(counter, [], [(0, 1), (0, 1)]) == [0]
    assert change(counter, [(0, 1)], [(0, 2)]) == []
    assert counter.value[0] == 2


def test_slots_have_to_be_there() -> None:
    counter = Counter(2, "distinct")
    with pytest.raises(IndexError):
        change(counter, [(2, 1)], [])
    with pytest.raises(IndexError):
        counter.fill(*arrays([(-1, 1)]))
    with pytest.raises(ValueError, match="not counted anew"):
        counter.replace(np.array([0]), *arrays([(1, 1)]))


def test_texts_that_are_the_same_have_the_same_code() -> None:
    codes = Codes()
    first = codes.of(np.array(["Berlin", "berlin ", "Köln", "Ko\u0308ln", "Rome"], object))
    assert first.tolist() == [0, 0, 1, 1, 2]
    again = codes.of(np.array(["ROME", " köln", "Oslo", "BERLIN"], object))
    assert again.tolist() == [2, 1, 3, 0]


def test_numbers_times_days_and_truths_are_their_own_codes() -> None:
    codes = Codes()
    assert codes.of(np.array([-5, 1 << 60], np.int64)).tolist() == [-5, 1 << 60]
    assert codes.of(np.array([True, False])).tolist() == [1, 0]
    days = codes.of(np.array(["2024-01-01", "2024-01-02"], "datetime64[us]"))
    assert days[1] - days[0] == 86_400_000_000


def test_lists_and_places_have_codes_too() -> None:
    codes = Codes()
    lists = np.empty(3, object)
    lists[:] = [np.array(["a", "b"], object), ["a", "b"], ["b", "a"]]
    places = np.array([{"lat": 1.5, "lon": 2.0}, {"lat": 1.5, "lon": 2.5}], object)
    assert codes.of(lists).tolist() == [0, 0, 1]
    assert codes.of(places).tolist() == [2, 3]


def test_missing_values_and_floats_have_none() -> None:
    codes = Codes()
    with pytest.raises(ValueError, match="missing"):
        codes.of(np.ma.array(["a", "b"], mask=[False, True], dtype=object))
    with pytest.raises(TypeError):
        codes.of(np.array([None], object))
    with pytest.raises(TypeError):
        codes.of(np.array([0.5]))
