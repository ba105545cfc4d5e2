"""Bestsellers: what most have bought lately, of all or of the recipient's market."""

import numpy as np
import numpy.typing as npt

from lettershop.content.recommend.asked import Asked, bought_by
from lettershop.content.recommend.best import Ranked, chunks, walk
from lettershop.content.recommend.buyers import CHUNK
from lettershop.content.recommend.model import Model
from lettershop.model.clock import DAY
from lettershop.model.values import fold
from lettershop.planning.frame import Bits, Ids

DAYS = 90
"""Purchases before that do not count."""
HALF_LIFE = 30.0
"""Days after which a buyer counts half."""


def bestsellers(model: Model, asked: Asked) -> Ranked:
    """Buyers of the last DAYS, each once per item, by its latest purchase, which fades."""
    everywhere = np.ones(len(model.last[1]), np.bool_)
    order = _order(model, asked, everywhere)
    return _walked(model, asked, [order], np.zeros(len(asked.audience), np.int32))


def bestsellers_in_my_country(model: Model, asked: Asked) -> Ranked:
    """The same of buyers in the recipient's market; nothing where that is not known."""
    if not asked.markets:
        return asked.nothing()
    codes = {name: number for number, name in enumerate(model.rows.markets)}
    wanted = [codes.get(fold(text), -1) if text else -1 for text in asked.markets]
    which = np.array(wanted, np.int32)
    market = model.last[3]
    orders = [
        _order(model, asked, market == code) if code in set(wanted) else np.zeros(0, np.int32)
        for code in range(len(model.rows.markets))
    ]
    return _walked(model, asked, orders, which)


def _order(model: Model, asked: Asked, of: Bits) -> Ids:
    """The allowed items, the best first, by the given rows of `Model.last`."""
    _, item, ts, _ = model.last
    of = of & (ts > model.now - DAYS * DAY)
    weights: npt.NDArray[np.float32] = model.faded(ts[of], HALF_LIFE)
    scores = np.bincount(item[of], weights, model.size)
    order = np.lexsort((model.tie, -scores)).astype(np.int32)
    return order[(scores[order] > 0) & asked.allowed[order]]


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
