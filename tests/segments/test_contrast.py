"""What is told of differences is true: planted ones are found, chance is not."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact, mannwhitneyu

from lettershop.model.rates import Count, p_value
from lettershop.segments.contrast import Counted, Named, Ranked, contrast, rank_p

MEMBERS, OTHERS, FIELDS = 80, 420, 40


def counted(inside: int, of_inside: int, outside: int, of_outside: int, name: str = "x") -> Counted:
    return Counted(
        what=Named("contact", name),
        inside=inside,
        of_inside=of_inside,
        outside=outside,
        of_outside=of_outside,
    )


def ranked(own: "np.ndarray", others: "np.ndarray", name: str = "y") -> Ranked:  # type: ignore[type-arg]
    """Counted the plain way, pair by pair."""
    above = (own[:, None] > others[None, :]).sum() + (own[:, None] == others[None, :]).sum() / 2
    _, ties = np.unique(np.concatenate([own, others]), return_counts=True)
    a, b = (tuple(np.quantile(side, [0.25, 0.5, 0.75])) for side in (own, others))
    return Ranked(
        what=Named("contact", name),
        inside=len(own),
        outside=len(others),
        u=float(above),
        ties=float((ties.astype(float) ** 3 - ties).sum()),
        quartiles_inside=(float(a[0]), float(a[1]), float(a[2])),
        quartiles_outside=(float(b[0]), float(b[1]), float(b[2])),
    )


@pytest.mark.parametrize("table", [(3, 12, 40, 400), (0, 15, 9, 500), (9, 11, 30, 900)])
def test_small_counts_are_fishers(table: tuple[int, int, int, int]) -> None:
    a, n, c, m = table
    expected = fisher_exact([[a, n - a], [c, m - c]]).pvalue
    assert p_value(Count(a, n), Count(c, m)) == pytest.approx(expected, rel=1e-6)


def test_large_counts_are_those_of_two_proportions() -> None:
    expected = chi2_contingency([[60, 40], [300, 500]], correction=False).pvalue
    assert p_value(Count(60, 100), Count(300, 800)) == pytest.approx(expected, rel=1e-9)


def test_ranks_are_mann_and_whitneys_with_ties() -> None:
    draw = np.random.default_rng(3)
    own, others = draw.integers(0, 6, 50), draw.integers(0, 8, 300)
    expected = mannwhitneyu(own, others, use_continuity=False, method="asymptotic").pvalue
    assert rank_p(ranked(own, others)) == pytest.approx(expected, rel=1e-9)


def random_fields(seed: int) -> list[Counted]:
    """What nobody's membership has to do with."""
    draw = np.random.default_rng(seed)
    rates = draw.uniform(0.05, 0.6, FIELDS)
    inside, outside = draw.binomial(MEMBERS, rates), draw.binomial(OTHERS, rates)
    pairs = zip(inside, outside, strict=True)
    return [counted(int(a), MEMBERS, int(b), OTHERS, f"f{n}") for n, (a, b) in enumerate(pairs)]


def test_chance_alone_is_told_of_in_hardly_any_of_100_seeds() -> None:
    false_alarms = sum(bool(contrast(random_fields(seed), []).found) for seed in range(100))
    assert false_alarms <= 10  # 5 are expected; more than 10 of 100 in 1 of 100 runs


def test_a_planted_difference_is_found_among_chance_in_all_seeds() -> None:
    planted = counted(56, MEMBERS, 126, OTHERS, "planted")
    for seed in range(20):
        found = contrast([*random_fields(seed), planted], []).found
        assert found[0].what.field == "planted"
        assert found[0].low < 56 / 80 - 126 / 420 < found[0].high


def test_intervals_of_what_was_chosen_hold_the_truth() -> None:
    """Of ten true differences among forty comparisons the chosen ones' intervals cover it."""
    draw, covered, told = np.random.default_rng(8), 0, 0
    for _ in range(60):
        fields = random_fields(int(draw.integers(10**6)))[10:]
        true = [
            counted(
                int(draw.binomial(MEMBERS, 0.5)), MEMBERS, int(draw.binomial(OTHERS, 0.3)), OTHERS
            )
            for _ in range(10)
        ]
        chosen = [one for one in contrast([*fields, *true], []).found if one.what.field == "x"]
        told += len(chosen)
        covered += sum(one.low <= 0.2 <= one.high for one in chosen)
    assert told > 300
    assert covered / told > 0.93


def test_few_are_not_compared_and_slight_is_not_told() -> None:
    assert contrast([counted(3, 9, 40, 400), counted(4, 80, 5, 400)], []).compared == 0
    slight = contrast([counted(5_400, 10_000, 50_000, 100_000)], [])
    assert (len(slight.found), slight.slight) == (0, 1)


def test_higher_values_of_members_are_found_with_how_often_they_are_higher() -> None:
    draw = np.random.default_rng(4)
    own, others = draw.normal(1, 1, 60), draw.normal(0, 1, 500)
    found = contrast([], [ranked(own, others)]).found[0]
    assert found.ranked and found.higher is not None
    assert found.low < found.higher < found.high
    assert found.higher == pytest.approx(0.76, abs=0.07)  # Φ(1/√2)
    assert found.inside > found.outside
