"""Items in the records: replaced as a whole by an import, changed one by one by the API.

Everything here runs in one transaction: readers see the catalog before or after, never between.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from rapidfuzz import process

from lettershop.content.catalog.definition import Definition
from lettershop.content.catalog.item import DECODER, Item, encoded
from lettershop.content.catalog.reading import NAME
from lettershop.content.models_catalog import CatalogRecord, ItemRecord
from lettershop.model.errors import NotFound
from lettershop.model.values import fold

BATCH: Final = 2_000
Told = Callable[[int, int], None]
"""(done, of how many)."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a catalog's items. `kept`: vanished, and kept as asked."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    kept: int = 0


class _Row(msgspec.Struct):
    pk: int
    position: int
    data: str
    gone_at: int | None


def find_catalog(name: str) -> CatalogRecord:
    """NotFound `catalog.unknown`."""
    found = CatalogRecord.objects.filter(name=name).first() if NAME.fullmatch(name) else None
    if found is None:
        known = [*CatalogRecord.objects.values_list("name", flat=True)]
        near = process.extractOne(name, known, score_cutoff=50)
        listed = ", ".join(f"“{n}”" for n in known[:10]) or "there are none yet"
        hint = f"did you mean “{near[0]}”?" if near else f"known catalogs: {listed}"
        raise NotFound("catalog.unknown", f"there is no catalog “{name}”", hint=hint)
    return found


def items_of(record: CatalogRecord) -> QuerySet[ItemRecord]:
    """All of a catalog, also those that are gone."""
    return ItemRecord.objects.filter(catalog=record)


def definition_of(record: CatalogRecord) -> Definition:
    return msgspec.json.decode(record.definition, type=Definition)


def begin(definition: Definition, at: int) -> CatalogRecord:
    """The record of a catalog, made when there is none, locked until the transaction ends."""
    said = msgspec.json.encode(definition).decode()
    made = {"definition": said, "created_at": at, "changed_at": at}
    CatalogRecord.objects.get_or_create(name=definition.name, defaults=made)
    return CatalogRecord.objects.select_for_update().get(name=definition.name)


def replace_items(
    definition: Definition,
    items: Sequence[Item],
    *,
    digest: str,
    at: int,
    refused: int = 0,
    keep_missing: bool = False,
    told: Told = lambda done, total: None,
) -> Stored:
    """Make `items` the items of the catalog, in their order. Those that are not among them are
    marked as gone, or with `keep_missing` stay after the others."""
    with transaction.atomic():
        record = begin(definition, at)
        known = _known(record)
        wanted = {fold(item.id): item for item in items}
        writing, counts = _differences(record, known, wanted, at)
        missing = {k: r for k, r in known.items() if k not in wanted and r.gone_at is None}
        for place, (key, row) in enumerate(missing.items(), len(wanted)):
            gone_at = None if keep_missing else at
            if (row.position, row.gone_at) != (place, gone_at):
                writing.append(_record(record, key, place, row.data, at, gone_at))
        _write(writing, told)
        counts |= {"kept" if keep_missing else "gone": len(missing)}
        record.definition = msgspec.json.encode(definition).decode()
        record.digest, record.refused, record.imported_at = digest, refused, at
        _touch(record, at)
    return Stored(**counts)


def note_definition(definition: Definition, digest: str, at: int) -> None:
    """Write down what a catalog is whose items come by the API; they stay."""
    with transaction.atomic():
        record = begin(definition, at)
        record.definition, record.digest = msgspec.json.encode(definition).decode(), digest
        _touch(record, at)


def upsert_items(
    definition: Definition, wanted: Mapping[str, Callable[[Item | None], Item]], at: int
) -> Stored:
    """Change or add items; the others stay. `wanted`: by folded id, what makes the item of what it
    was (None: new). New ones stand last."""
    with transaction.atomic():
        record = begin(definition, at)
        known = _known(record, [*wanted])
        last = items_of(record).order_by("-position").values_list("position", flat=True).first()
        after = 0 if last is None else last + 1
        counts = dict.fromkeys(("new", "changed", "unchanged"), 0)
        writing = []
        for key, made in wanted.items():
            row = known.get(key)
            data = encoded(made(None if row is None else DECODER.decode(row.data)))
            if row is not None and (row.data, row.gone_at) == (data, None):
                counts["unchanged"] += 1
                continue
            place = after + counts["new"] if row is None else row.position
            counts["new" if row is None else "changed"] += 1
            writing.append(_record(record, key, place, data, at, None))
        _write(writing, lambda done, total: None)
        if writing:
            _touch(record, at)
    return Stored(**counts)


def find_item(catalog: str, key: str) -> ItemRecord:
    """Also one that is gone. NotFound `catalog.unknown`, `item.unknown`."""
    record = find_catalog(catalog)
    found = items_of(record).filter(key=fold(key)).first() if key.isprintable() else None
    if found is None:
        raise NotFound("item.unknown", f"the catalog “{catalog}” has no item “{key}”")
    return found


def end_item(catalog: str, key: str, at: int) -> ItemRecord:
    """Mark an item as gone. NotFound."""
    with transaction.atomic():
        found = find_item(catalog, key)
        if found.gone_at is None:
            found.gone_at = found.changed_at = at
            found.save(update_fields=["gone_at", "changed_at"])
            _touch(CatalogRecord.objects.select_for_update().get(name=catalog), at)
    return found


def remove_catalog(name: str) -> int:
    """Forget a catalog with all its items; how many it had. NotFound."""
    with transaction.atomic():
        record = find_catalog(name)
        count = items_of(record).count()
        items_of(record).delete()
        record.delete()
    return count


def item_of(record: ItemRecord) -> Item:
    return DECODER.decode(record.data)


def _known(record: CatalogRecord, keys: Sequence[str] | None = None) -> dict[str, _Row]:
    rows = items_of(record).order_by("position", "id")
    if keys is not None:
        rows = rows.filter(key__in=keys)
    columns = rows.values_list("key", "pk", "position", "data", "gone_at")
    return {key: _Row(*rest) for key, *rest in columns.iterator(BATCH)}


def _differences(
    record: CatalogRecord, known: dict[str, _Row], wanted: dict[str, Item], at: int
) -> tuple[list[ItemRecord], dict[str, int]]:
    """What has to be written, so that an unchanged item costs nothing."""
    writing: list[ItemRecord] = []
    counts = dict.fromkeys(("new", "changed", "unchanged"), 0)
    for place, (key, item) in enumerate(wanted.items()):
        data, row = encoded(item), known.get(key)
        same = row is not None and (row.data, row.gone_at) == (data, None)
        counts["new" if row is None else "unchanged" if same else "changed"] += 1
        if row is None or not same or row.position != place:
            writing.append(_record(record, key, place, data, at, None))
    return writing, counts


def _record(
    catalog: CatalogRecord, key: str, position: int, data: str, at: int, gone_at: int | None
) -> ItemRecord:
    return ItemRecord(
        catalog=catalog, key=key, position=position, data=data, changed_at=at, gone_at=gone_at
    )


def _write(rows: Sequence[ItemRecord], told: Told) -> None:
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        ItemRecord.objects.bulk_create(
            batch,
            update_conflicts=True,
            unique_fields=["catalog", "key"],
            update_fields=["position", "data", "changed_at", "gone_at"],
        )
        told(start + len(batch), len(rows))


def _touch(record: CatalogRecord, at: int) -> None:
    record.revision += 1
    record.changed_at = at
    record.save()
