"""Filling stages from facts: values typed, objects flattened, what does not fit in `rest`."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, assert_never

import duckdb
import msgspec

from lettershop.engines.duckdb.names import names_subject
from lettershop.engines.duckdb.sheet import Sheet
from lettershop.engines.duckdb.stage import Sort, Stage
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)
from lettershop.model.values import Known, Missing, ValueType, coerce, guess_type

TypeMap = dict[tuple[str, str], ValueType]

_DEPTH = 32
"""Objects nested deeper are dropped: databases read such JSON slowly or not at all."""


class Filling:
    """Collects facts; `stages` turns them into filled stage tables.

    `types` are the known types by (scope, field); it grows with what is learned here.
    """

    def __init__(self, types: TypeMap) -> None:
        self.types = types
        self._sheets: dict[tuple[Sort, str], Sheet] = {}

    def add(self, row: int, fact: AnyFact) -> None:
        every = (row, fact.ts, fact.received_at, _utf8(fact.message_id))
        match fact:
            case ContactFact():
                also = [_utf8(i) for i in dict.fromkeys(fact.also) if i != fact.contact]
                sheet = self._sheet("contact")
                place = sheet.start(*every, _utf8(fact.contact), also or None, fact.deleted)
                self._traits(sheet, place, "contact", fact.traits)
            case AccountFact():
                sheet = self._sheet("account")
                place = sheet.start(*every, _utf8(fact.account), fact.deleted)
                self._traits(sheet, place, "account", fact.traits)
            case MembershipFact():
                role = coerce(fact.role, "text")
                self._sheet("membership").start(
                    *every,
                    _utf8(fact.contact),
                    _utf8(fact.account),
                    fact.joined,
                    None if isinstance(role, Missing) else role,
                )
            case EventFact():
                sheet, name = self._sheet("event"), _utf8(fact.name)
                place = sheet.start(*every, name, _utf8(fact.contact), _utf8(fact.account), None)
                rest = self._traits(sheet, place, "event:" + name, fact.properties)
                if rest:
                    sheet.set_rest(place, _json(rest))
            case RecordFact():
                kind = _utf8(fact.kind)
                sheet = self._sheet("record", kind)
                place = sheet.start(
                    *every, _utf8(fact.id), _utf8(fact.contact), _utf8(fact.account), fact.deleted
                )
                self._traits(sheet, place, "record:" + kind, fact.traits)
            case _:
                assert_never(fact)

    def stages(self, con: duckdb.DuckDBPyConnection) -> list[Stage]:
        """The stages in the order contacts, accounts, memberships, records, events."""
        return [
            sheet.stage(con, f"load_stage_{number}")
            for number, sheet in enumerate(self._sheets.values())
        ]

    def _sheet(self, sort: Sort, kind: str = "") -> Sheet:
        sheet = self._sheets.get((sort, kind))
        if sheet is None:
            sheet = self._sheets[sort, kind] = Sheet(sort, kind)
        return sheet

    def _traits(
        self, sheet: Sheet, place: int, scope: str, traits: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Write the values into the sheet; returns those that are not of their field's type."""
        rest: dict[str, Any] = {}
        for name, raw in self._flat(scope, traits):
            kind = self.types.get((scope, name)) or self._learn(scope, name, raw)
            value = _storable(coerce(raw, kind)) if kind else _without_type(raw)
            wrong = value is Missing.WRONG_TYPE and not _is_empty(raw)
            if wrong:
                rest[name] = raw
            known = None if isinstance(value, Missing) else value
            sheet.put(place, name, kind or "text", known, wrong=wrong and kind is not None)
        return rest

    def _learn(self, scope: str, name: str, raw: object) -> ValueType | None:
        kind = "text" if names_subject(scope, name) else guess_type(raw)
        if kind is None or isinstance(_storable(coerce(raw, kind)), Missing):
            return None
        self.types[scope, name] = kind
        return kind

    def _flat(
        self, scope: str, traits: Mapping[str, Any], prefix: str = "", depth: int = 0
    ) -> Iterator[tuple[str, Any]]:
        for key, raw in traits.items():
            name = prefix + _utf8(str(key))
            if not isinstance(raw, Mapping) or self._is_location(scope, name, raw):
                yield name, raw
            elif depth < _DEPTH:
                yield from self._flat(scope, raw, name + ".", depth + 1)

    def _is_location(self, scope: str, name: str, raw: object) -> bool:
        known = self.types.get((scope, name))
        return known == "location" or (known is None and guess_type(raw) == "location")


Text = TypeVar("Text", str, None, str | None)


def _utf8(text: Text) -> Text:
    """`text` with a ? for each half of a surrogate pair, which no database can store."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


def _storable(value: Known | Missing) -> Known | Missing:
    """The value, or WRONG_TYPE when it holds half a surrogate pair."""
    match value:
        case str():
            return value if _utf8(value) == value else Missing.WRONG_TYPE
        case tuple() if any(isinstance(v, str) and _utf8(v) != v for v in value):
            return Missing.WRONG_TYPE
        case _:
            return value


def _without_type(raw: object) -> Missing:
    """Why a value says nothing about its field's type."""
    if raw is None or _is_empty(raw):
        return Missing.NULL
    return Missing.WRONG_TYPE if guess_type(raw) or not isinstance(raw, str) else Missing.BLANK


def _is_empty(raw: object) -> bool:
    return isinstance(raw, list | tuple) and not raw


def _json(rest: dict[str, Any]) -> str | None:
    """`rest` as JSON; what cannot be written is left out."""
    try:
        return _readable(msgspec.json.encode(_shallow(rest, _DEPTH), enc_hook=str))
    except (TypeError, ValueError, RecursionError):
        return None


def _readable(encoded: bytes) -> str:
    return encoded.decode("utf-8", "replace")


def _shallow(raw: Any, depth: int) -> Any:
    if isinstance(raw, str):
        return _utf8(raw)
    if not isinstance(raw, Mapping | list | tuple):
        return raw
    if depth == 0:
        return None
    if isinstance(raw, Mapping):
        return {_shallow(str(k), 1): _shallow(v, depth - 1) for k, v in raw.items()}
    return [_shallow(item, depth - 1) for item in raw]
