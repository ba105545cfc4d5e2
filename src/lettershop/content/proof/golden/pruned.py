"""Of somebody's values only what the letter reads: the rest has no business in a file."""

from collections.abc import Iterable, Mapping
from typing import Any

from lettershop.content.letter import Path, Read, Values


def pruned(values: Values, reads: Iterable[Read]) -> dict[str, Any]:
    paths = [read.path for read in reads]
    return {key: _pruned(values[key], _below(paths, key)) for key in _keys(values, paths)}


def _pruned(value: Any, paths: list[Path]) -> Any:
    """Without a path further down it is read whole."""
    if not any(paths):
        return value
    match value:
        case Mapping():
            return {key: _pruned(value[key], _below(paths, key)) for key in _keys(value, paths)}
        case list() | tuple():
            inner = [path[1:] for path in paths if path]
            return [_pruned(one, inner) for one in value]
        case _:
            return value


def _keys(value: Mapping[str, Any], paths: Iterable[Path]) -> list[str]:
    """Keys that are read, in their order; `deals.size` and the like are of no key."""
    wanted = {path[0] for path in paths if path}
    return [key for key in value if key in wanted]


def _below(paths: Iterable[Path], key: str) -> list[Path]:
    return [path[1:] for path in paths if path and path[0] == key]
