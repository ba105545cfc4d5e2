"""`"*" = "traits.*"`: all columns that begin so; `"*" = "*"`: all that nothing else reads."""

from collections.abc import Iterator
from typing import Any

import msgspec

from lettershop.ingest.mapping import Mapping, Value, Values
from lettershop.ingest.source import Source

ALL = "*"


def expand(mapping: Mapping, source: Source) -> Mapping:
    """The mapping with its stars replaced by what the file has."""
    used = {v.column for v in all_values(mapping)} | {
        c for v in all_values(mapping) for c in (v.currency_column,) if c
    }
    names = [column.name for column in source.columns]
    change = msgspec.structs.replace
    return change(
        mapping,
        contacts=tuple(change(s, traits=_star(s.traits, names, used)) for s in mapping.contacts),
        accounts=tuple(change(s, traits=_star(s.traits, names, used)) for s in mapping.accounts),
        events=tuple(
            change(s, properties=_star(s.properties, names, used)) for s in mapping.events
        ),
        records=tuple(change(s, fields=_star(s.fields, names, used)) for s in mapping.records),
    )


def _star(values: Values, names: list[str], used: set[str]) -> dict[str, Value]:
    star = values.get(ALL)
    found = {field: value for field, value in values.items() if field != ALL}
    if star is None:
        return found
    prefix = star.column.removesuffix(ALL)
    for column in names:
        field = column.removeprefix(prefix)
        if column.startswith(prefix) and field and (prefix or column not in used):
            found.setdefault(field, msgspec.structs.replace(star, column=column))
    return found


def all_values(part: Any) -> Iterator[Value]:
    """Every value anywhere in a mapping."""
    if isinstance(part, Value):
        yield part
    if isinstance(part, msgspec.Struct):
        for field in part.__struct_fields__:
            yield from all_values(getattr(part, field))
    elif isinstance(part, tuple | list):
        for item in part:
            yield from all_values(item)
    elif isinstance(part, dict):
        for item in part.values():
            yield from all_values(item)
