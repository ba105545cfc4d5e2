"""Who bought, looked at or gave back which item when: what all strategies know."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from lettershop.planning.frame import Bits, Ids, Ints

BOUGHT: Final = 0
VIEWED: Final = 1
RETURNED: Final = 2
"""Codes of `Interactions.kind`."""

Matrix = Any
"""A scipy.sparse.csr_array of float32; scipy comes without types."""


class Items(Protocol):
    """The catalog as this room needs it: m items, by index."""

    @property
    def ids(self) -> Sequence[str]: ...
    @property
    def tags(self) -> Sequence[Sequence[str]]: ...
    @property
    def published_at(self) -> Ints:
        """(m,) milliseconds, 0 where not known."""
        ...

    @property
    def available(self) -> Bits:
        """(m,) may be shown now."""
        ...


class Interactions(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """One row per item of an event, shapes (e,).

    `contact`, `account`: dense ids, -1 for none. `item`: index into the catalog. `event`: number of
    the event, so that items of one order can be told. `market`: index into `markets` of the buyer's
    market, -1 where not known; `markets` are folded. `quantity` is above 0, of returns too.
    """

    contact: Ids
    account: Ids
    item: Ids
    ts: Ints
    quantity: npt.NDArray[np.float64]
    kind: npt.NDArray[np.int8]
    market: Ids
    event: Ints
    markets: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.item)

    def only(self, keep: npt.NDArray[Any]) -> "Interactions":
        """The rows that a mask or array of row numbers names, in that order."""
        return Interactions(
            **{name: getattr(self, name)[keep] for name in COLUMNS}, markets=self.markets
        )


COLUMNS: Final = ("contact", "account", "item", "ts", "quantity", "kind", "market", "event")


def joined(parts: Sequence[Interactions], markets: tuple[str, ...] = ()) -> Interactions:
    """All rows of the parts, which number their markets alike; of no part none."""
    types = (np.int32, np.int32, np.int32, np.int64, np.float64, np.int8, np.int32, np.int64)
    empty = [np.zeros(0, kind) for kind in types]
    columns = {
        name: np.concatenate([none, *(getattr(part, name) for part in parts)])
        for name, none in zip(COLUMNS, empty, strict=True)
    }
    return Interactions(**columns, markets=markets)
