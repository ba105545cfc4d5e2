"""Variants compared once, at a moment and with numbers stated beforehand.

Looking again and again and stopping at the first good day finds differences that are not there: at
eight looks 17 % of the time instead of 5 %. So before the moment there are figures, and no winner.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from lettershop.campaigns.definition import Comparison, Measure, Unit
from lettershop.campaigns.experiments.clustered import (
    FEWEST,
    Clusters,
    Estimate,
    around,
    cluster,
    design_effect,
    difference,
)
from lettershop.model.clock import format_instant
from lettershop.model.rates import (
    Count,
    Interval,
    holm,
    needed,
    newcombe,
    p_value,
    wilson,
)

Answer = Literal["not_yet", "too_few", "winner", "no_difference"]
"""not_yet: the moment has not come. too_few: it has, and not as many people as were needed.
no_difference: none is surely better than every other one."""

MEASURES: Final[Mapping[Measure, str]] = {
    "human_click": "followed a link",
    "reply": "replied",
    "goal": "reached the goal",
}


class Arm(NamedTuple):
    """Everybody who was drawn for a variant. `reached`: (n,) truths. `accounts`: (n,) numbers of
    their accounts where whole accounts were drawn."""

    name: str
    reached: npt.NDArray[np.bool_]
    accounts: npt.NDArray[np.int64] | None = None

    @property
    def counted(self) -> Count:
        return Count(int(self.reached.sum()), len(self.reached))

    @property
    def clusters(self) -> Clusters | None:
        return None if self.accounts is None else cluster(self.accounts, self.reached)


class ArmFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Of one variant; the interval is that of its rate (95 %)."""

    name: str
    people: int
    reached: int
    rate: float
    low: float
    high: float


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two variants at the stated moment: `one` minus `other`. `adjusted`: the p-value after Holm,
    for there being several pairs; `sure`: it is below alpha."""

    one: str
    other: str
    difference: float
    low: float
    high: float
    p: float
    adjusted: float
    sure: bool


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is known before the first letter leaves. `needed`: people in each variant."""

    needed: int
    enough: bool
    said: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`decided_at`: the stated moment, "" while it is not known. `pairs`: empty before."""

    measure: Measure
    answer: Answer
    winner: str = ""
    needed: int
    decided_at: str
    arms: tuple[ArmFigures, ...]
    pairs: tuple[Pair, ...] = ()
    said: str


def planned(comparison: Comparison, letters: Mapping[str, int], unit: Unit = "contact") -> Plan:
    """`letters`: to be sent, by variant. UsageError `compare.effect`."""
    wanted = _needed(comparison, len(letters))
    fewest = min(letters.values(), default=0)
    effect, power = f"{comparison.effect:.2%}", f"{comparison.power:.0%}"
    said = (
        f"to find a difference of {effect} from {comparison.baseline:.2%} in {power} of all cases,"
        f" each variant needs {wanted:,} people"
    )
    if unit == "account":
        said += " (and more where people of one account are alike)"
    if fewest >= wanted:
        return Plan(needed=wanted, enough=True, said=f"{said}, and has at least {fewest:,}")
    return Plan(needed=wanted, enough=False, said=f"{said}; the smallest has {fewest:,}")


def compare(comparison: Comparison, arms: Sequence[Arm], now: int, ends: int | None) -> Verdict:
    """`ends`: ms, the moment it is decided at, None while letters are still leaving. What is in
    the arms must have happened before it. Arms without people are left out."""
    there = [arm for arm in arms if len(arm.reached)]
    wanted = _needed(comparison, len(there))
    figures = tuple(_figures(arm) for arm in there)
    if ends is None or now < ends:
        return _verdict(comparison, "not_yet", wanted, ends, figures, (), _waiting(ends))
    pairs = _pairs(comparison, there) if all(map(_enough_clusters, there)) else ()
    fewest = min((_effective(arm) for arm in there), default=0)
    if fewest < wanted or not pairs:
        said = _too_few(wanted, fewest, alike=any(arm.accounts is not None for arm in there))
        return _verdict(comparison, "too_few", wanted, ends, figures, pairs, said)
    best = max(figures, key=lambda one: one.rate)
    if all(pair.sure for pair in pairs if best.name in (pair.one, pair.other)):
        said = f"Variant “{best.name}” is better: {best.rate:.2%} {MEASURES[comparison.measure]}."
        return _verdict(comparison, "winner", wanted, ends, figures, pairs, said, best.name)
    said = _undecided(comparison, pairs)
    return _verdict(comparison, "no_difference", wanted, ends, figures, pairs, said)


def _verdict(
    comparison: Comparison,
    answer: Answer,
    wanted: int,
    ends: int | None,
    arms: tuple[ArmFigures, ...],
    pairs: tuple[Pair, ...],
    said: str,
    winner: str = "",
) -> Verdict:
    return Verdict(
        measure=comparison.measure,
        answer=answer,
        winner=winner,
        needed=wanted,
        decided_at="" if ends is None else format_instant(ends),
        arms=arms,
        pairs=pairs,
        said=said,
    )


def _waiting(ends: int | None) -> str:
    if ends is None:
        return "No variant wins yet: letters are still to leave."
    return f"No variant wins yet: that is decided once, at {format_instant(ends)}, not before."


def _undecided(comparison: Comparison, pairs: Sequence[Pair]) -> str:
    if any(pair.sure for pair in pairs):
        return "No variant wins: some are surely worse, but none is surely better than all others."
    return (
        "No difference between the variants is sure. If there is one, it is most likely smaller"
        f" than {comparison.effect:.2%}: take the letter you like better."
    )


def _too_few(wanted: int, fewest: int, *, alike: bool) -> str:
    said = f"No variant can win: each needed {wanted:,} people, and the smallest has "
    if alike:
        return said + f"what counts as {fewest:,}, since people of one account are alike."
    return said + f"{fewest:,}."


def _needed(comparison: Comparison, arms: int) -> int:
    """With several pairs the first of Holm's steps is the hardest: alpha over their number."""
    pairs = max(1, arms * (arms - 1) // 2)
    alpha = comparison.alpha / pairs
    return needed(comparison.baseline, comparison.effect, alpha, comparison.power)


def _effective(arm: Arm) -> int:
    """People, as if they had been drawn one by one."""
    clusters = arm.clusters
    if clusters is None:
        return len(arm.reached)
    return int(len(arm.reached) / design_effect(clusters)) if len(clusters.sizes) > 1 else 0


def _enough_clusters(arm: Arm) -> bool:
    clusters = arm.clusters
    return clusters is None or len(clusters.sizes) >= FEWEST


def _figures(arm: Arm) -> ArmFigures:
    clusters, count = arm.clusters, arm.counted
    interval = wilson(count)
    if clusters is not None and len(clusters.sizes) >= FEWEST:
        low, high = around(clusters)
        interval = Interval(max(0.0, low), min(1.0, high))
    return ArmFigures(
        name=arm.name,
        people=count.people,
        reached=count.reached,
        rate=count.rate,
        low=interval.low,
        high=interval.high,
    )


def _pairs(comparison: Comparison, arms: Sequence[Arm]) -> tuple[Pair, ...]:
    found = [(one, other, _estimate(one, other)) for one, other in combinations(arms, 2)]
    adjusted = holm([estimate.p for _, _, estimate in found])
    return tuple(
        Pair(
            one=one.name,
            other=other.name,
            difference=estimate.value,
            low=estimate.interval.low,
            high=estimate.interval.high,
            p=estimate.p,
            adjusted=after,
            sure=after < comparison.alpha,
        )
        for (one, other, estimate), after in zip(found, adjusted, strict=True)
    )


def _estimate(one: Arm, other: Arm) -> Estimate:
    mine, theirs = one.clusters, other.clusters
    if mine is not None and theirs is not None:
        return difference(mine, theirs)
    a, b = one.counted, other.counted
    return Estimate(a.rate - b.rate, newcombe(a, b), p_value(a, b))
