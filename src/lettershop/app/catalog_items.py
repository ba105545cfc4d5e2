"""Items of a catalog, looked at and written one by one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.upserts import MOST, RefusedItem, Upserted
from lettershop.content.catalog import storing
from lettershop.content.catalog.cells import Refused
from lettershop.content.catalog.definition import Definition
from lettershop.content.catalog.item import Item
from lettershop.content.catalog.making import item_id
from lettershop.content.catalog.reading import LONGEST_NAME, NAME
from lettershop.content.catalog.said import ItemUpsert, merged
from lettershop.content.models_catalog import CatalogRecord, ItemRecord
from lettershop.model.clock import format_instant
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings
from lettershop.model.values import fold

MOST_WORDS = 5

Make = Callable[[Item | None], Item]


class PriceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`amount`: a number with all its digits; `currency`: three letters of ISO 4217."""

    amount: Any
    currency: str


class ItemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An item; null and empty are missing. `prices`: by market, "" for everywhere. `fields`: what
    else the catalog says. `gone_at`: since when it is not in the catalog any more."""

    catalog: str
    id: str
    title: str
    url: str
    image: str
    description: str
    kind: str
    tags: tuple[str, ...]
    prices: dict[str, PriceAnswer]
    stock: int | None
    published_at: str | None
    valid_from: str | None
    valid_until: str | None
    fields: dict[str, Any]
    changed_at: str
    gone_at: str | None


def item_answer(catalog: str, record: ItemRecord) -> ItemAnswer:
    item = storing.item_of(record)
    return ItemAnswer(
        catalog=catalog,
        **{name: getattr(item, name) for name in ("id", "title", "url", "image", "description")},
        kind=item.kind,
        tags=item.tags,
        prices={
            market: PriceAnswer(amount=price.amount, currency=price.currency)
            for market, price in item.prices.items()
        },
        stock=item.stock,
        published_at=_instant(item.published_at),
        valid_from=_instant(item.valid_from),
        valid_until=_instant(item.valid_until),
        fields=dict(item.fields),
        changed_at=format_instant(record.changed_at),
        gone_at=_instant(record.gone_at),
    )


def listed(
    catalog: str, limit: int, *, after: tuple[int, int] | None = None, gone: bool = False
) -> list[ItemRecord]:
    """Items in the order of the catalog: those after (position, number) of the last one seen.
    `gone`: those that are not in it any more. NotFound `catalog.unknown`."""
    found = storing.items_of(storing.find_catalog(catalog))
    found = found.filter(gone_at__isnull=not gone).order_by("position", "id")
    if after is not None:
        position, number = after
        found = found.filter(Q(position__gt=position) | Q(position=position, id__gt=number))
    return [*found[:limit]]


def found_items(
    record: CatalogRecord, words: str, *, gone: bool, first: int, limit: int
) -> tuple[list[ItemRecord], int]:
    """Items whose data hold all the words, in the order of the catalog, from number `first` on; and
    how many there are of them. `gone`: of those that are not in it any more."""
    found = storing.items_of(record).filter(gone_at__isnull=not gone)
    for word in fold(words).split()[:MOST_WORDS]:
        found = found.filter(Q(data__icontains=word) | Q(key__contains=word))
    return [*found.order_by("position", "id")[first : first + limit]], found.count()


def upsert(
    catalog: str, items: Sequence[Any], settings: Settings, *, by: Principal, at: int
) -> Upserted:
    """Write up to MOST items, given as decoded JSON; a new catalog begins with its first item.

    InputError `items.number` for none or too many, `catalog.name` for what cannot name a catalog;
    when all are refused, that of the first.
    """
    if not 0 < len(items) <= MOST:
        raise InputError("items.number", f"send 1 to {MOST:,} items, not {len(items):,}", where="$")
    if not NAME.fullmatch(catalog) or len(catalog) > LONGEST_NAME:
        message = "a catalog’s name has lower case, digits, “-” and “_”"
        raise InputError("catalog.name", message, where="catalog")
    record = CatalogRecord.objects.filter(name=catalog).first()
    known = Definition(name=catalog) if record is None else storing.definition_of(record)
    writing = _Writing(known, settings)
    for index, raw in enumerate(items):
        writing.take(index, raw)
    if not writing.wanted:
        first, more = writing.refused[0], len(items) - 1
        message = first.message + (f" (and {more:,} more items, each refused)" if more else "")
        raise InputError(first.code, message, where=first.where, hint=first.hint)
    stored = storing.upsert_items(known, writing.wanted, at)
    audit(by, "catalog.upsert", catalog, items=len(writing.wanted))
    written = len(items) - len(writing.refused)
    return Upserted(
        received=len(items),
        new=stored.new,
        changed=written - stored.new,
        refused=writing.refused,
    )


def end_item(catalog: str, key: str, *, by: Principal, at: int) -> ItemRecord:
    """Take an item out of the catalog; it is kept as gone. NotFound."""
    found = storing.end_item(catalog, key, at)
    audit(by, "catalog.item_gone", catalog, item=key)
    return found


class _Writing:
    """The items of one request: `wanted` by folded id, several about one item in their order."""

    def __init__(self, known: Definition, settings: Settings) -> None:
        self.known, self.zone = known, ZoneInfo(settings.timezone)
        self.wanted: dict[str, Make] = {}
        self.refused: list[RefusedItem] = []

    def take(self, index: int, raw: Any) -> None:
        try:
            said = msgspec.convert(raw, ItemUpsert)
            key = item_id(said.id)
            make = partial(self._made, index, said, key)
            make(None)  # what is said has to hold by itself, whatever the item is now
        except msgspec.ValidationError as error:
            message, _, at = str(error).partition(" - at `$")
            said_ = message[:1].lower() + message[1:]
            self._refuse(index, "request.shape", said_, f"$[{index}]{at[:-1]}")
        except Refused as why:
            self._refuse(index, why.code, why.message, f"$[{index}].id")
        except InputError as error:
            self._refuse(index, error.code, error.message, error.where, error.hint)
        else:
            before = self.wanted.get(fold(key))
            self.wanted[fold(key)] = make if before is None else _chained(before, make)

    def _made(self, index: int, said: ItemUpsert, key: str, now: Item | None) -> Item:
        try:
            return merged(said, key, now, self.known, self.zone)
        except InputError as error:
            where = f"$[{index}].{error.where}"
            raise InputError(error.code, error.message, where=where, hint=error.hint) from None

    def _refuse(self, index: int, code: str, message: str, where: str, hint: str = "") -> None:
        self.refused.append(
            RefusedItem(index=index, code=code, message=message, where=where, hint=hint)
        )


def _chained(first: Make, second: Make) -> Make:
    return lambda now: second(first(now))


def _instant(instant: int | None) -> str | None:
    return None if instant is None else format_instant(instant)
