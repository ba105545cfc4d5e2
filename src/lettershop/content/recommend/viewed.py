"""Viewed, not bought: what a recipient looked at lately, without anybody having bought it since."""

from typing import Final

import numpy as np
from scipy import sparse

from lettershop.content.recommend.asked import Asked
from lettershop.content.recommend.best import Ranked, best, chunks
from lettershop.content.recommend.buyers import CHUNK
from lettershop.content.recommend.interactions import Matrix
from lettershop.content.recommend.model import Model
from lettershop.model.clock import DAY
from lettershop.planning.frame import Ids

DAYS: Final = 60
HALF_LIFE: Final = 7.0


def viewed_not_bought(model: Model, asked: Asked) -> Ranked:
    """What the recipient themselves looked at in the last DAYS, the oftener and later the higher,
    but for what their account or they have ever bought."""
    viewed = model.once("viewed", lambda: _viewed(model))
    contacts = np.minimum(asked.audience.contacts, viewed.shape[0] - 1).astype(np.int32)
    found = np.full((len(contacts), asked.k), -1, np.int32)
    for part in chunks(len(contacts), CHUNK):
        without = model.of(model.bought, asked.units, asked.units.of[part])
        found[part] = best(viewed[contacts[part]], asked.k, model.tie, asked.allowed, without)
    return found


def _viewed(model: Model) -> Matrix:
    """(contacts + 1, m): views that fade; the last row is nobody's."""
    rows = model.views
    rows = rows.only((rows.contact >= 0) & (rows.ts > model.now - DAYS * DAY))
    size = int(rows.contact.max()) + 1 if len(rows) else 0
    contact: Ids = rows.contact
    values = model.faded(rows.ts, HALF_LIFE)
    return sparse.csr_array((values, (contact, rows.item)), shape=(size + 1, model.size))
