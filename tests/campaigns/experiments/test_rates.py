"""Intervals, tests and sizes against published figures."""

from random import Random

import pytest
from scipy.stats import fisher_exact
from seeds import seed

from lettershop.model.errors import UsageError
from lettershop.model.rates import (
    Count,
    fisher,
    holm,
    needed,
    newcombe,
    p_value,
    wilson,
)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_the_interval_is_the_one_newcombe_published(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    """Table II of his paper of 1998, method 10."""
    found = newcombe(Count(*one), Count(*other))
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [((81, 263), 0.2553, 0.3662), ((15, 148), 0.0624, 0.1605), ((1, 29), 0.0061, 0.1718)],
)  # fmt: skip
def test_one_rate_alone(count: tuple[int, int], low: float, high: float) -> None:
    """Newcombe's first paper of 1998, table I, method 3."""
    assert wilson(Count(*count)) == pytest.approx((low, high), abs=5e-5)


def test_exact_tests_are_those_of_scipy() -> None:
    random = Random(seed())
    for _ in range(200):
        people = [random.choice([1, 5, 40, 2_000, 100_000]) for _ in range(2)]
        share = random.choice([0.0, 1e-4, 0.02, 0.5, 0.98, 1.0])
        reached = [min(n, round(n * share * random.random() * 2)) for n in people]
        one, other = (Count(k, n) for k, n in zip(reached, people, strict=True))
        table = [[c.reached, c.people - c.reached] for c in (one, other)]
        assert fisher(one, other) == pytest.approx(fisher_exact(table).pvalue, rel=1e-6), table


def test_small_tables_are_tested_exactly() -> None:
    assert p_value(Count(3, 4), Count(1, 4)) == pytest.approx(34 / 70)  # the lady tasting tea
    assert p_value(Count(50, 1000), Count(50, 1000)) == pytest.approx(1)
    assert p_value(Count(70, 1000), Count(50, 1000)) == pytest.approx(0.0597, abs=5e-4)


@pytest.mark.parametrize(
    ("baseline", "effect", "power", "people"),
    [(0.05, 0.02, 0.8, 2213), (0.5, 0.25, 0.9, 77), (0.1, 0.05, 0.8, 686), (0.95, 0.1, 0.8, 141)],
)
def test_how_many_are_needed(baseline: float, effect: float, power: float, people: int) -> None:
    """As power.prop.test of R says. Of 95 % ten points less are meant."""
    assert needed(baseline, effect, 0.05, power) == people


@pytest.mark.parametrize(("baseline", "effect"), [(0.05, 0), (0.4, 0.7), (0, 0.1), (1, 0.1)])
def test_a_difference_that_cannot_be_is_refused(baseline: float, effect: float) -> None:
    with pytest.raises(UsageError, match="no rate is"):
        needed(baseline, effect, 0.05, 0.8)


def test_holm() -> None:
    """In any order; never smaller than an earlier one, never above 1."""
    assert holm([0.04, 0.01, 0.03, 0.9]) == pytest.approx([0.09, 0.04, 0.09, 0.9])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
