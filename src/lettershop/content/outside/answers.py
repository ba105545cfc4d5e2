"""An answer, read as its schema says: nothing more, nothing of another type, or nothing at all."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, assert_never, cast, get_args

Kind = Literal["text", "number", "boolean", "time", "list"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
OPTIONAL: Final = "?"
"""After a kind: the answer may leave it out (`note = "text?"`)."""
MOST_TEXT: Final = 10_000
MOST_LIST: Final = 100
GREATEST: Final = Decimal(10) ** 15


class Wrong(Exception):
    """The answer is not what was agreed; the message says where."""


def read(body: bytes, schema: Mapping[str, str]) -> dict[str, Any]:
    """Values by path, nested; optional ones that are not there are absent. Raises Wrong."""
    try:
        said = json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, ArithmeticError):
        raise Wrong("it is not JSON") from None
    if not isinstance(said, dict):
        raise Wrong("it is not a JSON object")
    found: dict[str, Any] = {}
    for path, kind in schema.items():
        value = _find(said, path)
        if value is None:
            if kind.endswith(OPTIONAL):
                continue
            raise Wrong(f"“{path}” is missing")
        put(found, path, _typed(value, cast(Kind, kind.removesuffix(OPTIONAL)), path))
    return found


def put(tree: dict[str, Any], path: str, value: object) -> None:
    """Set `days.temperature` in nested mappings."""
    *above, last = path.split(".")
    for name in above:
        tree = tree.setdefault(name, {})
    tree[last] = value


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values by path, nested."""
    found: dict[str, Any] = {}
    for path, value in values.items():
        put(found, path, value)
    return found


def _find(said: Any, path: str) -> Any:
    for name in path.split("."):
        said = said.get(name) if isinstance(said, dict) else None
    return None if isinstance(said, str) and not said.strip() else said


def _typed(value: Any, kind: Kind, path: str) -> Any:
    match kind:
        case "text":
            if isinstance(value, str) and len(value) <= MOST_TEXT:
                return value
        case "number":
            if (number := _number(value)) is not None:
                return number
        case "boolean":
            if isinstance(value, bool):
                return value
        case "time":
            if isinstance(value, str) and (moment := _time(value)) is not None:
                return moment
        case "list":
            if isinstance(value, list) and len(value) <= MOST_LIST:
                return [_element(one, path) for one in value]
        case _:
            assert_never(kind)
    raise Wrong(f"“{path}” is no {kind}")


def _number(value: Any) -> int | Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    if abs(number) >= GREATEST:
        return None
    return int(number) if number == number.to_integral_value() else number.normalize()


def _time(text: str) -> datetime | date | None:
    """A moment with a zone, or a day."""
    try:
        if len(text) == len("2026-01-01"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _element(value: Any, path: str) -> Any:
    """A scalar, or an object of scalars; what it lacks is absent."""
    if isinstance(value, dict):
        fields = {str(name): _scalar(one, path) for name, one in value.items() if one is not None}
        return {name: one for name, one in fields.items() if one != ""}
    return _scalar(value, path)


def _scalar(value: Any, path: str) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= MOST_TEXT:
        return value.strip() and value
    if (number := _number(value)) is not None:
        return number
    raise Wrong(f"an element of “{path}” is neither a plain value nor an object of such")


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
