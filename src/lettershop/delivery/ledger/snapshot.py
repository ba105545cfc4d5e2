"""What a letter read of its recipient, kept for ever in few bytes: `freeze` and `thaw`.

Exact: a Decimal keeps its digits, a time its zone. Built of MessagePack with our own extension
types; longer ones are compressed.
"""

import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.msgpack import Ext

PLAIN: Final = b"\x01"
PACKED: Final = b"\x02"
"""The first byte: the form that follows, as it is or by zlib."""
WORTH_IT: Final = 300
"""Bytes below which compressing gains less than it costs."""
DEEPEST: Final = 64
_DECIMAL, _DATE, _TIME, _BIG = 1, 2, 3, 4
_LARGEST: Final = 2**63


def freeze(values: Mapping[str, Any]) -> bytes:
    """TypeError for anything but text, int, float, Decimal, bool, None, date, aware datetime, lists
    and mappings by text; ValueError for text that is no Unicode, times without a zone and nesting
    deeper than 64."""
    body = _ENCODER.encode(_told(values, DEEPEST))
    if len(body) < WORTH_IT:
        return PLAIN + body
    return PACKED + zlib.compress(body, 6)


def thaw(frozen: bytes) -> dict[str, Any]:
    """What was frozen; b"" is nothing. ValueError for bytes that `freeze` never made."""
    if not frozen:
        return {}
    form, body = frozen[:1], frozen[1:]
    try:
        if form == PACKED:
            body = zlib.decompress(body)
        elif form != PLAIN:
            raise ValueError("not a snapshot")
        return _DECODER.decode(body)
    except (zlib.error, msgspec.DecodeError) as error:
        raise ValueError(f"not a snapshot: {error}") from None


def _told(value: Any, depth: int) -> Any:
    """In terms of MessagePack; `depth`: how many levels may follow."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if depth == 0:
        raise ValueError("nested too deeply")
    if kind is int:
        return value if -_LARGEST <= value < _LARGEST else Ext(_BIG, str(value).encode())
    if kind is Decimal:
        return Ext(_DECIMAL, str(value).encode())
    if kind is datetime:
        return Ext(_TIME, _time(value).encode())
    if kind is date:
        return Ext(_DATE, value.isoformat().encode())
    if kind is dict or isinstance(value, Mapping):
        return {_name(name): _told(each, depth - 1) for name, each in value.items()}
    if kind in (list, tuple):
        return [_told(each, depth - 1) for each in value]
    raise TypeError(f"a snapshot cannot hold {kind.__name__}")


def _name(name: object) -> str:
    if type(name) is not str:
        raise TypeError("the names in a snapshot are text")
    return name


def _time(moment: datetime) -> str:
    """The wall clock, which of two equal hours, and the zone by name or by seconds from UTC."""
    zone, wall = moment.tzinfo, moment.replace(tzinfo=None).isoformat()
    if isinstance(zone, ZoneInfo) and zone.key:
        return f"{wall}|{moment.fold}|{zone.key}"
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a time without a zone")
    return f"{wall}|{moment.fold}|{offset // timedelta(microseconds=1)}"


def _time_of(said: str) -> datetime:
    wall, fold, zone = said.split("|", 2)
    return datetime.fromisoformat(wall).replace(fold=int(fold), tzinfo=_zone(zone))


@lru_cache(256)
def _zone(said: str) -> ZoneInfo | timezone:
    if said == "0":
        return UTC
    if said.lstrip("-").isdigit():
        return timezone(timedelta(microseconds=int(said)))
    return ZoneInfo(said)


def _extension(code: int, data: memoryview) -> Any:
    said = bytes(data).decode("ascii")
    if code not in _READ:
        raise ValueError("not a snapshot: of a later version")
    return _READ[code](said)


_AS_IT_IS: Final = frozenset({str, bool, float, type(None)})
_READ: Final[Mapping[int, Callable[[str], Any]]] = {
    _DECIMAL: Decimal,
    _DATE: date.fromisoformat,
    _TIME: _time_of,
    _BIG: int,
}
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(dict[str, Any], ext_hook=_extension)
