"""What a database can hold: text without halves of surrogate pairs, JSON that is not too deep."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from lettershop.model.values import WHITESPACE, Known, Missing, ValueType, coerce

DEPTH = 32
"""Objects nested deeper are dropped: databases read such JSON slowly or not at all."""

Text = TypeVar("Text", str, None, str | None)


def utf8(text: Text) -> Text:
    """`text` with a ? for each half of a surrogate pair, which no database can store."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


def all_utf8(texts: Sequence[Text]) -> Sequence[Text]:
    """`utf8` of each."""
    plain = all(map(str.isascii, filter(None, texts)))
    return texts if plain else [utf8(text) for text in texts]


def storable(raw: object, kind: ValueType) -> Known | Missing:
    """The known value of `raw`; WRONG_TYPE also when it holds half a surrogate pair."""
    value = coerce(raw, kind)
    match value:
        case str():
            return value if utf8(value) == value else Missing.WRONG_TYPE
        case tuple() if any(isinstance(v, str) and utf8(v) != v for v in value):
            return Missing.WRONG_TYPE
        case _:
            return value


def is_empty(raw: object) -> bool:
    return isinstance(raw, list | tuple) and not raw


def says_nothing(raw: object) -> bool:
    """Null, blank or an empty list: missing, and nothing worth keeping."""
    return raw is None or is_empty(raw) or (isinstance(raw, str) and not raw.strip(WHITESPACE))


def as_json(rest: dict[str, Any]) -> str | None:
    """`rest` as JSON; what cannot be written is left out."""
    try:
        encoded = msgspec.json.encode(_shallow(rest, DEPTH), enc_hook=str)
    except (TypeError, ValueError, RecursionError):
        return None
    return encoded.decode("utf-8", "replace")


def _shallow(raw: Any, depth: int) -> Any:
    if isinstance(raw, str):
        return utf8(raw)
    if not isinstance(raw, Mapping | list | tuple):
        return raw
    if depth == 0:
        return None
    if isinstance(raw, Mapping):
        return {_shallow(str(k), 1): _shallow(v, depth - 1) for k, v in raw.items()}
    return [_shallow(item, depth - 1) for item in raw]
