"""Popular among similar accounts: what the accounts most like the recipient's have bought.

An account is a vector: its items, the rarer the heavier (tf-idf), and its firmographics where they
are given (industry; sizes by doublings). The nearest ones by the angle between vectors speak, each
as loudly as it is near.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from lettershop.content.recommend.asked import Asked, by_score
from lettershop.content.recommend.best import Ranked, strongest
from lettershop.content.recommend.interactions import Matrix
from lettershop.content.recommend.model import Model, within
from lettershop.model.values import fold


class Likeness(NamedTuple):
    """`neighbours` that speak; `power`: how much louder the nearer; `firmographics`: their share of
    the square of the vector; `half_life` (days) of what the neighbours bought. `most`: of each
    item only its latest buyers are compared, which bounds the work for what everybody buys."""

    neighbours: int = 100
    power: float = 1.0
    firmographics: float = 0.2
    half_life: float = 90.0
    most: int = 300


class Vectors(NamedTuple):
    """`all`: (buyers + 1, features), each of length 1 at most; `indexed`: (features, buyers + 1),
    of each feature the latest buyers; `said`: (buyers + 1, m) what they bought, fading."""

    all: Matrix
    indexed: Matrix
    said: Matrix


def popular_among_similar_accounts(
    model: Model, asked: Asked, how: Likeness | None = None
) -> Ranked:
    """What the accounts most like the recipient's (or the recipient without one) have bought."""
    how = how or Likeness()
    known = model.once(("similar", how), lambda: vectors(model, how))

    def score(part: slice) -> Matrix:
        mine = model.of(known.all, asked.units, part)
        near = _neighbours((mine @ known.indexed).tocsr(), asked, part, how.neighbours)
        near.data = near.data**how.power
        return (near @ known.said).tocsr()

    return by_score(model, asked, score)


def vectors(model: Model, how: Likeness) -> Vectors:
    items = _weighted(model.bought)
    traits = _weighted(_firmographics(model))
    share = how.firmographics if traits.nnz else 0.0
    both = sparse.hstack([items * np.sqrt(1 - share), traits * np.sqrt(share)], format="csr")
    said = model.recent(model.size, how.half_life)
    return Vectors(both, _latest(model, both, how.most), said)


def _weighted(table: Matrix) -> Matrix:
    """Ones by how rare their column is, rows brought to length 1."""
    rows = table.shape[0]
    counts = np.bincount(table.indices, minlength=table.shape[1])
    rare = np.log(rows / np.maximum(counts, 1)).astype(np.float32)
    made = sparse.csr_array((rare[table.indices], table.indices, table.indptr), shape=table.shape)
    lengths = np.sqrt(np.asarray((made * made).sum(axis=1)).ravel())
    each = np.repeat(np.where(lengths > 0, lengths, 1), np.diff(made.indptr))
    made.data = (made.data / each).astype(np.float32)
    return made


def _latest(model: Model, both: Matrix, most: int) -> Matrix:
    """Transposed, with only the `most` customers of each column that bought something last."""
    buyer, _, ts, _ = model.last
    latest = np.zeros(model.buyers.size + 1, np.int64)
    np.maximum.at(latest, buyer, ts)
    feature, row = both.indices, np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
    order = np.lexsort((row, -latest[row], feature))
    order = order[model.customers[row[order]]]
    order = order[within(feature[order]) < most]
    shape = (both.shape[1], both.shape[0])
    return sparse.csr_array((both.data[order], (feature[order], row[order])), shape=shape)


def _neighbours(near: Matrix, asked: Asked, part: slice, most: int) -> Matrix:
    """The nearest ones, but for the account and the contact themselves."""
    tie = np.arange(near.shape[1], dtype=np.int32)
    near = strongest(near, most + 2, tie)
    row = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
    account, contact = asked.units.account[part][row], asked.units.contact[part][row]
    own = (near.indices == account) | (near.indices == contact)
    near.data[own] = 0
    near.eliminate_zeros()
    return strongest(near, most, tie)


def _firmographics(model: Model) -> Matrix:
    """(buyers + 1, features): ones; a feature is a field and one thing it says."""
    numbers: dict[tuple[str, str], int] = {}
    places: dict[tuple[int, int], None] = {}
    known = model.buyers.of_account
    for field, values in model.firmographics.items():
        for account, value in enumerate(values[: len(known) - 1]):
            if known[account] < 0:
                continue
            for said in _said(value):
                feature = numbers.setdefault((field, said), len(numbers))
                places[int(known[account]), feature] = None
    shape = (model.buyers.size + 1, len(numbers))
    rows, columns = [row for row, _ in places], [column for _, column in places]
    return sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)


def _said(value: object) -> list[str]:
    """A text, each of several; numbers by doublings: 1, 2 to 3, 4 to 7 …"""
    match value:
        case str():
            return [fold(value)] if value.strip() else []
        case list() | tuple():
            return [said for one in value for said in _said(one)]
        case int() | float():
            return [str(int(np.log2(value)) + 1 if value >= 1 else 0)]
        case _:
            return []
