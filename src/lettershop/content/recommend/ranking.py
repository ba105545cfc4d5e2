"""The entry: which items for whom, by one strategy, for all recipients at once."""

from collections.abc import Sequence

import numpy as np

from lettershop.content.audience import Audience
from lettershop.content.recommend.asked import Asked, Interests
from lettershop.content.recommend.best import Ranked
from lettershop.content.recommend.interactions import Interactions, Items, Matrix
from lettershop.content.recommend.model import Model
from lettershop.content.recommend.strategies import STRATEGIES, check_strategies
from lettershop.model.errors import DefinitionError
from lettershop.planning.frame import Bits


def rank(
    strategy: str,
    interactions: Interactions,
    items: Items,
    audience: Audience,
    *,
    now: int,
    markets: Sequence[str | None] = (),
    interests: Sequence[Interests] = (),
    k: int = 20,
    allowed: Bits | None = None,
    new_only: bool = False,
) -> Ranked:
    """(n, k) item indices, -1 none: as `rank_with`, by a model that is used only once."""
    return rank_with(
        Model(interactions, items, now),
        strategy,
        audience,
        markets=markets,
        interests=interests,
        k=k,
        allowed=allowed,
        new_only=new_only,
    )


def rank_with(
    model: Model,
    strategy: str,
    audience: Audience,
    *,
    markets: Sequence[str | None] = (),
    interests: Sequence[Interests] = (),
    k: int = 20,
    allowed: Bits | None = None,
    new_only: bool = False,
) -> Ranked:
    """(n, k) item indices, the best first, -1 from where the strategy knows no more.

    `markets`: (n,) each recipient's market; `interests`: (n,) their tags, or tags with scores;
    `allowed`: (m,) which items may be chosen, else those `available`; `new_only`: leave out what
    the recipient's account, or they, have bought (not for strategies of what is bought again).
    Where only few items may be chosen say so by `allowed`, rather than to choose among a ranking of
    all. Raises DefinitionError `items.unknown_strategy`.
    """
    known = STRATEGIES.get(strategy)
    if known is None:
        raise DefinitionError(check_strategies([strategy]))
    asked = Asked(
        audience=audience,
        units=model.units(audience),
        k=k,
        allowed=np.asarray(model.items.available if allowed is None else allowed, np.bool_),
        new_only=new_only and not known.again,
        markets=markets,
        interests=interests,
    )
    return known.rank(model, asked)


def bought_by_recipients(model: Model, audience: Audience) -> Matrix:
    """(n, m) csr_array: above 0 where the recipient's account, or they, have bought the item and
    not given it back."""
    found = model.units(audience)
    return model.of(model.bought, found, found.of)
