"""Rows of a database as JSON lines, which the file importer reads, with the types they had."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from lettershop.ingest.expand import expand
from lettershop.ingest.mapping import Mapping as FileMapping, Value, Values
from lettershop.ingest.plan import event_scope
from lettershop.ingest.source import Column, Source
from lettershop.model.values import ValueType

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
_LARGEST: Final = 2**63
_STATED: Final[Mapping[int, ValueType]] = {
    16: "boolean",
    20: "number",
    21: "number",
    23: "number",
    700: "number",
    701: "number",
    1082: "date",
    1114: "time",
    1184: "time",
    1700: "number",
}
"""PostgreSQL's numbers of types: bool, int8, int2, int4, float4, float8, date, timestamp,
timestamptz, numeric. They tell the type where values do not: every one is NULL, or
one is `infinity`."""

TIMED: Final = frozenset((1082, 1114, 1184))
"""Those of dates and times."""


def line(row: Mapping[str, Any]) -> bytes:
    """The row as JSON: numbers exact, times in ISO 8601, what JSON has no word for as text."""
    return _ENCODER.encode({name: _plain(value) for name, value in row.items()})


def digest(text: bytes) -> str:
    """By which a row is recognised when it is read again."""
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return value if value.is_finite() else None
        case bool() | str() | None:
            return value
        case int():
            return value if -_LARGEST <= value < _LARGEST else Decimal(value)
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(inner) for inner in value]
        case time():
            return value.isoformat()
        case memoryview():
            return bytes(value)
        case _:
            return value


class Columns:
    """What is known of a query's columns: seen in a batch, or stated by the database."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], stated: Mapping[str, int]) -> None:
        self._types: dict[str, set[ValueType | None]] = {}
        for row in rows:
            for name, value in _leaves(row, ()):
                kinds = self._types.setdefault(name, set())
                if value is not None:
                    kinds.add(_type_of(value))
        self._stated = stated

    @property
    def names(self) -> list[str]:
        return list(self._types)

    def type(self, name: str) -> ValueType | None:
        """None: to be learned from the values, as in files."""
        kinds = self._types.get(name, set())
        seen = next(iter(kinds)) if len(kinds) == 1 else None
        return _STATED.get(self._stated.get(name, -1)) or seen

    def is_empty(self, name: str) -> bool:
        """Nothing but NULL, of no stated type."""
        return not self._types.get(name) and self.type(name) is None


def _leaves(row: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Columns, and the leaves of JSON objects in them, by the names they have in a mapping."""
    for key, value in row.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, str(key)))
        else:
            yield ".".join((*path, str(key))), value


def _type_of(value: Any) -> ValueType | None:
    match value:
        case bool():
            return "boolean"
        case int() | float() | Decimal():
            return "number"
        case datetime():
            return "time"
        case date():
            return "date"
        case _:
            return None


def typed(mapping: FileMapping, columns: Columns, known: Callable[[str, str], bool]) -> FileMapping:
    """The mapping for one batch: stars replaced, types of the database stated where the mapping
    states none, and fields left out of which nothing is known yet, not even a type.

    `known(scope, field)`: the store has the field, so its type is settled.
    """
    listed = tuple(Column(name, "json", (name,)) for name in columns.names)
    full = expand(mapping, Source(format="jsonl", columns=listed, total=0))

    def fields(scope: str, values: Values) -> dict[str, Value]:
        return {
            field: _with_type(value, columns)
            for field, value in values.items()
            if known(scope, field) or not _unknown(value, columns)
        }

    return replace(
        full,
        contacts=tuple(replace(s, traits=fields("contact", s.traits)) for s in full.contacts),
        accounts=tuple(replace(s, traits=fields("account", s.traits)) for s in full.accounts),
        records=tuple(
            replace(s, fields=fields(f"record:{s.kind}", s.fields)) for s in full.records
        ),
        events=tuple(
            replace(s, properties=fields(event_scope(s), s.properties)) for s in full.events
        ),
    )


def _unknown(value: Value, columns: Columns) -> bool:
    return bool(value.column) and value.type is None and columns.is_empty(value.column)


def _with_type(value: Value, columns: Columns) -> Value:
    told = value.type or value.format or value.split or value.values or value.lookup
    if not value.column or told or value.currency or value.currency_column:
        return value
    return replace(value, type=columns.type(value.column))


def write_lines(lines: Iterable[bytes], path: str) -> None:
    with open(path, "wb") as out:
        out.writelines(text + b"\n" for text in lines)
