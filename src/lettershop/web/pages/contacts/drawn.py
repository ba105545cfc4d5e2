"""Values of traits, events and records as a page shows them. Nothing here is HTML."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import gettext as _

from lettershop.model.clock import parse_instant
from lettershop.model.errors import LettershopError
from lettershop.model.values import ValueType
from lettershop.web.pages.words import locale, moment

LONG: Final = 400
"""Characters of a text that are shown."""
_WEB: Final = ("http://", "https://")


class Drawn(msgspec.Struct, frozen=True):
    """`url`: where a text leads that is a web address; "" for none."""

    text: str
    url: str = ""


class Pair(msgspec.Struct, frozen=True):
    name: str
    value: Drawn


NOTHING: Final = Drawn("–")


def drawn(value: Any, kind: ValueType | None = None) -> Drawn:
    """As answers show it (app/shown.py); `kind` where it is known."""
    match value:
        case None:
            return NOTHING
        case bool():
            return Drawn(_("yes") if value else _("no"))
        case int() | float() | Decimal():
            return Drawn(format_decimal(value, locale=locale(), decimal_quantization=False))
        case str() if kind == "time":
            return Drawn(_moment(value))
        case str() if kind == "date":
            return Drawn(_day(value))
        case date() if not isinstance(value, datetime):
            return Drawn(_day(value.isoformat()))
        case str():
            return _text(value)
        case list() | tuple():
            return Drawn(", ".join(drawn(one).text for one in value)[:LONG] or "–")
        case {"lat": lat, "lon": lon}:
            return Drawn(f"{lat}, {lon}")
        case _:
            return Drawn(msgspec.json.encode(value, enc_hook=str).decode()[:LONG])


def pairs(values: dict[str, Any]) -> tuple[Pair, ...]:
    return tuple(Pair(name, drawn(value)) for name, value in values.items())


def _text(value: str) -> Drawn:
    shown = value if len(value) <= LONG else value[:LONG] + "…"
    plain = value.strip()
    is_web = plain.lower().startswith(_WEB) and len(plain) <= LONG and plain.isprintable()
    return Drawn(shown, plain if is_web and " " not in plain else "")


def _moment(value: str) -> str:
    try:
        return moment(parse_instant(value))
    except (LettershopError, OverflowError):
        return value


def _day(value: str) -> str:
    """The same in every zone."""
    try:
        how = "d. MMM y" if locale().language == "de" else "d MMM y"
        return format_date(date.fromisoformat(value), how, locale=locale())
    except ValueError:
        return value
