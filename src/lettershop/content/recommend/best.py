"""The best k of many: sparse scores or one common order in, (rows, k) item indices out."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from lettershop.content.recommend.interactions import Matrix
from lettershop.planning.frame import Bits, Ids

Ranked = npt.NDArray[np.int32]
"""(n, k) indices of items, the best first; -1 from where there are no more."""


def chunks(count: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def best(scores: Matrix, k: int, tie: Ids, allowed: Bits, without: Matrix | None = None) -> Ranked:
    """Of each row the k greatest scores above 0 among the `allowed` columns, but for those that
    `without` holds in the same row. `tie`: (m,) the smaller comes first where scores are equal."""
    found = np.full((scores.shape[0], k), -1, np.int32)
    seen = np.zeros(scores.shape[1], np.bool_)
    fine = allowed[scores.indices] & (scores.data > 0)
    for row in range(scores.shape[0]):
        start, end = scores.indptr[row], scores.indptr[row + 1]
        keep = fine[start:end]
        if without is not None:
            mine = without.indices[without.indptr[row] : without.indptr[row + 1]]
            seen[mine] = True
            keep = keep & ~seen[scores.indices[start:end]]
            seen[mine] = False
        items, values = scores.indices[start:end][keep], scores.data[start:end][keep]
        chosen = _greatest(items, values, k, tie)
        found[row, : len(chosen)] = chosen
    return found


def _greatest(items: Ids, values: npt.NDArray[np.float32], k: int, tie: Ids) -> Ids:
    if len(items) > k:
        least = np.partition(values, len(values) - k)[len(values) - k]
        items, values = items[values >= least], values[values >= least]
    return items[np.lexsort((tie[items], -values))[:k]]


def walk(orders: Sequence[Ids], which: Ids, k: int, without: Matrix | None) -> Ranked:
    """Of each row the first k of `orders[which[row]]` (-1: of nothing) that `without` does not
    hold in it."""
    found = np.full((len(which), k), -1, np.int32)
    if without is None:
        for number, order in enumerate(orders):
            found[which == number, : len(order[:k])] = order[:k]
        return found
    seen = np.zeros(without.shape[1], np.bool_)
    for row in np.flatnonzero(which >= 0):
        mine = without.indices[without.indptr[row] : without.indptr[row + 1]]
        order = orders[which[row]][: k + len(mine)]
        seen[mine] = True
        chosen = order[~seen[order]][:k]
        seen[mine] = False
        found[row, : len(chosen)] = chosen
    return found


def strongest(scores: Matrix, most: int, tie: Ids) -> Matrix:
    """The same matrix with only the `most` greatest values of each row."""
    keep = np.ones(len(scores.data), np.bool_)
    for row in np.flatnonzero(np.diff(scores.indptr) > most):
        start, end = scores.indptr[row], scores.indptr[row + 1]
        values = scores.data[start:end]
        least = np.partition(values, len(values) - most)[len(values) - most]
        above = np.flatnonzero(values >= least)
        order = np.lexsort((tie[scores.indices[start:end][above]], -values[above]))
        keep[start:end] = False
        keep[start + above[order[:most]]] = True
    kept = scores.copy()
    kept.data = np.where(keep, kept.data, 0)
    kept.eliminate_zeros()
    return kept
