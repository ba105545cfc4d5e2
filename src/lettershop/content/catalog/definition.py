"""What a catalog is: where its items come from and what their columns say."""

import hashlib
from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

FieldType: TypeAlias = Literal["text", "number", "boolean", "list", "date", "time"]
FIELD_TYPES: tuple[FieldType, ...] = ("text", "number", "boolean", "list", "date", "time")

TEXTS = ("title", "description", "kind")
ADDRESSES = ("url", "image")
TIMES = ("published_at", "valid_from", "valid_until")
KNOWN = (*TEXTS, *ADDRESSES, *TIMES, "tags", "stock")
"""What every catalog may say of an item, besides its id and prices."""
RESERVED = ("id", "price", "currency", "gone")
"""Names a field cannot be given: letters read something else there."""


class PriceColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of prices. `market` "" is everywhere; `currency` or the column that holds it; with
    neither, the price itself has to say it (`12.50 EUR`)."""

    market: str = ""
    column: str
    currency: str = ""
    currency_column: str = ""


class PriceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A second file with a price per item and market; the values are names of its columns."""

    file: str
    item: str
    price: str = "price"
    market: str = ""
    currency: str = ""
    currency_column: str = ""


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """An event that names items. `item`: a property with one id or a list of ids, or
    `products[].product_id` for a list of objects."""

    event: str
    item: str


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """`catalog/NAME.toml`. `file` "" means that items come by the API only.

    `id`: the column of the id. `fields`: name of a field -> its column, where these differ.
    `types`: of custom fields that are not text. `decimal`: the decimal mark of prices, stock and
    numbers. `separators`: characters that part the tags of one cell. `interest`: the trait of
    contacts whose values are compared with tags. `digest`: of the file that says all this.
    """

    name: str
    title: str = ""
    description: str = ""
    file: str = ""
    id: str = "id"
    encoding: str = "utf-8"
    delimiter: str = ""
    decimal: str = "."
    separators: str = ",;|"
    currency: str = ""
    interest: str = ""
    fields: Mapping[str, str] = {}
    types: Mapping[str, FieldType] = {}
    prices: tuple[PriceColumn, ...] = ()
    price_file: PriceFile | None = None
    bought: tuple[Mention, ...] = ()
    viewed: tuple[Mention, ...] = ()
    returned: tuple[Mention, ...] = ()

    @property
    def digest(self) -> str:
        return hashlib.blake2b(msgspec.json.encode(self), digest_size=8).hexdigest()
