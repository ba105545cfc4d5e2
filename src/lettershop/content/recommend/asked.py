"""What is asked of a strategy, and the way most of them answer: scores of all, a part at a time."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec
import numpy as np

from lettershop.content.audience import Audience
from lettershop.content.recommend.best import Ranked, best, chunks
from lettershop.content.recommend.buyers import CHUNK, Units
from lettershop.content.recommend.interactions import Matrix
from lettershop.content.recommend.model import Model
from lettershop.planning.frame import Bits, Ids

Interests: TypeAlias = Sequence[str] | Mapping[str, float]
"""Tags, or tags and how strong the interest in each is."""


class Asked(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """`k` items for each of n recipients, of the `allowed` ones (m,).

    `markets`: (n,) as text, None where not known. `interests`: (n,), () for none. `new_only`: leave
    out what the recipient's account, or they themselves, have bought. Without markets or interests
    the strategies that need them find nothing.
    """

    audience: Audience
    units: Units
    k: int
    allowed: Bits
    new_only: bool = False
    markets: Sequence[str | None] = ()
    interests: Sequence[Interests] = ()

    def nothing(self) -> Ranked:
        return np.full((len(self.audience), self.k), -1, np.int32)


def bought_by(model: Model, asked: Asked, part: slice | Ids) -> Matrix | None:
    """What those units have bought, where that is to be left out."""
    return model.of(model.bought, asked.units, part) if asked.new_only else None


def by_score(model: Model, asked: Asked, score: Callable[[slice], Matrix]) -> Ranked:
    """For each recipient the best by `score`, which gives (units of a part, m)."""
    found = np.full((len(asked.units), asked.k), -1, np.int32)
    for part in chunks(len(asked.units), CHUNK):
        without = bought_by(model, asked, part)
        found[part] = best(score(part), asked.k, model.tie, asked.allowed, without)
    return found[asked.units.of]
