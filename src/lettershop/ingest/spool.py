"""A text file rewritten so that one physical line is one record and needs no quotes.

DuckDB's CSV reader is fast but forgiving: in its tolerant mode it drops surplus columns without a
word, in its strict mode one bad quote fails the file. So quoted records are taken apart here, by
the standard reader, strictly, and DuckDB only ever reads plain lines. Line numbers are kept: a
record over three lines becomes one and two empty lines.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from lettershop.ingest.scan import MAX_LINE, blocks
from lettershop.model.errors import InputError

UNIT = "\x1f"
"""Stands between the fields of a rewritten record."""
LINE_END = "\x1e"
"""Stands for a line end inside a field."""
BROKEN = "\x1d"
"""Begins a record whose quotes cannot be understood; the original follows."""

_CONTROLS = str.maketrans({"\x01": " ", UNIT: " ", LINE_END: " ", BROKEN: " "})


class _Stream(io.RawIOBase):
    """Blocks of bytes as a file that can only be read forwards."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._rest = parts, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._rest = self._rest or next(self._parts, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def text_lines(path: Path, encoding: str = "") -> io.TextIOWrapper:
    """The file's text: unpacked, decoded, without byte order mark, line ends all `\\n`."""
    plain = (encoding or "utf-8").lower().replace("_", "-")
    chosen = "utf-8-sig" if plain in ("utf-8", "utf8") else plain
    stream = io.BufferedReader(_Stream(blocks(path)), 1024 * 1024)
    return io.TextIOWrapper(stream, encoding=chosen, newline=None)


def spool_lines(path: Path, encoding: str, target: Path) -> None:
    """Copy as UTF-8 lines, nothing else changed."""
    with (
        text_lines(path, encoding) as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while text := source.read(1024 * 1024):
            out.write(text.translate(_CONTROLS) if _has_controls(text) else text)


def spool_records(path: Path, encoding: str, delimiter: str, target: Path) -> None:
    """Copy with quoted records taken apart. Raises InputError `file.open_quote`."""
    with (
        text_lines(path, encoding) as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        out.writelines(_records(source, delimiter, path))


def _writing(target: Path) -> TextIO:
    return target.open("w", encoding="utf-8", newline="")


def _has_controls(text: str) -> bool:
    return "\x01" in text or UNIT in text or LINE_END in text or BROKEN in text


def _records(lines: Iterable[str], delimiter: str, path: Path) -> Iterator[str]:
    feed = _Feed(lines)
    for line in feed:
        clean = line.translate(_CONTROLS) if _has_controls(line) else line
        if '"' in clean:
            yield _quoted(clean, feed, delimiter, path)
        else:
            yield clean.replace(delimiter, UNIT)


class _Feed:
    """Lines, counted."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines, self.number = iter(lines), 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        return line


def _quoted(first: str, feed: _Feed, delimiter: str, path: Path) -> str:
    taken: list[str] = []
    begin = feed.number

    def more() -> Iterator[str]:
        size = len(first)
        taken.append(first)
        yield first
        for line in feed:
            size += len(line)
            if size > MAX_LINE:
                _open_quote(path, begin)
            taken.append(line.translate(_CONTROLS))
            yield taken[-1]
        _open_quote(path, begin)

    try:
        fields = next(csv.reader(more(), delimiter=delimiter, strict=True))
        record = UNIT.join(field.replace("\n", LINE_END) for field in fields)
    except csv.Error:
        record = BROKEN + "".join(taken).rstrip("\n").replace("\n", LINE_END)
    return record + "\n" * len(taken)


def _open_quote(path: Path, line: int) -> None:
    raise InputError(
        "file.open_quote",
        "a quote is opened here and never closed",
        where=f"{path}:{line}",
        hint='write a quote inside a quoted field twice: ""',
    )
