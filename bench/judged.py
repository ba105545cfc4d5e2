"""How good a ranking was: hits, recall and NDCG at 10 against what was then bought."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lettershop.content.recommend.best import Ranked

AT = 10
DRAWS = 1_000
SEED = 7
Floats = npt.NDArray[np.float64]


class Scores(NamedTuple):
    """(n,) per account that bought something. `hit`: one of the ten was bought. `recall`: which
    share of what was bought is among the ten. `ndcg`: the same with the places counted, 1 for the
    best order there could be. `offered` and `right`: how many items were shown and bought."""

    hit: Floats
    recall: Floats
    ndcg: Floats
    offered: Floats
    right: Floats

    @property
    def reached(self) -> float:
        """The share of accounts that were shown anything."""
        return float((self.offered > 0).mean())

    @property
    def precision(self) -> float:
        """The share of what was shown that was bought."""
        return float(self.right.sum() / max(self.offered.sum(), 1))


class Figure(NamedTuple):
    """A mean with its 95 % interval, by drawing the accounts again (bootstrap, percentiles)."""

    mean: float
    low: float
    high: float


def judge(ranked: Ranked, truth: Any) -> Scores:
    """`truth`: (n, m) sparse, what each bought then; none of its rows is empty."""
    top = ranked[:, :AT]
    right = np.zeros(top.shape, np.bool_)
    for row in range(len(top)):
        bought = truth.indices[truth.indptr[row] : truth.indptr[row + 1]]
        right[row] = np.isin(top[row], bought)
    there = np.diff(truth.indptr)
    gain = 1 / np.log2(np.arange(AT) + 2)
    ideal = np.cumsum(gain)[np.minimum(there, AT) - 1]
    return Scores(
        hit=right.any(axis=1).astype(np.float64),
        recall=right.sum(axis=1) / there,
        ndcg=(right * gain[: top.shape[1]]).sum(axis=1) / ideal,
        offered=(top >= 0).sum(axis=1).astype(np.float64),
        right=right.sum(axis=1).astype(np.float64),
    )


def figure(values: Floats) -> Figure:
    """Of a difference between two rankings give the differences of the same accounts."""
    draws = np.random.default_rng(SEED).integers(0, len(values), (DRAWS, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high))
