"""The paper about scale says what its arithmetic gives."""

import pytest

from bench.scale import HUGE, PAPER, TABLES, bitmaps, costs, driver, evaluation, sending, written


def test_the_tables_of_the_paper_are_those_of_the_costs() -> None:
    text = PAPER.read_text()
    assert all(f"<!-- table: {name} -->" in text for name in TABLES)
    assert written(text) == text, "python -m bench.scale --write"


def test_the_arithmetic_by_hand() -> None:
    cost = costs()
    per = cost["evaluation"]["sail"]
    by_hand = (1e12 * per["event_ns"] + 1e9 * per["contact_ns"]) / 1e9
    assert evaluation(HUGE, cost, "sail") == by_hand
    assert driver(HUGE, cost)["held"] == 1e9 * 94 * cost["driver"]["held_bytes"]
    letters = 1e9 * cost["sending"]["letters_a_week"] / 7
    rate = sending(HUGE, cost)["rate"]
    assert rate * cost["sending"]["hours"] * 3600 == pytest.approx(letters)
    assert all(size <= 1e9 / 8 * 1.01 for _, size in bitmaps(HUGE, cost))  # a bit an id at most
