"""Counts of people: intervals, tests, and how many are needed.

R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics
in Medicine 17 (1998) 873-890. J. L. Fleiss, B. Levin, M. C. Paik, Statistical Methods for Rates
and Proportions (2003), chapters 3 and 4. S. Holm, Scandinavian Journal of Statistics 6 (1979).
"""

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr, ndtri  # scipy.stats would cost every command a second

from lettershop.model.errors import UsageError

LEVEL: Final = 0.95
"""Of all intervals."""
_SMALL: Final = 5
"""Expected people in a cell below which the normal approximation is left (Cochran's rule)."""


_AS_PROBABLE: Final = 1 + 1e-7
"""Tables that differ by rounding alone are as probable."""


class Interval(NamedTuple):
    low: float
    high: float


class Count(NamedTuple):
    """`reached` of `people`; at least one person."""

    reached: int
    people: int

    @property
    def rate(self) -> float:
        return self.reached / self.people


def wilson(count: Count, level: float = LEVEL) -> Interval:
    """Of one rate: Wilson's score interval without continuity correction."""
    n, p, z = count.people, count.rate, _z(level)
    middle = p + z * z / (2 * n)
    width = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    low = (middle - width) / whole if count.reached else 0.0
    high = (middle + width) / whole if count.reached < n else 1.0
    return Interval(low, high)


def newcombe(one: Count, other: Count, level: float = LEVEL) -> Interval:
    """Of `one.rate - other.rate`: Newcombe's method 10, from the two Wilson intervals."""
    mine, theirs = wilson(one, level), wilson(other, level)
    difference = one.rate - other.rate
    down = sqrt((one.rate - mine.low) ** 2 + (theirs.high - other.rate) ** 2)
    up = sqrt((mine.high - one.rate) ** 2 + (other.rate - theirs.low) ** 2)
    return Interval(difference - down, difference + up)


def p_value(one: Count, other: Count) -> float:
    """Two-sided, of equal rates: pooled z; Fisher's exact test where fewer than five people are to
    be expected somewhere."""
    people = one.people + other.people
    pooled = (one.reached + other.reached) / people
    if min(one.people, other.people) * min(pooled, 1 - pooled) < _SMALL:
        return fisher(one, other)
    error = sqrt(pooled * (1 - pooled) * (1 / one.people + 1 / other.people))
    return float(2 * ndtr(-abs(one.rate - other.rate) / error))


def fisher(one: Count, other: Count) -> float:
    """Fisher's exact test, two-sided: as probable as this table, or less so."""
    reached = one.reached + other.reached
    least, most = max(0, reached - other.people), min(reached, one.people)
    mine = np.arange(least, most + 1)
    logs = _ways(one.people, mine) + _ways(other.people, reached - mine)
    odds = np.exp(logs - logs.max())
    found = odds[odds <= odds[one.reached - least] * _AS_PROBABLE].sum() / odds.sum()
    return float(min(1.0, found))


def _ways(people: int, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Logarithm of the number of ways to choose so many of them."""
    found: npt.NDArray[np.float64] = (
        gammaln(people + 1) - gammaln(chosen + 1) - gammaln(people - chosen + 1)
    )
    return found


def needed(baseline: float, effect: float, alpha: float, power: float) -> int:
    """People in each of two arms, for a two-sided test of level `alpha` to find a difference of
    `effect` from `baseline` with probability `power` (Fleiss, Levin and Paik, formula 4.14).

    UsageError `compare.effect` where there can be no such difference.
    """
    other = baseline + effect if baseline + effect < 1 else baseline - effect
    if not (0 < baseline < 1 and effect > 0 and 0 < other < 1):
        hint = "both are shares of 1: baseline 0.05 and effect 0.02 compare 5 % with 7 %"
        message = f"no rate is {effect:g} away from {baseline:g}"
        raise UsageError("compare.effect", message, where="compare", hint=hint)
    middle = (baseline + other) / 2
    by_chance = -ndtri(alpha / 2) * sqrt(2 * middle * (1 - middle))
    missed = -ndtri(1 - power) * sqrt(baseline * (1 - baseline) + other * (1 - other))
    return ceil(float((by_chance + missed) / effect) ** 2)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted for being several, in their order: each may be compared with alpha."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for step, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[i] * (len(p_values) - step)))
        adjusted[i] = highest
    return adjusted


def _z(level: float) -> float:
    return float(-ndtri((1 - level) / 2))
