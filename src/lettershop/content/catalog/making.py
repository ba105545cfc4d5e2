"""Rows -> items, or why not."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final, cast

import msgspec

from lettershop.content.catalog.cells import (
    Refused,
    address_of,
    field_of,
    instant_of,
    price_of,
    shown,
    stock_of,
    tags_of,
    text_of,
)
from lettershop.content.catalog.definition import (
    ADDRESSES,
    KNOWN,
    RESERVED,
    TEXTS,
    TIMES,
    Definition,
    PriceColumn,
)
from lettershop.content.catalog.item import Item, Price, encoded
from lettershop.content.catalog.reading import FIELD
from lettershop.content.catalog.rows import Row
from lettershop.model.values import fold

LONGEST_ID: Final = 200
LARGEST: Final = 32 * 1024
"""Characters of an item as JSON."""

Prices = Mapping[str, Mapping[str, Price]]
"""Folded id of an item -> market -> price: from a second file."""


class Refusal(msgspec.Struct, frozen=True):
    """A row that is no item. `file`: whose, as the definition names it."""

    file: str
    line: int
    code: str
    message: str
    original: str


class Maker:
    """Makes items from the cells of rows. `zone`: of times that say none."""

    def __init__(
        self, definition: Definition, zone: tzinfo, columns: Sequence[str] | None = None
    ) -> None:
        self.definition, self.zone = definition, zone
        said = definition.fields
        self.column = {name: said.get(name, name) for name in KNOWN}
        self.prices = definition.prices or _usual(definition)
        priced = {p.column for p in self.prices} | {p.currency_column for p in self.prices}
        self.taken = {*self.column.values(), *priced, definition.id, *said.values()}
        self.custom = {field: column for field, column in said.items() if field not in KNOWN}

    def item(self, cells: Mapping[str, Any], prices: Prices | None = None) -> Item:
        """Raises Refused."""
        said, column = self.definition, self.column
        key = item_id(cells.get(said.id))
        known: dict[str, Any] = {n: text_of(cells.get(column[n]), n) for n in TEXTS}
        known |= {n: address_of(cells.get(column[n]), n) for n in ADDRESSES}
        for name in TIMES:
            raw, end = cells.get(column[name]), name == "valid_until"
            known[name] = instant_of(raw, self.zone, name, end=end)
        found = Item(
            id=key,
            tags=tags_of(cells.get(column["tags"]), said.separators),
            stock=stock_of(cells.get(column["stock"]), said.decimal),
            prices=self._priced(cells) | dict((prices or {}).get(fold(key), {})),
            fields=dict(self._fields(cells)),
            **known,
        )
        if ends_before_it_begins(found):
            raise Refused("item.validity", "its validity ends before it begins")
        return bounded(found)

    def _priced(self, cells: Mapping[str, Any]) -> dict[str, Price]:
        found = {}
        for said in self.prices:
            currency = said.currency
            if said.currency_column:
                currency = text_of(cells.get(said.currency_column), said.currency_column)
            price = price_of(cells.get(said.column), currency, said.column, self.definition.decimal)
            if price:
                found[said.market] = price
        return found

    def _fields(self, cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """The catalog's own: those that are named, and columns that nothing else is made of."""
        rest = ((name, name) for name in cells if name not in self.taken)
        for name, column in (*self.custom.items(), *rest):
            if name in RESERVED or not FIELD.fullmatch(name):
                continue
            kind = self.definition.types.get(name)
            decimal, separators = self.definition.decimal, self.definition.separators
            value = field_of(cells.get(column), kind, name, self.zone, decimal, separators)
            if value is not None:
                yield name, value


def item_id(raw: object) -> str:
    key = text_of(raw, "id")
    if not key:
        raise Refused("item.id", "the id is blank")
    if len(key) > LONGEST_ID or not key.isprintable():
        raise Refused("item.id", f"an id has at most {LONGEST_ID} visible characters: {shown(key)}")
    return key


def ends_before_it_begins(item: Item) -> bool:
    known = item.valid_from is not None and item.valid_until is not None
    return known and cast(int, item.valid_from) > cast(int, item.valid_until)


def bounded(item: Item) -> Item:
    if len(encoded(item)) > LARGEST:
        raise Refused("item.too_large", f"the item is larger than {LARGEST // 1024} kB")
    return item


def _usual(definition: Definition) -> tuple[PriceColumn, ...]:
    """Where a definition does not speak of prices: the column `price`, in its currency or that of
    the column `currency`."""
    if definition.price_file is not None:
        return ()
    column = "" if definition.currency else "currency"
    usual = PriceColumn(column="price", currency=definition.currency, currency_column=column)
    return (usual,)


def make_items(
    definition: Definition,
    rows: Iterable[Row],
    zone: tzinfo,
    prices: Prices | None,
    refuse: Callable[[Refusal], None],
) -> list[Item]:
    """The items of a file, in its order. An id that was there before is refused: ids are compared
    trimmed and without regard to case, as everywhere."""
    maker, seen = Maker(definition, zone), dict[str, int]()
    found: list[Item] = []
    for row in rows:
        try:
            if row.refused:
                raise row.refused
            item = maker.item(row.cells, prices)
            if (line := seen.setdefault(fold(item.id), row.line)) != row.line:
                raise Refused("item.twice", f"{shown(item.id)} is in line {line} already")
            found.append(item)
        except Refused as why:
            refuse(Refusal(definition.file, row.line, why.code, why.message, row.written()))
    return found


def make_prices(
    definition: Definition, rows: Iterable[Row], refuse: Callable[[Refusal], None]
) -> dict[str, dict[str, Price]]:
    """The prices of the second file, by folded id and market."""
    said = definition.price_file
    found: dict[str, dict[str, Price]] = {}
    if said is None:
        return found
    for row in rows:
        try:
            if row.refused:
                raise row.refused
            key = fold(item_id(row.cells.get(said.item)))
            market = text_of(row.cells.get(said.market), "market") if said.market else ""
            currency = said.currency
            if said.currency_column:
                currency = text_of(row.cells.get(said.currency_column), "currency")
            price = price_of(row.cells.get(said.price), currency, said.price, definition.decimal)
            if price:
                found.setdefault(key, {})[market] = price
        except Refused as why:
            refuse(Refusal(said.file, row.line, why.code, why.message, row.written()))
    return found
