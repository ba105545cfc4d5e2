"""An item said by the API: what is sent is written, the rest stays as it was."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

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
    Definition,
)
from lettershop.content.catalog.item import Item, Price
from lettershop.content.catalog.making import bounded, ends_before_it_begins
from lettershop.content.catalog.reading import FIELD
from lettershop.model.errors import InputError

MOST_FIELDS: Final = 200
Text: TypeAlias = str | UnsetType | None


class SaidPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`currency`: three letters; default: that of the catalog's definition."""

    amount: Any
    currency: str = ""


class ItemUpsert(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent is written; null ends a value. `prices`: market -> price, "" for
    everywhere; `fields`: what else there is to say, by name. Times are ISO 8601."""

    id: str | int
    title: Text = UNSET
    url: Text = UNSET
    image: Text = UNSET
    description: Text = UNSET
    kind: Text = UNSET
    tags: tuple[str, ...] | UnsetType | None = UNSET
    prices: dict[str, SaidPrice | None] | UnsetType = UNSET
    stock: int | UnsetType | None = UNSET
    published_at: Text = UNSET
    valid_from: Text = UNSET
    valid_until: Text = UNSET
    fields: dict[str, Any] | UnsetType = UNSET


def merged(said: ItemUpsert, key: str, now: Item | None, known: Definition, zone: tzinfo) -> Item:
    """The item as it is from now on. InputError, its place relative to the item."""
    before = now or Item(id=key)
    new: dict[str, Any] = {}
    for name in KNOWN:
        value = getattr(said, name)
        if value is not UNSET:
            new[name] = _placed(name, lambda n=name, v=value: _known(n, v, known, zone))
    if said.prices is not UNSET:
        new["prices"] = _prices(before.prices, said.prices, known)
    if said.fields is not UNSET:
        new["fields"] = _fields(before.fields, said.fields, known, zone)
    found = msgspec.structs.replace(before, **new)
    if ends_before_it_begins(found):
        message = "its validity ends before it begins"
        raise InputError("item.validity", message, where="valid_until")
    _placed("fields", lambda: bounded(found))
    return found


def _known(name: str, value: Any, known: Definition, zone: tzinfo) -> Any:
    if name in TEXTS:
        return text_of(value, name)
    if name in ADDRESSES:
        return address_of(value, name)
    if name == "tags":
        return tags_of(value or (), known.separators)
    if name == "stock":
        return stock_of(value)
    return instant_of(value, zone, name, end=name == "valid_until")


def _prices(
    before: Mapping[str, Price], said: Mapping[str, SaidPrice | None], known: Definition
) -> dict[str, Price]:
    found = dict(before)
    for market, price in said.items():
        found.pop(market, None)
        if price is not None:
            place = f"prices.{market}" if market else "prices"
            currency = price.currency or known.currency
            new = _placed(place, lambda p=price, c=currency: price_of(p.amount, c, "amount"))
            if new is not None:
                found[market] = new
    return found


def _fields(
    before: Mapping[str, Any], said: Mapping[str, Any], known: Definition, zone: tzinfo
) -> dict[str, Any]:
    found = dict(before)
    for name, value in said.items():
        if name in (*KNOWN, *RESERVED) or not FIELD.fullmatch(name) or len(name) > 100:
            message = f"{shown(name)} cannot name a field"
            hint = "letters, digits and “_”; what every item has stands beside “fields”"
            raise InputError("item.field_name", message, where="fields", hint=hint)
        kind = known.types.get(name)
        new = _placed(
            f"fields.{name}",
            lambda n=name, v=value, k=kind: field_of(v, k, n, zone, ".", known.separators),
        )
        found.pop(name, None)
        if new is not None:
            found[name] = new
    if len(found) > MOST_FIELDS:
        raise InputError("item.too_many_fields", f"{MOST_FIELDS} are the most", where="fields")
    return found


def _placed(place: str, made: Any) -> Any:
    """What `made` gives; what it refuses, with its place."""
    try:
        return made()
    except Refused as why:
        raise InputError(why.code, why.message, where=place) from None
