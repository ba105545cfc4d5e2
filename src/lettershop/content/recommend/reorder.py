"""Due for reorder: what an account buys again and again, and has not bought for its usual while.

The rule: a buyer has bought an item on at least TIMES different days (UTC). The intervals between
them have a median; at least two thirds of them lie between half and double of it: a rhythm. The
item is due from EARLY to LATE times the median after the last purchase. The further beyond the
median, the higher it ranks.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lettershop.content.recommend.asked import Asked, by_score
from lettershop.content.recommend.best import Ranked
from lettershop.content.recommend.interactions import Matrix
from lettershop.content.recommend.model import Model, within
from lettershop.model.clock import DAY
from lettershop.planning.frame import Bits, Ids, Ints

TIMES: Final = 3
EARLY: Final = 0.8
LATE: Final = 3.0
Floats = npt.NDArray[np.float64]


def due_for_reorder(model: Model, asked: Asked) -> Ranked:
    """What is due now, of what was bought before."""
    table = model.once("due", lambda: due(model))
    return by_score(model, asked, lambda part: _either(model, table, asked, part))


def _either(model: Model, table: Matrix, asked: Asked, part: slice) -> Matrix:
    return table[asked.units.account[part]].maximum(table[asked.units.contact[part]]).tocsr()


def due(model: Model) -> Matrix:
    """(buyers + 1, m): how many medians ago the last purchase was, where the item is due."""
    buyer, item, day = days(model)
    pair = buyer.astype(np.int64) * model.size + item
    same = pair[1:] == pair[:-1]
    group, gaps = pair[1:][same], np.diff(day)[same].astype(np.float64)
    pairs, median, regular = rhythms(group, gaps)
    last = day[np.searchsorted(pair, pairs, "right") - 1]
    late = (model.now // DAY - last) / np.maximum(median, 1)
    fine = regular & (late >= EARLY) & (late <= LATE)
    place = (pairs[fine] // max(model.size, 1), pairs[fine] % max(model.size, 1))
    shape = (model.buyers.size + 1, model.size)
    return sparse.csr_array((late[fine].astype(np.float32), place), shape=shape)


def rhythms(group: Ints, gaps: Floats) -> tuple[Ints, Floats, Bits]:
    """Of ordered groups of intervals: the groups, their medians, and which have a rhythm."""
    order = np.lexsort((gaps, group))
    group, gaps = group[order], gaps[order]
    place = within(group.astype(np.int64))
    groups, start, count = np.unique(group, return_index=True, return_counts=True)
    if not len(groups):
        return groups, np.zeros(0), np.zeros(0, np.bool_)
    middle = (gaps[start + (count - 1) // 2] + gaps[start + count // 2]) / 2
    each = np.repeat(middle, count)
    fine = (gaps >= each / 2) & (gaps <= each * 2)
    steady = np.bincount(np.cumsum(place == 0) - 1, fine)
    return groups, middle, (count >= TIMES - 1) & (steady * 3 >= count * 2)


def days(model: Model) -> tuple[Ids, Ids, Ints]:
    """Each day on which a buyer bought an item, once; ordered."""
    rows, buyer = model.purchases, model.purchase_buyer
    day = rows.ts // DAY
    order = np.lexsort((day, rows.item, buyer))
    buyer, item, day = buyer[order], rows.item[order], day[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (buyer[1:] != buyer[:-1]) | (item[1:] != item[:-1]) | (day[1:] != day[:-1])
    return buyer[first], item[first], day[first]
