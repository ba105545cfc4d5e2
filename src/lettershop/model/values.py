"""What a value is, and when it is missing.

Every field has one type, learned when its first values arrive. A raw value either *is* of that
type after `coerce`, or it is missing, and the cause of the missing is kept and counted
(segments.md rule 1 and 2: ill-typed values never stop anything, they are simply not known).

| type | a known value in Python | stored as |
|---|---|---|
| number | int, micro-units: 12.5 is 12_500_000 | DECIMAL(18, 6) |
| text | str, NFC, not blank | VARCHAR |
| boolean | bool | BOOLEAN |
| time | int, milliseconds since 1970 UTC | BIGINT |
| date | datetime.date, a calendar day without zone | DATE |
| list | tuple of str | VARCHAR[] |
| location | (latitude, longitude) in degrees, floats | STRUCT(lat DOUBLE, lon DOUBLE) |

Numbers are decimals with six places, never floats, so that sums do not depend on their order.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Literal, TypeAlias

from lettershop.model.clock import to_ms

ValueType = Literal["number", "text", "boolean", "time", "date", "list", "location"]
Known: TypeAlias = int | str | bool | date | tuple[str, ...] | tuple[float, float]

MICRO = 1_000_000
NUMBER_LIMIT = 10**12
"""Numbers at or beyond this size do not fit 18 digits with six places: they are ill-typed."""

WHITESPACE = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    chr(c) for c in range(0x2000, 0x200B)
)
"""What `str.strip()` removes; written out because SQL's trim wants to be told."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


class Missing(StrEnum):
    """Why a value is not known. All causes mean the same to a segment."""

    NEVER_SENT = "never sent"
    NULL = "null"
    BLANK = "blank"
    WRONG_TYPE = "wrong type"


def clean(text: str) -> str:
    """The stored form of a text: NFC, as sent otherwise."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The compared form: NFC, trimmed, each character in simple lower case (segments.md rule 14).

    Character by character, as SQL engines do it: no final sigma, no dotted capital I expansion.
    """
    trimmed = clean(text).strip(WHITESPACE)
    return trimmed.lower() if trimmed.isascii() else "".join(map(_lower, trimmed))


def _lower(character: str) -> str:
    return "i" if character == "İ" else character.lower()


def coerce(raw: object, kind: ValueType) -> Known | Missing:
    """The known value of `raw` as a `kind`, or the reason why there is none."""
    if raw is None:
        return Missing.NULL
    if isinstance(raw, str) and not raw.strip(WHITESPACE):
        return Missing.BLANK
    found = _COERCE[kind](raw)
    return Missing.WRONG_TYPE if found is None else found


def _number(raw: object) -> int | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        return None
    text = str(raw).strip(WHITESPACE)
    if not _NUMBER.fullmatch(text):
        return None
    try:
        micros = int((Decimal(text) * MICRO).to_integral_value(ROUND_HALF_UP))
    except (InvalidOperation, OverflowError):
        return None
    return micros if abs(micros) < NUMBER_LIMIT * MICRO else None


def _text(raw: object) -> str | None:
    match raw:
        case str():
            return clean(raw)
        case bool():
            return "true" if raw else "false"
        case int() | float() | Decimal():
            return str(raw)
        case _:
            return None


def _boolean(raw: object) -> bool | None:
    if isinstance(raw, bool):
        return raw
    return _TRUTH.get(raw.strip(WHITESPACE).lower()) if isinstance(raw, str) else None


def _time(raw: object) -> int | None:
    if isinstance(raw, datetime):
        return to_ms(raw) if raw.tzinfo else None
    if not isinstance(raw, str):
        return None
    try:
        moment = datetime.fromisoformat(raw.strip(WHITESPACE))
    except ValueError:
        return None
    return to_ms(moment) if moment.tzinfo else None


def _date(raw: object) -> date | None:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    text = raw.strip(WHITESPACE) if isinstance(raw, str) else ""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _list(raw: object) -> tuple[str, ...] | None:
    if not isinstance(raw, list | tuple):
        return None
    texts = (_text(item) for item in raw)
    known = tuple(t for t in texts if t is not None and t.strip(WHITESPACE))
    return known or None


def _location(raw: object) -> tuple[float, float] | None:
    if isinstance(raw, str):
        parts: list[object] = [*raw.split(",")]
    elif isinstance(raw, Mapping):
        parts = [raw.get("lat", raw.get("latitude")), raw.get("lon", raw.get("longitude"))]
    else:
        parts = []
    numbers = [_number(part) for part in parts]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    lat, lon = numbers[0] / MICRO, numbers[1] / MICRO
    return (lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


_COERCE = {
    "number": _number,
    "text": _text,
    "boolean": _boolean,
    "time": _time,
    "date": _date,
    "list": _list,
    "location": _location,
}


def guess_type(raw: object) -> ValueType | None:
    """The type a field gets from its first known value; None when the value says nothing."""
    if raw is None or (isinstance(raw, str) and not raw.strip(WHITESPACE)):
        return None
    match raw:
        case bool():
            return "boolean"
        case int() | float() | Decimal():
            return "number"
        case str():
            return "date" if _date(raw) else "time" if _time(raw) is not None else "text"
        case list() | tuple():
            return "list"
        case Mapping() if _location(raw):
            return "location"
        case _:
            return None
