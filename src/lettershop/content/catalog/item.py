"""An item, as it is stored and as letters read it."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

import msgspec

from lettershop.content.catalog.definition import FieldType
from lettershop.model.clock import from_ms
from lettershop.model.values import fold


class Price(msgspec.Struct, frozen=True):
    """`currency`: three letters of ISO 4217."""

    amount: Decimal
    currency: str


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Missing is "", None or empty. Instants are milliseconds since 1970 UTC; it is valid from
    `valid_from` to `valid_until`, both included. `prices`: market -> price, "" for everywhere else.
    `fields`: what else the catalog says, JSON values; days and times of it as ISO 8601."""

    id: str
    title: str = ""
    url: str = ""
    image: str = ""
    description: str = ""
    kind: str = ""
    tags: tuple[str, ...] = ()
    prices: Mapping[str, Price] = {}
    stock: int | None = None
    published_at: int | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    fields: Mapping[str, Any] = {}

    def price(self, market: str | None) -> Price | None:
        """What it costs there; the price for everywhere where the market has none of its own."""
        found = self.prices.get(market or "")
        if found is None and market:
            wanted = fold(market)
            own = (price for name, price in self.prices.items() if fold(name) == wanted)
            found = next(own, None) or self.prices.get("")
        return found


ENCODER: Final = msgspec.json.Encoder(decimal_format="number", order="deterministic")
DECODER: Final = msgspec.json.Decoder(Item, float_hook=Decimal)


def encoded(item: Item) -> str:
    """Equal items have equal texts."""
    return ENCODER.encode(item).decode()


def values_of(
    item: Item, market: str | None, zone: tzinfo, types: Mapping[str, FieldType]
) -> dict[str, Any]:
    """The item as letters read it: what is missing is absent, the price that of the market, times
    in `zone`. The catalog's own fields stand beside the common ones."""
    found: dict[str, Any] = {"id": item.id}
    for name, value in item.fields.items():
        found[name] = _typed(value, types.get(name), zone)
    for name in ("title", "url", "image", "description", "kind"):
        if text := getattr(item, name):
            found[name] = text
    for name in ("published_at", "valid_from", "valid_until"):
        if (instant := getattr(item, name)) is not None:
            found[name] = from_ms(instant).astimezone(zone)
    if item.tags:
        found["tags"] = list(item.tags)
    if item.stock is not None:
        found["stock"] = item.stock
    if price := item.price(market):
        found["price"], found["currency"] = price.amount, price.currency
    return found


def _typed(value: Any, kind: FieldType | None, zone: tzinfo) -> Any:
    match kind:
        case "date":
            return date.fromisoformat(value)
        case "time":
            return datetime.fromisoformat(value).astimezone(zone)
        case _:
            return value
