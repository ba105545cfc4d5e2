"""Values of a letter as JSON and back, exactly: Decimals, dates and zoned times keep their type."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Place = tuple[str | int, ...]
"""Where something stands in values: keys, and numbers in lists."""

_TAGS = frozenset(("$decimal", "$date", "$time", "$object"))


def to_plain(value: Any) -> Any:
    """What JSON can hold. What it has no word for becomes an object with one key like `$date`;
    TypeError for a value no letter may have."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return {"$decimal": str(Decimal(repr(value)))}
        case Decimal():
            return {"$decimal": str(value)}
        case datetime():
            return {"$time": [value.isoformat(), _zone(value)]}
        case date():
            return {"$date": value.isoformat()}
        case Mapping():
            made = {str(key): to_plain(one) for key, one in value.items()}
            return {"$object": made} if _TAGS & made.keys() else made
        case Sequence():
            return [to_plain(one) for one in value]
        case _:
            raise TypeError(f"a letter cannot have a {type(value).__name__}")


def from_plain(value: Any) -> Any:
    """The inverse of `to_plain`. ValueError for a tag that says nothing sensible."""
    match value:
        case {"$decimal": str(text), **rest} if not rest:
            return Decimal(text)
        case {"$date": str(text), **rest} if not rest:
            return date.fromisoformat(text)
        case {"$time": [str(text), str(zone)], **rest} if not rest:
            moment = datetime.fromisoformat(text)
            return moment.astimezone(ZoneInfo(zone)) if zone else moment
        case {"$object": dict(inner), **rest} if not rest:
            return {key: from_plain(one) for key, one in inner.items()}
        case dict():
            return {key: from_plain(one) for key, one in value.items()}
        case list():
            return [from_plain(one) for one in value]
        case _:
            return value


def leaves(value: Any, place: Place = ()) -> list[tuple[Place, Any]]:
    """Everything that is neither object nor list, in order."""
    match value:
        case Mapping():
            return [leaf for key, one in value.items() for leaf in leaves(one, (*place, key))]
        case str():
            return [(place, value)]
        case Sequence():
            return [leaf for n, one in enumerate(value) for leaf in leaves(one, (*place, n))]
        case _:
            return [(place, value)]


def with_leaves(value: Any, change: Callable[[Place, Any], Any], place: Place = ()) -> Any:
    """A copy with every leaf changed."""
    match value:
        case Mapping():
            return {key: with_leaves(one, change, (*place, key)) for key, one in value.items()}
        case str():
            return change(place, value)
        case Sequence():
            return [with_leaves(one, change, (*place, n)) for n, one in enumerate(value)]
        case _:
            return change(place, value)


def place_name(place: Place) -> str:
    """As a letter's `Read.name`: `contact.city`, `deals[].name`."""
    return "".join("[]" if isinstance(key, int) else f".{key}" for key in place)[1:]


def _zone(moment: datetime) -> str:
    """The IANA name; "" for a fixed offset, which the text says itself."""
    zone = moment.tzinfo
    return zone.key if isinstance(zone, ZoneInfo) and not isinstance(zone, timezone) else ""
