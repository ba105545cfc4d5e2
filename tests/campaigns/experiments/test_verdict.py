"""Variants compared once: how often that is wrong, how often it finds what is there, what it says
before its time."""

from math import sqrt

import numpy as np
import pytest
from seeds import seed

from lettershop.campaigns.definition import Comparison
from lettershop.campaigns.experiments.verdict import Answer, Arm, compare, planned
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.rates import needed

SENT = parse_instant("2026-12-01T09:00Z")
ENDS = SENT + 7 * DAY
USUAL = Comparison(baseline=0.2, effect=0.1)
PEOPLE = needed(0.2, 0.1, 0.05, 0.8)
TIMES = 800


def arms(rng: np.random.Generator, *rates: float, people: int = PEOPLE) -> list[Arm]:
    return [Arm("ABC"[i], rng.random(people) < rate) for i, rate in enumerate(rates)]


def teams(rng: np.random.Generator, rate: float, name: str, accounts: int, size: int) -> Arm:
    """Accounts whose people are alike: half of what differs between people is their account."""
    chance = np.repeat(rng.beta(rate, 1 - rate, accounts), size)
    of = np.repeat(np.arange(accounts), size)
    return Arm(name, rng.random(accounts * size) < chance, of)


def share(comparison: Comparison, played: list[list[Arm]], answer: Answer) -> float:
    found = [compare(comparison, each, ENDS, ENDS).answer for each in played]
    assert set(found) <= {"winner", "no_difference"}
    return found.count(answer) / len(found)


def error(rate: float, times: int = TIMES) -> float:
    """Three standard deviations of a share of that many."""
    return 3 * sqrt(rate * (1 - rate) / times)


def test_two_equal_letters_differ_as_often_as_alpha_says() -> None:
    rng = np.random.default_rng(seed())
    wrong = share(USUAL, [arms(rng, 0.2, 0.2) for _ in range(TIMES)], "winner")
    assert wrong == pytest.approx(0.05, abs=error(0.05))


def test_a_difference_as_large_as_said_is_found_as_often_as_said() -> None:
    rng = np.random.default_rng(seed())
    found = share(USUAL, [arms(rng, 0.2, 0.3) for _ in range(TIMES)], "winner")
    assert found == pytest.approx(0.8, abs=error(0.8))


def test_three_equal_letters_do_not_err_more_often() -> None:
    """Holm: any winner at all, and any pair that is sure."""
    rng, times = np.random.default_rng(seed()), 500
    people = needed(0.2, 0.1, 0.05 / 3, 0.8)
    found = [
        compare(USUAL, arms(rng, 0.2, 0.2, 0.2, people=people), ENDS, ENDS) for _ in range(times)
    ]
    sure = [any(pair.sure for pair in one.pairs) for one in found]
    assert 0 < sum(sure) / times <= 0.05 + error(0.05, times)
    assert all(one.answer == "no_difference" for one, s in zip(found, sure, strict=True) if not s)


def test_accounts_whose_people_are_alike_do_not_err_more_often() -> None:
    """With ten people in each account, counted as strangers they would: four times as often."""
    rng, times = np.random.default_rng(seed()), 500
    small = Comparison(baseline=0.2, effect=0.3)
    played = [[teams(rng, 0.2, name, 100, 10) for name in "AB"] for _ in range(times)]
    wrong = share(small, played, "winner")
    naive = share(small, [[Arm(a.name, a.reached) for a in both] for both in played], "winner")
    assert wrong == pytest.approx(0.05, abs=error(0.05, times))
    assert naive > 0.2


def test_before_its_time_there_is_no_winner_however_clear_it_looks() -> None:
    reached = np.arange(1_000) < 100
    clear = [Arm("A", reached), Arm("B", ~reached)]
    early = compare(USUAL, clear, ENDS - 1, ENDS)
    assert (early.answer, early.winner, early.pairs) == ("not_yet", "", ())
    assert [(one.name, one.reached) for one in early.arms] == [("A", 100), ("B", 900)]
    assert early.said == (
        "No variant wins yet: that is decided once, at 2026-12-08T09:00Z, not before."
    )
    assert (
        compare(USUAL, clear, ENDS, None).said == "No variant wins yet: letters are still to leave."
    )
    decided = compare(USUAL, clear, ENDS, ENDS)
    assert (decided.answer, decided.winner) == ("winner", "B")
    assert decided.said == "Variant “B” is better: 90.00% followed a link."


def test_of_three_the_best_has_to_beat_both_others() -> None:
    rates = {"A": 100, "B": 500, "C": 505}
    three = [Arm(name, np.arange(1_000) < n) for name, n in rates.items()]
    found = compare(USUAL, three, ENDS, ENDS)
    assert (found.answer, [p.one + p.other for p in found.pairs if p.sure]) == (
        "no_difference",
        ["AB", "AC"],
    )
    assert found.said.startswith("No variant wins: some are surely worse")
    close = compare(USUAL, three[1:], ENDS, ENDS)
    assert close.said.startswith("No difference between the variants is sure.")


def test_too_few_people_give_figures_and_no_winner() -> None:
    few = [Arm("A", np.arange(100) < 1), Arm("B", np.arange(100) < 90)]
    found = compare(USUAL, few, ENDS, ENDS)
    assert (found.answer, found.winner, found.needed) == ("too_few", "", PEOPLE)
    assert found.said == (
        f"No variant can win: each needed {PEOPLE} people, and the smallest has 100."
    )
    assert compare(USUAL, [], ENDS, ENDS).answer == "too_few"


def test_a_few_large_accounts_are_too_few_however_many_people() -> None:
    rng = np.random.default_rng(seed())
    found = compare(USUAL, [teams(rng, 0.2, name, 4, 5_000) for name in "AB"], ENDS, ENDS)
    assert found.answer == "too_few" and "people of one account are alike" in found.said


def test_the_number_needed_is_said_before_the_first_letter_leaves() -> None:
    enough = planned(Comparison(), {"A": 3_000, "B": 2_500})
    assert (enough.needed, enough.enough) == (2_213, True)
    few = planned(Comparison(), {"A": 3_000, "B": 900, "C": 900})
    assert (few.needed, few.enough) == (2_951, False)
    alike = planned(Comparison(), {"A": 3_000, "B": 2_500}, "account")
    assert "needs 2,213 people (and more where people of one account are alike), and" in alike.said
    assert few.said == (
        "to find a difference of 2.00% from 5.00% in 80% of all cases, each variant needs 2,951"
        " people; the smallest has 900"
    )
