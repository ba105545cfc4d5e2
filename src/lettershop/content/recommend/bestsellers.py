"""Bestsellers: what most have bought lately, of all or of the recipient's market."""

from functools import partial

import numpy as np
import numpy.typing as npt

from lettershop.content.recommend.asked import Asked, bought_by
from lettershop.content.recommend.best import Ranked, chunks, walk
from lettershop.content.recommend.buyers import CHUNK
from lettershop.content.recommend.model import Model
from lettershop.model.clock import DAY
from lettershop.model.values import fold
from lettershop.planning.frame import Ids

DAYS = 90
"""Purchases before that do not count."""
HALF_LIFE = 30.0
"""Days after which a buyer counts half."""


def bestsellers(model: Model, asked: Asked) -> Ranked:
    """Buyers of the last DAYS, each once per item, by its latest purchase, which fades."""
    order = model.once("bestsellers", lambda: _order(model, None))
    which = np.zeros(len(asked.audience), np.int32)
    return _walked(model, asked, [order[asked.allowed[order]]], which)


def bestsellers_in_my_country(model: Model, asked: Asked) -> Ranked:
    """The same of buyers in the recipient's market; nothing where that is not known."""
    if not asked.markets:
        return asked.nothing()
    codes = {name: number for number, name in enumerate(model.rows.markets)}
    wanted = [codes.get(fold(text), -1) if text else -1 for text in asked.markets]
    there, which = np.unique(np.array(wanted, np.int32), return_inverse=True)
    found = [
        model.once(("bestsellers", int(code)), partial(_order, model, int(code))) for code in there
    ]
    orders = [order[asked.allowed[order]] for order in found]
    return _walked(model, asked, orders, which.astype(np.int32))


def _order(model: Model, market: int | None) -> Ids:
    """The items, the best first: of all buyers (None), or of those in a market (-1: of nobody)."""
    _, item, ts, there = model.last
    of = ts > model.now - DAYS * DAY
    if market is not None:
        of &= (there == market) & (market >= 0)
    weights: npt.NDArray[np.float32] = model.faded(ts[of], HALF_LIFE)
    scores = np.bincount(item[of], weights, model.size)
    order = np.lexsort((model.tie, -scores)).astype(np.int32)
    return order[scores[order] > 0]


def _walked(model: Model, asked: Asked, orders: list[Ids], which: Ids) -> Ranked:
    """Recipients of one unit and one market get the same."""
    together = asked.units.of.astype(np.int64) * (len(orders) + 1) + which + 1
    _, first, of = np.unique(together, return_index=True, return_inverse=True)
    unit, which = asked.units.of[first], which[first]
    found = np.full((len(first), asked.k), -1, np.int32)
    for part in chunks(len(first), CHUNK):
        without = bought_by(model, asked, unit[part])
        found[part] = walk(orders, which[part], asked.k, without)
    return found[of]
