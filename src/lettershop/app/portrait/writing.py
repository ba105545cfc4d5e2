"""A trait changed by hand: a fact like any other, dated now, with the value it had before."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app import upserts
from lettershop.app.portrait.values import IDENTITY, Trait, traits
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.cards import account_cards, contact_cards
from lettershop.engines.duckdb.entries import Side
from lettershop.model.clock import parse_instant
from lettershop.model.errors import InputError, LettershopError, UsageError
from lettershop.model.values import ValueType

LONGEST: Final = 20_000
"""Characters of a text; longer ones are refused, not cut."""
YES: Final = ("yes", "true", "1", "ja")
NO: Final = ("no", "false", "0", "nein")
_FIELDS: Final = {"user": "user_id", "email": "email", "anon": "anonymous_id"}
_NUMBER: Final = re.compile(r"[+-]?\d{1,12}([.]\d{1,6})?")


class Written(msgspec.Struct, frozen=True):
    """What a field was before, as it is typed; "" for nothing."""

    field: str
    before: str


def write(shop: Workspace, side: Side, who: str, field: str, text: str, by: Principal) -> Written:
    """Give a field the value that was typed; "" takes it away. Inside `Engine.write`; audited,
    without the value.

    NotFound as `Workspace.subject_id`; UsageError `trait.fixed`; InputError `trait.value`, and what
    `app/items.py` says of names.
    """
    number = shop.subject_id(side, who)
    known = {one.name: one for one in traits(shop, side, number)}
    field, before = field.strip(), known.get(field.strip())
    _refuse_fixed(field, before)
    value = read(text, _type_of(shop, side, field))
    _upsert(shop, side, number, {field: value})
    audit(by, f"{side}.write", f"{side}:{number}", field=field)
    return Written(field, "" if before is None else typed(before.value, before.type))


def read(text: str, kind: ValueType) -> Any:
    """The value somebody typed, as an upsert takes it; None for nothing. InputError
    `trait.value`."""
    text = text.strip()
    if not text:
        return None
    if len(text) > LONGEST:
        raise InputError("trait.value", f"this is longer than {LONGEST:,} characters")
    match kind:
        case "text":
            return text
        case "number" if _NUMBER.fullmatch(text):
            return Decimal(text)
        case "boolean" if text.lower() in (*YES, *NO):
            return text.lower() in YES
        case "date":
            return _date(text)
        case "time":
            return _time(text)
        case "list":
            return _list(text)
        case "location":
            return _location(text)
        case "number" | "boolean":
            pass
    raise _wrong(text, kind)


def typed(value: Any, kind: ValueType) -> str:
    """A value as `read` takes it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return _typed_list([str(one) for one in value])
        case dict():
            return f"{value.get('lat')}, {value.get('lon')}"
        case _:
            return str(value)


def _list(text: str) -> list[str]:
    """Parts between commas; or a JSON list, whose parts may hold commas."""
    if text.startswith("["):
        try:
            return msgspec.json.decode(text, type=list[str])
        except msgspec.DecodeError:
            raise _wrong(text, "list") from None
    return [part for part in (one.strip() for one in text.split(",")) if part]


def _typed_list(parts: list[str]) -> str:
    text = ", ".join(parts)
    same = not text.startswith("[") and _list(text) == parts
    return text if same else msgspec.json.encode(parts).decode()


def _refuse_fixed(field: str, before: Trait | None) -> None:
    if field in IDENTITY:
        message = f"“{field}” says who it is and is not changed here"
        raise UsageError("trait.fixed", message, hint="write the contact through the API")
    if before is not None and before.fixed:
        message = f"“{field}” is worked out by rules; what is typed would be gone in a moment"
        raise UsageError("trait.fixed", message, hint="change the rules in traits/")


def _type_of(shop: Workspace, side: Side, field: str) -> ValueType:
    """A field nobody knows yet is a text."""
    catalog = shop.store.catalog()
    info = (catalog.account if side == "account" else catalog.contact).get(field)
    return "text" if info is None else info.type


def _upsert(shop: Workspace, side: Side, number: int, values: dict[str, Any]) -> None:
    if side == "account":
        name = account_cards(shop.store, [number])[number].account
        done = upserts.upsert_accounts(shop, [{"id": name, "traits": values}])
    else:
        sort, _, name = contact_cards(shop.store, [number])[number].identity.partition(":")
        done = upserts.upsert_contacts(shop, [{_FIELDS[sort]: name, "traits": values}])
    for note in done.notes:
        raise InputError(note.code, note.message, where=note.where, hint=note.hint)


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _wrong(text, "date") from None


def _time(text: str) -> str:
    try:
        parse_instant(text)
    except (LettershopError, OverflowError):
        raise _wrong(text, "time") from None
    return text


def _location(text: str) -> dict[str, float]:
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise _wrong(text, "location") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise _wrong(text, "location")
    return {"lat": lat, "lon": lon}


_HOW: Final[dict[ValueType, str]] = {
    "number": "a number with up to six places: 12 or 12.5",
    "boolean": "yes or no",
    "date": "a day: 2026-01-31",
    "time": "a time with its zone: 2026-01-31T12:00Z",
    "location": "two numbers, latitude and longitude: 52.5, 13.4",
    "list": "words with commas between them",
    "text": "text",
}


def _wrong(text: str, kind: ValueType) -> InputError:
    return InputError("trait.value", f"“{text[:60]}” does not fit", where="value", hint=_HOW[kind])
