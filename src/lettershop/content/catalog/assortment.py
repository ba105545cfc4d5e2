"""A catalog in memory: its items, and arrays over them to choose by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from threading import Lock
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from lettershop.content.catalog.definition import Definition
from lettershop.content.catalog.item import DECODER, Item, values_of
from lettershop.content.catalog.matching import NOWHERE, Positions, compared, positions, union
from lettershop.content.catalog.storing import definition_of, find_catalog, items_of
from lettershop.model.values import fold

Simple = Literal["newest", "cheapest", "listed"]
"""Ways to choose that need no history: by `published_at`, the newest first (unknown ones last);
by price in the recipient's market; in the order of the catalog."""
SIMPLE: Final[tuple[Simple, ...]] = get_args(Simple)

_FAR: Final = np.iinfo(np.int64).max
_Mask = npt.NDArray[np.bool_]


class Assortment:
    """m items, by index; those that are gone are among them and never `available`.

    `ids`, `tags`: (m,) texts. `published_at`: (m,) int64 ms, 0 where unknown. `stock`: (m,) int64,
    -1 where unknown. `available`: (m,) whether it is in the catalog now, whatever its validity.
    Nothing in it changes; safe to use from several threads.
    """

    def __init__(
        self, definition: Definition, items: Sequence[Item], gone: Sequence[bool] = ()
    ) -> None:
        self.definition, self.items = definition, tuple(items)
        self.name = definition.name
        self.ids = tuple(item.id for item in items)
        self.tags = tuple(item.tags for item in items)
        self.index = {fold(key): place for place, key in enumerate(self.ids)}
        self.available: _Mask = ~np.asarray(gone or np.zeros(len(self.items)), bool)
        self.published_at = _column((item.published_at for item in items), 0)
        self.stock = _column((item.stock for item in items), -1)
        self.valid_from = _column((item.valid_from for item in items), -_FAR)
        self.valid_until = _column((item.valid_until for item in items), _FAR)
        self._own_prices = {fold(market) for market in self.markets()}
        self._lock = Lock()
        self._positions: dict[str, dict[str, Positions]] = {}
        self._markets: dict[str, tuple[_Mask, npt.NDArray[np.float64]]] = {}
        self._places: dict[tuple[Simple, str], npt.NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self.items)

    def valid(self, now: int) -> _Mask:
        """(m,): in the catalog, and `now` within its validity."""
        return self.available & (self.valid_from <= now) & (now <= self.valid_until)

    def with_value(self, field: str, value: Any) -> Positions:
        """Items that have the value in the field: texts are compared as everywhere, without regard
        to case and to spaces around; of lists one common element is enough. A missing value (None,
        blank) no item has."""
        with self._lock:
            if field not in self._positions:
                self._positions[field] = positions(self.items, field)
            known = self._positions[field]
        return union(known.get(form, NOWHERE) for form in sorted(compared(value)))

    def priced(self, market: str | None) -> _Mask:
        """(m,): has a price there, of its own or for everywhere."""
        return self._market(self._named(market))[0]

    def place(self, way: Simple, market: str | None = None) -> npt.NDArray[np.int64]:
        """(m,): the item's place when all are put in order that way, the first is 0."""
        key = (way, self._named(market) if way == "cheapest" else "")
        if key not in self._places:
            order = self._order(way, key[1])
            places = np.empty(len(order), np.int64)
            places[order] = np.arange(len(order))
            self._places[key] = places
        return self._places[key]

    def as_dict(self, index: int, market: str | None = None, zone: tzinfo = UTC) -> dict[str, Any]:
        """The item as letters read it, see `item.values_of`."""
        return values_of(self.items[index], market, zone, self.definition.types)

    def fields(self) -> frozenset[str]:
        """All fields that some item has of its own."""
        return frozenset(name for item in self.items for name in item.fields)

    def markets(self) -> tuple[str, ...]:
        """All that some item has a price for, "" for everywhere."""
        return tuple(sorted({market for item in self.items for market in item.prices}))

    def _named(self, market: str | None) -> str:
        """The folded name, "" for markets without prices of their own: they are all alike."""
        folded = fold(market or "")
        return folded if folded in self._own_prices else ""

    def _order(self, way: Simple, market: str) -> npt.NDArray[np.int64]:
        match way:
            case "newest":
                return np.argsort(-self.published_at, kind="stable")
            case "cheapest":
                return np.argsort(self._market(market)[1], kind="stable")
            case "listed":
                return np.arange(len(self.items))

    def _market(self, market: str) -> tuple[_Mask, npt.NDArray[np.float64]]:
        """(m,) whether there is a price, (m,) the amounts, infinite without one: to put in order,
        never to show."""
        if market not in self._markets:
            prices = (item.price(market) for item in self.items)
            amounts = np.fromiter(
                (np.inf if p is None else float(p.amount) for p in prices), float, len(self.items)
            )
            self._markets[market] = (np.isfinite(amounts), amounts)
        return self._markets[market]


def _column(values: Iterable[int | None], missing: int) -> npt.NDArray[np.int64]:
    return np.asarray([missing if value is None else value for value in values], np.int64)


def load_assortment(name: str) -> Assortment:
    """From the records. NotFound `catalog.unknown`."""
    record = find_catalog(name)
    rows = items_of(record).order_by("position", "id").values_list("data", "gone_at")
    found = [(DECODER.decode(data), gone_at) for data, gone_at in rows.iterator(10_000)]
    gone = [gone_at is not None for _, gone_at in found]
    return Assortment(definition_of(record), [item for item, _ in found], gone)


class Assortments:
    """The catalogs of one workspace, each loaded anew only when it has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: Mapping[str, tuple[tuple[int, int], Assortment]] = {}

    def get(self, name: str) -> Assortment:
        """NotFound `catalog.unknown`."""
        record = find_catalog(name)
        state = (record.pk, record.revision)
        with self._lock:
            held = self._held.get(name)
            if held is None or held[0] != state:
                held = (state, load_assortment(name))
                self._held = {**self._held, name: held}
            return held[1]
