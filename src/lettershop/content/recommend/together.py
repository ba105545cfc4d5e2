"""Bought together: items that the same buyers buy, seen from what a recipient bought lately.

For items i and j let c be how many bought both, n(i) and n(j) how many bought each. How much i
speaks for j is the *measure*; what a recipient bought lately is added up. The measures here were
compared on real purchases (docs/explanation/recommendations.md); the one in use
is the default of `Weighting`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lettershop.content.recommend.asked import Asked, by_score
from lettershop.content.recommend.best import Ranked, strongest
from lettershop.content.recommend.interactions import Matrix
from lettershop.content.recommend.kept import digest, size_of
from lettershop.content.recommend.model import Model
from lettershop.planning.frame import Bits

Floats = npt.NDArray[np.float32]
Measure = Callable[[Floats, Floats, Floats, int, float], Floats]
"""(c, n(i), n(j), buyers in all, shrink) -> how much j is recommended by i."""

PAIRS: Final = 4_000_000
"""Pairs of items that are held at a time while they are counted."""


class Weighting(NamedTuple):
    """`long`: a buyer counts for 1 / (items they bought) ** long, on average for 1: somebody who
    buys everything says little. `shrink`: how many buyers of both a pair needs before it is
    believed half. `half_life` (days) and `recent`: how much a purchase of the recipient's still
    says, and how many are looked at. `neighbours`: items kept for each item."""

    measure: str = "cosine"
    shrink: float = 20.0
    half_life: float = 90.0
    recent: int = 100
    neighbours: int = 50
    long: float = 1.0


def conditional(c: Floats, ni: Floats, nj: Floats, buyers: int, shrink: float) -> Floats:
    """The share of the buyers of i who also buy j."""
    return c / (ni + shrink)


def cosine(c: Floats, ni: Floats, nj: Floats, buyers: int, shrink: float) -> Floats:
    """The share of both among the buyers of either, in the geometric mean."""
    share: Floats = c / np.sqrt(ni * nj)
    return share * (c / (c + shrink))


def lift(c: Floats, ni: Floats, nj: Floats, buyers: int, shrink: float) -> Floats:
    """How many times as often as by chance, believed by its support: log2, nothing below 1."""
    often: Floats = np.log2(np.maximum(c * buyers / (ni * nj), 1))
    return often * (c / (c + shrink))


MEASURES: Final[Mapping[str, Measure]] = {
    "conditional": conditional,
    "cosine": cosine,
    "lift": lift,
}


def bought_together(model: Model, asked: Asked, how: Weighting | None = None) -> Ranked:
    """What is bought with what the recipient's account, or they themselves, bought lately."""
    how = how or Weighting()
    key = ("together", how, digest(asked.allowed))
    pairs = model.kept.get(key, lambda: together(model, asked.allowed, how), size_of)
    key_recent = ("recent", how.recent, how.half_life)
    recent = model.once(key_recent, lambda: model.recent(how.recent, how.half_life))
    return by_score(model, asked, lambda part: model.of(recent, asked.units, part) @ pairs)


def together(model: Model, allowed: Bits, how: Weighting) -> Matrix:
    """(m, m): what each item (row) says for each of the allowed items (column), never for itself;
    of each row the strongest `how.neighbours`."""
    bought = model.bought
    sizes = np.diff(bought.indptr)
    share = np.maximum(sizes, 1.0) ** -how.long
    share /= share[model.customers].mean() if model.customers.any() else 1
    shares = np.repeat(share, sizes).astype(np.float32)
    counts = np.bincount(bought.indices, shares, model.size).astype(np.float32)
    weighted = bought.copy()
    weighted.data = shares * allowed[weighted.indices]
    weighted.eliminate_zeros()
    each = bought.T.tocsr()
    parts = []
    for part in _parts(each @ np.diff(weighted.indptr).astype(np.float64), model.size):
        both = (each[part] @ weighted).tocsr()
        parts.append(
            strongest(_measured(both, part, counts, model, how), how.neighbours, model.tie)
        )
    if not parts:
        return sparse.csr_array((model.size, model.size), dtype=np.float32)
    return sparse.vstack(parts, format="csr")


def _measured(both: Matrix, part: slice, counts: Floats, model: Model, how: Weighting) -> Matrix:
    """The measure in place of how many bought both."""
    row = np.repeat(np.arange(part.start, part.stop), np.diff(both.indptr))
    values = MEASURES[how.measure](
        both.data, counts[row], counts[both.indices], int(model.customers.sum()), how.shrink
    )
    values = np.where(row == both.indices, 0, values).astype(np.float32)
    made = sparse.csr_array((values, both.indices, both.indptr), shape=both.shape)
    made.eliminate_zeros()
    return made


def _parts(pairs: npt.NDArray[np.float64], size: int) -> Iterator[slice]:
    """Stretches of items with at most PAIRS pairs to hold, or one item."""
    ends = np.cumsum(np.minimum(pairs, size))
    start = 0
    while start < size:
        before = ends[start - 1] if start else 0.0
        end = max(int(np.searchsorted(ends, before + PAIRS, "right")), start + 1)
        yield slice(start, end)
        start = end
