"""Whole accounts were drawn: their people are alike, and count for less than as many strangers.

The rate is a ratio of two sums over accounts, its variance that of the residuals (W. G. Cochran,
Sampling Techniques, 1977, 6.4; A. Deng, U. Knoblich, J. Lu, Applying the Delta Method in Metric
Analytics, KDD 2018). With one person per account it is Welch's test.
"""

from math import sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from lettershop.model.rates import LEVEL, Interval

FEWEST: Final = 10
"""Accounts in an arm below which nothing is said."""

Floats = npt.NDArray[np.float64]


class Clusters(NamedTuple):
    """Shapes (m,): `sizes` people in each account, at least one; `totals` of what is measured over
    them: people reached, or money."""

    sizes: Floats
    totals: Floats

    @property
    def mean(self) -> float:
        """Per person."""
        return float(self.totals.sum() / self.sizes.sum())

    @property
    def variance(self) -> float:
        """Of the mean; at least two accounts."""
        m = len(self.sizes)
        rest = self.totals - self.mean * self.sizes
        return float((rest @ rest) * m / (m - 1) / self.sizes.sum() ** 2)


class Estimate(NamedTuple):
    """A difference, its interval, and the two-sided p-value of there being none."""

    value: float
    interval: Interval
    p: float


def cluster(groups: npt.NDArray[np.int64], values: npt.NDArray[np.generic]) -> Clusters:
    """`groups`: (n,) which account each person is of, numbered from 0; `values`: (n,)."""
    _, number = np.unique(groups, return_inverse=True)
    sizes = np.bincount(number).astype(np.float64)
    totals = np.bincount(number, weights=values.astype(np.float64)).astype(np.float64)
    return Clusters(sizes, totals)


def difference(one: Clusters, other: Clusters, level: float = LEVEL) -> Estimate:
    """`one.mean - other.mean` by Student's t with Satterthwaite's degrees of freedom."""
    value, parts = one.mean - other.mean, (one.variance, other.variance)
    error = sqrt(sum(parts))
    if error == 0:
        return Estimate(value, Interval(value, value), 1.0 if value == 0 else 0.0)
    counts = (len(one.sizes), len(other.sizes))
    freedom = sum(parts) ** 2 / sum(v * v / (m - 1) for v, m in zip(parts, counts, strict=True))
    width = -float(stdtrit(freedom, (1 - level) / 2)) * error
    p = float(2 * stdtr(freedom, -abs(value) / error))
    return Estimate(value, Interval(value - width, value + width), p)


def around(one: Clusters, level: float = LEVEL) -> Interval:
    """Of the mean."""
    width = -float(stdtrit(len(one.sizes) - 1, (1 - level) / 2)) * sqrt(one.variance)
    return Interval(one.mean - width, one.mean + width)


def design_effect(one: Clusters) -> float:
    """How many times the variance is that of as many people drawn one by one; of rates. At least
    1: a lucky draw of accounts is no reason to do with fewer people."""
    p, n = one.mean, one.sizes.sum()
    alone = p * (1 - p) / n
    return max(1.0, one.variance / alone) if alone > 0 else 1.0
