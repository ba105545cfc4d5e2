"""What was given back was not bought: returns are taken off the purchases before them."""

import numpy as np

from lettershop.content.recommend.interactions import BOUGHT, RETURNED, Interactions
from lettershop.planning.frame import Bits, Ids


def net(rows: Interactions, buyer: Ids) -> Bits:
    """(e,) which rows are purchases that were kept, at least in part.

    A return takes its quantity off the latest purchases of the same item by the same buyer that
    lie at or before it, the latest first. What then has nothing left is no purchase.
    """
    kept: Bits = (rows.kind == BOUGHT) & (buyer >= 0)
    returned = np.flatnonzero((rows.kind == RETURNED) & (buyer >= 0))
    if not len(returned):
        return kept
    items = int(rows.item.max()) + 1
    pair = buyer.astype(np.int64) * items + rows.item
    bought = np.flatnonzero(kept & np.isin(pair, pair[returned]))
    bought = bought[np.lexsort((rows.event[bought], rows.ts[bought], pair[bought]))]
    starts = np.searchsorted(pair[bought], pair[returned], "left")
    ends = np.searchsorted(pair[bought], pair[returned], "right")
    left = rows.quantity[bought].copy()
    for nth in np.lexsort((rows.event[returned], rows.ts[returned])):
        back, at = rows.quantity[returned[nth]], rows.ts[returned[nth]]
        for place in range(int(ends[nth]) - 1, int(starts[nth]) - 1, -1):
            if back <= 0:
                break
            if rows.ts[bought[place]] <= at and left[place] > 0:
                taken = min(left[place], back)
                left[place] -= taken
                back -= taken
    kept[bought[left <= 0]] = False
    return kept
