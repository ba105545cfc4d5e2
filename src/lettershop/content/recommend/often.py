"""Bought often: what an account has bought on the most days. Nothing that it already buys is easier
to sell to it, and for that question nothing else was as good when it was measured."""

from typing import Final

import numpy as np

from lettershop.content.recommend.asked import Asked, by_score
from lettershop.content.recommend.best import Ranked
from lettershop.content.recommend.interactions import Matrix
from lettershop.content.recommend.model import Model
from lettershop.content.recommend.reorder import days

HALF_LIFE: Final = 30.0
"""Days: among what was bought equally often the later comes first."""


def bought_often(model: Model, asked: Asked) -> Ranked:
    """By days (UTC) on which it was bought; always of what was bought before."""
    table = model.once("often", lambda: often(model))
    return by_score(model, asked, lambda part: model.of(table, asked.units, part))


def often(model: Model) -> Matrix:
    """(buyers + 1, m): days on which it was bought, and up to a half for how late the last was."""
    buyer, item, _ = days(model)
    counted = model.matrix(buyer, item, np.ones(len(item), np.float32))
    return counted + model.recent(model.size, HALF_LIFE) * np.float32(0.5)
