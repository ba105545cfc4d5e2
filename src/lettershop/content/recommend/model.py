"""Everything the strategies share, worked out once per catalog and moment, and only when asked."""

from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lettershop.content.audience import Audience
from lettershop.content.recommend.buyers import Buyers, Units, buyers, units
from lettershop.content.recommend.interactions import VIEWED, Interactions, Items, Matrix
from lettershop.content.recommend.kept import Answer, Kept
from lettershop.content.recommend.returns import net
from lettershop.model.clock import DAY
from lettershop.planning.frame import Bits, Ids, Ints

Traits = Mapping[str, npt.NDArray[np.object_]]
"""Field -> (accounts,) its value by dense id: text, number or None."""


class Model:
    """`now`: the moment all of it is as of; nothing in `interactions` is later. `firmographics`:
    fields of accounts by which they are alike, besides what they buy. Safe to share by threads."""

    def __init__(
        self,
        interactions: Interactions,
        items: Items,
        now: int,
        firmographics: Traits | None = None,
    ) -> None:
        self.rows, self.items, self.now = interactions, items, now
        self.firmographics = firmographics or {}
        self.size = len(items.ids)
        self._once: dict[Hashable, Any] = {}
        self.kept: Kept[Any] = Kept()
        """What strategies work out for those items that may be chosen."""

    def once(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """What strategies work out once for good. Two threads may both do it."""
        if key not in self._once:
            self._once[key] = make()
        found: Answer = self._once[key]
        return found

    @cached_property
    def buyers(self) -> Buyers:
        columns = [*self.firmographics.values()]
        said = [np.flatnonzero([one is not None for one in column]) for column in columns]
        return buyers(self.rows, np.concatenate(said).astype(np.int32) if said else None)

    @cached_property
    def purchases(self) -> Interactions:
        """What was bought and not given back."""
        return self.rows.only(self._net)

    @cached_property
    def purchase_buyer(self) -> Ids:
        """The buyer of each of `purchases`."""
        return self.buyers.row[self._net]

    @cached_property
    def _net(self) -> Bits:
        return net(self.rows, self.buyers.row)

    @cached_property
    def last(self) -> tuple[Ids, Ids, Ints, Ids]:
        """Each (buyer, item) that was bought: buyer, item, when last, in which market then;
        ordered by buyer, and of one buyer the latest first."""
        rows, buyer = self.purchases, self.purchase_buyer
        order = np.lexsort((-rows.ts, rows.item, buyer))
        buyer, item, ts = buyer[order], rows.item[order], rows.ts[order]
        first = np.ones(len(order), np.bool_)
        first[1:] = (buyer[1:] != buyer[:-1]) | (item[1:] != item[:-1])
        buyer, item, ts, market = buyer[first], item[first], ts[first], rows.market[order][first]
        latest = np.lexsort((item, -ts, buyer))
        return buyer[latest], item[latest], ts[latest], market[latest]

    @cached_property
    def bought(self) -> Matrix:
        """(buyers + 1, m): 1 where bought; the last row is nobody's."""
        buyer, item, _, _ = self.last
        return self.matrix(buyer, item, np.ones(len(item), np.float32))

    @cached_property
    def customers(self) -> Bits:
        """(buyers + 1,) who has bought anything: of others only firmographics are known."""
        having: Bits = np.diff(self.bought.indptr) > 0
        return having

    @cached_property
    def popular(self) -> Ids:
        """(m,) how many bought the item."""
        return np.bincount(self.last[1], minlength=self.size).astype(np.int32)

    @cached_property
    def tie(self) -> Ids:
        """(m,) place by popularity: who comes first where a strategy sees no difference."""
        place = np.empty(self.size, np.int32)
        place[np.argsort(-self.popular, kind="stable")] = np.arange(self.size, dtype=np.int32)
        return place

    def recent(self, most: int, half_life: float) -> Matrix:
        """(buyers + 1, m): the `most` items bought last, each 1 that halves every so many days."""
        buyer, item, ts, _ = self.last
        fine = within(buyer) < most
        return self.matrix(buyer[fine], item[fine], self.faded(ts[fine], half_life))

    def faded(self, ts: Ints, half_life: float) -> npt.NDArray[np.float32]:
        """1 for what happens now, halved every `half_life` days."""
        age = np.maximum(self.now - ts, 0) / DAY
        return np.exp2(-age / half_life).astype(np.float32)

    def matrix(self, buyer: Ids, item: Ids, values: npt.NDArray[np.float32]) -> Matrix:
        """(buyers + 1, m); values of the same place are added."""
        shape = (self.buyers.size + 1, self.size)
        return sparse.csr_array((values, (buyer, item)), shape=shape)

    def units(self, audience: Audience) -> Units:
        return units(self.buyers, audience)

    def of(self, table: Matrix, asked: Units, part: slice | Ids) -> Matrix:
        """The rows of some units: those of the account and the contact's own, added."""
        return table[asked.account[part]] + table[asked.contact[part]]

    @cached_property
    def views(self) -> Interactions:
        return self.rows.only(self.rows.kind == VIEWED)


def within(groups: Ids) -> Ints:
    """Of ordered groups: the number of each row within its own, from 0."""
    if not len(groups):
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    sizes = np.diff(np.r_[starts, len(groups)])
    return np.arange(len(groups)) - np.repeat(starts, sizes)
