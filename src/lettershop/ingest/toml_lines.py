"""On which line of a TOML text a key stands; the standard parser does not say."""

import re
from collections import Counter
from collections.abc import Iterator

Path = tuple[str | int, ...]

_TABLE = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def toml_lines(text: str) -> dict[Path, int]:
    """Path of every table and key → its line, from 1. Entries of an array of tables are counted
    from 0: `("event", 1, "name")`. Approximate inside multi-line strings, which mappings lack."""
    lines: dict[Path, int] = {}
    seen: Counter[Path] = Counter()
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = _table_path(_parts(header[2]), header[1] == "[[", seen)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def nearest_line(lines: dict[Path, int], path: Path) -> int:
    """The line of the path, or of the closest thing around it; 1 when nothing is known."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


def _table_path(parts: tuple[str, ...], is_array: bool, seen: Counter[Path]) -> Path:
    path = tuple(_numbered(parts[:-1], seen))
    last: Path = (*path, parts[-1])
    if is_array:
        seen[last] += 1
        return (*last, seen[last] - 1)
    return last


def _numbered(parts: tuple[str, ...], seen: Counter[Path]) -> Iterator[str | int]:
    path: Path = ()
    for part in parts:
        path = (*path, part)
        yield part
        if seen[path]:
            yield seen[path] - 1
            path = (*path, seen[path] - 1)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
