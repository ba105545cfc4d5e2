"""Text that every database takes: PostgreSQL stores no NUL, none half of a surrogate pair."""

from typing import Any


def storable(text: str, most: int | None = None) -> str:
    """Without what cannot be stored, cut to `most` characters."""
    sound = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return sound if most is None else sound[:most]


def storable_json(value: Any) -> Any:
    """The same for all texts within a JSON value."""
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(str(key)): storable_json(inner) for key, inner in value.items()}
        case list() | tuple():
            return [storable_json(inner) for inner in value]
        case _:
            return value
