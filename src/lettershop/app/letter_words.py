"""What a letter can use, as people look it up: variables, data, filters, tags, elements."""

from collections.abc import Iterator, Mapping
from typing import assert_never

import msgspec

from lettershop.content.catalog import storing
from lettershop.content.liquid.words import Word, vocabulary
from lettershop.content.markup.mjml_rules import RULES
from lettershop.content.models_catalog import CatalogRecord
from lettershop.content.owners import Owners
from lettershop.content.template import (
    Data,
    Events,
    Items,
    LastEvent,
    Outside,
    Records,
    Template,
)
from lettershop.content.values.objects import event_fields, record_fields
from lettershop.content.values.wanted import account_fields, contact_fields
from lettershop.model.catalog import Catalog, FieldInfo, Fields

EXAMPLES = 3
"""Values of a field that are shown."""
ITEM = {
    "id": "text",
    "title": "text",
    "url": "text",
    "image": "text",
    "description": "text",
    "kind": "text",
    "tags": "list",
    "price": "number",
    "currency": "text",
    "stock": "number",
}
ALWAYS = {
    "unsubscribe_url": "where the reader leaves with one click",
    "preferences_url": "where the reader chooses topics",
    "campaign.name": "the campaign that sends the letter",
    "sender.name": "who sends, as the settings or the template say",
    "sender.postal_address": "the setting postal_address",
    "workspace.name": "this workspace",
}


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: as it is written, `deals[].amount` for a field of every element. `values`: some that
    were seen; `says`: what it is, where the name does not tell."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    says: str = ""


class LetterWords(msgspec.Struct, frozen=True, kw_only=True):
    """`variables`: by where they are from. `filters`, `tags`: of Liquid. `elements`: of MJML.
    `segments`: names that `in segment "…"` knows."""

    variables: Mapping[str, tuple[Variable, ...]]
    filters: Mapping[str, Word]
    tags: Mapping[str, Word]
    elements: tuple[str, ...]
    segments: tuple[str, ...]


def letter_words(
    catalog: Catalog, owners: Owners, segments: tuple[str, ...], template: Template | None = None
) -> LetterWords:
    """`template`: the one whose data are among them."""
    groups = {
        "contact": tuple(_fields("contact.", contact_fields(catalog))),
        "account": tuple(_fields("account.", account_fields(catalog))),
        "membership": tuple(_fields("membership.", catalog.membership)),
        "owner": tuple(Variable(name=f"owner.{f}", type="text") for f in sorted(owners.fields())),
        "letter": tuple(Variable(name=n, type="text", says=s) for n, s in ALWAYS.items()),
    }
    for name, data in () if template is None else template.data.items():
        groups[name] = tuple(_of_data(name, data, catalog))
    known = vocabulary()
    return LetterWords(
        variables={name: found for name, found in groups.items() if found},
        filters=known.filter,
        tags=known.tag,
        elements=RULES.elements(),
        segments=segments,
    )


def _fields(prefix: str, fields: Fields) -> Iterator[Variable]:
    for name in sorted(fields):
        yield _variable(prefix + name, fields[name])


def _variable(name: str, info: FieldInfo) -> Variable:
    return Variable(name=name, type=info.type, values=info.values[:EXAMPLES])


def _of_data(name: str, data: Data, catalog: Catalog) -> Iterator[Variable]:
    match data:
        case LastEvent():
            event = catalog.events.get(data.event)
            yield from _fields(f"{name}.", event_fields(event) if event else {})
        case Events():
            event = catalog.events.get(data.event)
            yield from _fields(f"{name}[].", event_fields(event) if event else {})
        case Records():
            record = catalog.records.get(data.kind)
            yield from _fields(f"{name}[].", record_fields(record) if record else {})
        case Items():
            for field, kind in {**ITEM, **_own_fields(data.catalog)}.items():
                yield Variable(name=f"{name}[].{field}", type=kind)
        case Outside():
            for path, kind in data.schema.items():
                yield Variable(name=f"{name}.{path}", type=kind)
        case _:
            assert_never(data)


def _own_fields(catalog: str) -> Mapping[str, str]:
    """What a catalog says of its items besides what all catalogs say: field to type."""
    record = CatalogRecord.objects.filter(name=catalog).first()
    first = None if record is None else storing.items_of(record).first()
    if record is None or first is None:
        return {}
    types = storing.definition_of(record).types
    return {name: types.get(name, "text") for name in storing.item_of(first).fields}
