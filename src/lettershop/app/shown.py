"""Stored values as answers show them: instants in ISO 8601 UTC, numbers exact."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from lettershop.model.catalog import Fields
from lettershop.model.clock import format_instant
from lettershop.model.facts import Traits
from lettershop.model.values import ValueType


class Value(msgspec.Struct, frozen=True):
    """A known value. Numbers have up to six places; a time is an instant in ISO 8601 UTC, a date
    is YYYY-MM-DD, a list holds texts, a location is `{"lat": …, "lon": …}`."""

    type: ValueType
    value: Any


def typed(traits: Traits, fields: Fields) -> dict[str, Value]:
    """Known values by field name, with their types; missing ones are left out."""
    return {
        name: Value(fields[name].type, shown(value, fields[name].type))
        for name, value in traits.items()
        if value is not None and name in fields
    }


def plain(traits: Traits, fields: Fields) -> dict[str, Any]:
    """Values by field name; None where a write ended a value."""
    return {
        name: shown(value, fields[name].type if name in fields else None)
        for name, value in traits.items()
    }


def shown(value: Any, kind: ValueType | None) -> Any:
    match value:
        case Decimal():
            return exact(value)
        case int() if kind == "time":
            return format_instant(value)
        case date():
            return value.isoformat()
        case _:
            return value


def exact(number: Decimal) -> int | Decimal:
    """The number without zeros at its end, so that 12.500000 is written 12.5 and 7.000000 is 7."""
    whole = int(number)
    return whole if whole == number else number.normalize()


def instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)
