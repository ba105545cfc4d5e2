"""Revenue per person: most spend nothing, a few a lot.

Where many bought, the mean is near enough to normal (Welch; by accounts the ratio estimator). Else
a percentile bootstrap with a fixed seed: the same data give the same interval. B. Efron, R. J.
Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from lettershop.campaigns.experiments.clustered import Clusters, Estimate, Floats, difference
from lettershop.model.rates import LEVEL, Interval

BUYERS: Final = 10
"""People who bought, in an arm, below which nothing is said about revenue."""
MANY: Final = 300
"""Buyers in both arms from which on the mean counts as normal."""
TIMES: Final = 4_000
"""Resamples."""
_AT_ONCE: Final = 2_000_000
"""Draws in memory at once."""


def revenue_difference(
    one: Clusters, other: Clusters, level: float = LEVEL, seed: int = 1
) -> Estimate | None:
    """Per person, `one - other`; None where too few bought to say anything. The p-value of a
    bootstrap is not computed: 1.0 where the interval holds zero, else `1 - level`."""
    buyers = min(int(np.count_nonzero(arm.totals)) for arm in (one, other))
    if buyers < BUYERS:
        return None
    if buyers >= MANY:
        return difference(one, other, level)
    rng = np.random.default_rng(seed)
    found = _resampled(one, rng) - _resampled(other, rng)
    low, high = (float(q) for q in np.quantile(found, [(1 - level) / 2, (1 + level) / 2]))
    p = 1.0 if low <= 0 <= high else 1 - level
    return Estimate(one.mean - other.mean, Interval(low, high), p)


def _resampled(arm: Clusters, rng: np.random.Generator) -> Floats:
    """(TIMES,) means per person of as many clusters drawn again.

    Those who bought nothing add nothing: it is enough to know how many of the draws fall on
    somebody who did. Of them only the number of people differs, and is drawn by its mean and
    variance, which for that many is exact enough (for people alone, exact)."""
    spent = arm.totals != 0
    m, buyers = len(arm.totals), int(spent.sum())
    hits = rng.binomial(m, buyers / m, TIMES)
    totals, sizes = _sums(arm.totals[spent], arm.sizes[spent], hits, rng)
    rest = arm.sizes[~spent]
    if len(rest):
        left = m - hits
        noise = rng.standard_normal(TIMES) * np.sqrt(left) * rest.std()
        sizes += np.maximum(left, left * rest.mean() + noise)
    return totals / sizes


def _sums(
    totals: Floats, sizes: Floats, hits: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Sums of that many draws each, in parts that fit in memory."""
    found = np.zeros((2, len(hits)))
    step = max(1, _AT_ONCE // max(1, int(hits.max(initial=1))))
    for start in range(0, len(hits), step):
        some = hits[start : start + step]
        drawn = rng.integers(0, len(totals), int(some.sum()))
        of = np.repeat(np.arange(len(some)), some)
        found[0, start : start + step] = np.bincount(of, totals[drawn], len(some))
        found[1, start : start + step] = np.bincount(of, sizes[drawn], len(some))
    return found[0], found[1]
