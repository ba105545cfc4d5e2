"""Cells of a catalog's file: what they say, or why they cannot be used."""

import math
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from babel.numbers import is_currency

from lettershop.content.catalog.definition import FieldType
from lettershop.content.catalog.item import Price
from lettershop.model.clock import format_instant, to_ms
from lettershop.model.values import WHITESPACE, clean

LONGEST_URL: Final = 2_000
LONGEST_PRICE: Final = 40
MOST_STOCK: Final = 10**12
FIRST_YEAR: Final = 1900
FOREVER: Final = 9999
"""How systems write that something does not end."""
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,12})?", re.ASCII)
_PRICE = re.compile(r"(?P<before>[A-Z]{3})?\s*(?P<amount>[^A-Z]*?)\s*(?P<after>[A-Z]{3})?")
_USUAL_URL = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?(?:/[\w\-./~%?=&+,;@:#!]{0,1500})?", re.ASCII
)
"""Nearly all, so that few are taken apart."""
_BAD_IN_URL = re.compile(r"[\s<>\"\x00-\x1f\x7f]")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Refused(Exception):
    """Why a row is refused: a stable code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def shown(raw: object) -> str:
    """A cell in a message."""
    text = str(raw)
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


def text_of(raw: object, name: str) -> str:
    """The text of a cell, NFC and trimmed; "" for a blank one."""
    if isinstance(raw, str):
        return raw.strip() if raw.isascii() else clean(raw).strip(WHITESPACE)
    match raw:
        case None:
            return ""
        case bool():
            return "true" if raw else "false"
        case int() | Decimal():
            return str(_bounded(raw, name))
        case float():
            return repr(raw)
        case date():
            return raw.isoformat()
    raise Refused("item.field", f"“{name}” is not a text")


def _bounded(raw: int | Decimal, name: str) -> int | Decimal:
    """Digits are written out to compare and to show: not a million of them."""
    small = raw.bit_length() <= 100 if isinstance(raw, int) else _is_small(raw)
    if not small:
        raise Refused("item.field", f"“{name}” is too large or too fine a number")
    return raw


def _is_small(raw: Decimal) -> bool:
    return raw.is_finite() and -30 <= raw.adjusted() <= 30 and len(raw.as_tuple().digits) <= 40


def number_of(raw: object, name: str, decimal: str = ".") -> int | Decimal | None:
    """An exact number; None for a blank cell."""
    if isinstance(raw, bool):
        raise Refused("item.field", f"“{name}” is not a number: {shown(raw)}")
    text = text_of(raw, name)
    plain = text.replace(decimal, ".") if decimal != "." and isinstance(raw, str) else text
    if not text:
        return None
    if not _NUMBER.fullmatch(plain) or (decimal != "." and isinstance(raw, str) and "." in text):
        raise Refused("item.field", f"“{name}” is not a number: {shown(raw)}")
    number = Decimal(plain)
    return int(number) if number == number.to_integral_value() else number


def price_of(raw: object, currency: str, name: str, decimal: str = ".") -> Price | None:
    """`12.50`, `12.50 EUR` or `EUR 12.50`; None for a blank cell. What the cell says of the
    currency goes before `currency`."""
    said = raw if isinstance(raw, str) else text_of(raw, name)
    trimmed = said.strip(WHITESPACE)
    found = _PRICE.fullmatch(trimmed) if len(trimmed) <= LONGEST_PRICE else None
    cell = found["amount"] if found else said
    try:
        amount = number_of(cell, name, decimal if isinstance(raw, str) else ".")
    except Refused:
        raise Refused("item.price", f"“{name}” is not a price: {shown(raw)}") from None
    if amount is None:
        return None
    if amount < 0:
        raise Refused("item.price", f"“{name}” is below zero: {shown(raw)}")
    code = (found and (found["before"] or found["after"])) or currency.strip(WHITESPACE).upper()
    if not code:
        raise Refused("item.currency", f"“{name}” has no currency")
    if not known_currency(code):
        raise Refused("item.currency", f"{shown(code)} is not a currency of ISO 4217")
    return Price(Decimal(cell.replace(decimal, ".")) if isinstance(raw, str) else Decimal(amount),
                 code)  # fmt: skip


@cache
def known_currency(code: str) -> bool:
    return len(code) == 3 and is_currency(code)


def stock_of(raw: object, decimal: str = ".") -> int | None:
    try:
        number = number_of(raw, "stock", decimal)
    except Refused:
        raise Refused("item.stock", f"the stock is not a number: {shown(raw)}") from None
    if number is None:
        return None
    if not isinstance(number, int) or not 0 <= number < MOST_STOCK:
        raise Refused("item.stock", f"the stock is not a whole number from 0 on: {shown(raw)}")
    return number


def address_of(raw: object, name: str) -> str:
    """An absolute address of the web."""
    text = text_of(raw, name)
    if not text or _USUAL_URL.fullmatch(text):
        return text
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("https", "http") and bool(parts.hostname)
        good = good and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or _BAD_IN_URL.search(text) or len(text) > LONGEST_URL:
        raise Refused("item.url", f"“{name}” is not an absolute http(s) address: {shown(raw)}")
    return text


def tags_of(raw: object, separators: str, name: str = "tags") -> tuple[str, ...]:
    """The tags of a list or of a text, each once, in their order."""
    if isinstance(raw, list | tuple):
        parts: Iterable[str] = (text_of(part, name) for part in raw)
    else:
        text = text_of(raw, name)
        for separator in separators:
            text = text.replace(separator, "\n")
        parts = (part.strip(WHITESPACE) for part in text.split("\n"))
    return tuple(dict.fromkeys(part for part in parts if part))


def instant_of(raw: object, zone: tzinfo, name: str, *, end: bool = False) -> int | None:
    """An instant; without a zone of its own in `zone`. A day counts from its midnight; as the end
    of something it is still included, and one of the year 9999 means that there is none."""
    moment = _moment(raw, name)
    if moment is None or (end and moment.year == FOREVER):
        return None
    if not FIRST_YEAR <= moment.year < FOREVER:
        raise Refused("item.time", f"“{name}” is too far away: {shown(raw)}")
    if isinstance(moment, datetime):
        return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    day = moment + timedelta(days=1) if end else moment
    return to_ms(datetime.combine(day, time(), zone)) - int(end)


def _moment(raw: object, name: str) -> date | None:
    if isinstance(raw, date):
        return raw
    text = text_of(raw, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        hint = "written as 2026-01-31 or 2026-01-31T10:00Z"
        raise Refused("item.time", f"“{name}” is not a time {hint}: {shown(raw)}") from None


def field_of(
    raw: Any, kind: FieldType | None, name: str, zone: tzinfo, decimal: str, separators: str
) -> Any:
    """A custom field as JSON; None for a blank one. Without a type it stays what it is."""
    match kind:
        case "number":
            return number_of(raw, name, decimal)
        case "boolean":
            return _boolean(raw, name)
        case "list":
            return [*tags_of(raw, separators, name)] or None
        case "date":
            day = _moment(raw, name)
            return None if day is None else day.isoformat()[:10]
        case "time":
            instant = instant_of(raw, zone, name)
            return None if instant is None else format_instant(instant)
        case "text":
            return text_of(raw, name) or None
        case None:
            return _plain(raw, name)


def _boolean(raw: object, name: str) -> bool | None:
    if isinstance(raw, bool):
        return raw
    text = text_of(raw, name).lower()
    if text and text not in _TRUTH:
        raise Refused("item.field", f"“{name}” is neither true nor false: {shown(raw)}")
    return _TRUTH.get(text)


def _plain(raw: Any, name: str, depth: int = 0) -> Any:
    """JSON without what is missing."""
    match raw:
        case list() | tuple():
            found = (_plain(part, name, depth + 1) for part in raw)
            kept: Any = [part for part in found if part is not None]
        case dict():
            pairs = ((str(k), _plain(v, name, depth + 1)) for k, v in raw.items())
            kept = {key: value for key, value in pairs if value is not None}
        case bool():
            return raw
        case int() | Decimal():
            return _bounded(raw, name)
        case float():
            return _bounded(Decimal(repr(raw)), name) if math.isfinite(raw) else None
        case _:
            kept = text_of(raw, name)
    if depth > 5:
        raise Refused("item.field", f"“{name}” is nested too deeply")
    return kept or None
