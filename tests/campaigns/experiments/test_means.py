"""Revenue per person: how often the interval holds the truth, when nothing is said; a real one."""

import csv
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from seeds import seed

from lettershop.campaigns.experiments.clustered import Clusters, around, difference
from lettershop.campaigns.experiments.means import revenue_difference
from lettershop.model.rates import Count, newcombe

HILLSTROM = Path(__file__).parents[4] / "shared" / "data" / "hillstrom.csv"


def spent(rng: np.random.Generator, people: int, share: float) -> Clusters:
    buys = rng.random(people) < share
    return Clusters(np.ones(people), np.where(buys, rng.lognormal(4, 0.7, people), 0.0))


@pytest.mark.parametrize(("people", "share"), [(2_000, 0.03), (9_000, 0.04)])
def test_the_interval_holds_the_truth_as_often_as_it_says(people: int, share: float) -> None:
    """Some 60 buyers in each arm (bootstrap), and some 360 (Welch)."""
    rng, times = np.random.default_rng(seed()), 80
    found = [
        revenue_difference(spent(rng, people, share), spent(rng, people, share))
        for _ in range(times)
    ]
    held = [f.interval.low <= 0 <= f.interval.high for f in found if f is not None]
    assert len(held) == times
    assert sum(held) / times == pytest.approx(0.95, abs=3 * sqrt(0.95 * 0.05 / times))


def test_the_same_data_give_the_same_interval() -> None:
    rng = np.random.default_rng(seed())
    one, other = spent(rng, 1_000, 0.05), spent(rng, 1_000, 0.05)
    assert revenue_difference(one, other) == revenue_difference(one, other)


def test_with_few_buyers_nothing_is_said() -> None:
    rng = np.random.default_rng(seed())
    one = spent(rng, 1_000, 0.05)
    nobody = Clusters(np.ones(1_000), np.zeros(1_000))
    assert revenue_difference(one, nobody) is None
    assert revenue_difference(nobody, one) is None


def test_accounts_of_several_people_are_drawn_as_accounts() -> None:
    """An account of ten that spends alike: the interval is that of the accounts."""
    rng = np.random.default_rng(seed())
    money = np.where(rng.random(800) < 0.2, 1_000.0, 0.0)
    one = Clusters(np.full(800, 10.0), money)
    other = Clusters(np.full(800, 10.0), rng.permutation(money))
    found = revenue_difference(one, other)
    assert found is not None and found.value == pytest.approx(0)
    exact = difference(one, other).interval
    assert found.interval == pytest.approx(exact, abs=0.1 * exact.high)


@pytest.mark.skipif(not HILLSTROM.exists(), reason="../shared/data/hillstrom.csv is not there")
def test_hillstroms_mail_experiment() -> None:
    """64,000 customers, a third each: men's mail, women's mail, none (Kevin Hillstrom, The MineThat
    Data e-mail analytics challenge, 2008)."""
    with HILLSTROM.open(newline="") as file:
        rows = [*csv.DictReader(file)]
    arms = {
        name: [row for row in rows if row["segment"] == name]
        for name in ("Mens E-Mail", "Womens E-Mail", "No E-Mail")
    }
    visits = {n: Count(sum(r["visit"] == "1" for r in arm), len(arm)) for n, arm in arms.items()}
    assert visits["No E-Mail"].rate == pytest.approx(0.1062, abs=5e-5)
    for name, lift in (("Mens E-Mail", 0.0766), ("Womens E-Mail", 0.0452)):
        low, high = newcombe(visits[name], visits["No E-Mail"])
        assert visits[name].rate - visits["No E-Mail"].rate == pytest.approx(lift, abs=5e-5)
        assert lift - 0.0070 < low < lift - 0.0055 and lift + 0.0055 < high < lift + 0.0070
    money = {
        name: Clusters(np.ones(len(arm)), np.array([float(row["spend"]) for row in arm]))
        for name, arm in arms.items()
    }
    mens = revenue_difference(money["Mens E-Mail"], money["No E-Mail"])
    assert mens is not None and mens.value == pytest.approx(0.7698, abs=5e-5)
    assert 0.45 < mens.interval.low < 0.55 and 1.0 < mens.interval.high < 1.1
    assert around(money["No E-Mail"]).low > 0
