"""Plain nested values: put together, looked up, and cleaned of everything that is missing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from lettershop.model.values import MICRO

Tree = dict[str, Any]
Keys = tuple[str, ...]

MISSING: Final[Any] = None
"""What stands for a missing value while values are made; it never gets into a tree."""
EACH: Final = "*"


def put(tree: Tree, keys: Keys, value: Any) -> None:
    """Set a value below; objects are made on the way, and take the place of what is none."""
    for key in keys[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            below = tree[key] = {}
        tree = below
    tree[keys[-1]] = value


def rows_as_trees(keys: Sequence[Keys], columns: Sequence[Sequence[Any]], rows: int) -> list[Tree]:
    """Columns, one per key, as an object per row, without what is missing."""
    if not columns:
        return [{} for _ in range(rows)]
    cells = zip(*columns, strict=True)
    if all(len(key) == 1 for key in keys):
        names = [key[0] for key in keys]
        if not any(None in column for column in columns):
            return [dict(zip(names, row, strict=True)) for row in cells]
        return [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in cells
        ]
    return [_nested(keys, row) for row in cells]


def _nested(keys: Sequence[Keys], row: Sequence[Any]) -> Tree:
    tree: Tree = {}
    for key, value in zip(keys, row, strict=True):
        if value is not None:
            put(tree, key, value)
    return tree


def get(tree: Mapping[str, Any], keys: Keys) -> Any:
    """The value below, or MISSING."""
    found: Any = tree
    for key in keys:
        if not isinstance(found, Mapping):
            return MISSING
        found = found.get(key)
    return found


def every(value: Any, keys: Keys) -> Iterable[Any]:
    """The values at a path in which "*" stands for the elements of a list; MISSING for each
    element that has none."""
    if not keys:
        yield value
    elif keys[0] == EACH:
        for element in value if isinstance(value, list) else ():
            yield from every(element, keys[1:])
    else:
        yield from every(value.get(keys[0]) if isinstance(value, Mapping) else MISSING, keys[1:])


def whole(micros: int) -> int | Decimal:
    """A number of micro-units as letters show it."""
    quotient, rest = divmod(micros, MICRO)
    return Decimal(micros).scaleb(-6).normalize() if rest else quotient


def tidy(value: Any) -> Any:
    """The value without what is missing in it: numbers are int or Decimal, blank texts, empty lists
    and empty objects are MISSING."""
    match value:
        case None | bool() | int() | date():
            return value
        case str():
            return value if value.strip() else MISSING
        case float():
            return _number(Decimal(repr(value))) if isfinite(value) else MISSING
        case Decimal():
            return _number(value) if value.is_finite() else MISSING
        case Mapping():
            known = ((str(key), tidy(part)) for key, part in value.items())
            return {key: part for key, part in known if part is not MISSING} or MISSING
        case Sequence():
            found = [tidy(part) for part in value]
            return [part for part in found if part is not MISSING] or MISSING
        case _:
            return tidy(value.item()) if hasattr(value, "item") else str(value)


def _number(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value.normalize()
