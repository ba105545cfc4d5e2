"""Where things stand in a TOML file, which the standard reader does not tell.

A small scanner over text that `tomllib` has already accepted, so it need not judge: it only follows
headers, keys, strings and brackets. What stands inside inline tables has the place of its key.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

import msgspec

from lettershop.model.errors import Span

Path = tuple[str | int, ...]
"""Keys and positions of table arrays: ("partition", 0, "segment", 2, "where")."""

_ESCAPES = {"b": 1, "t": 1, "n": 1, "f": 1, "r": 1, '"': 1, "\\": 1, "u": 5, "U": 9}


class Place(msgspec.Struct, frozen=True):
    """A key's own stretch and, of a string value, the file offset of each of its characters (and
    one past the last)."""

    start: int
    end: int
    characters: Sequence[int] = ()


class Places:
    """The places in one file."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._found: Mapping[Path, Place] = _Scanner(text).run()

    def key(self, path: Path) -> Span:
        """Where a key or header stands; that of the nearest thing around it when it is inline."""
        for length in range(len(path), 0, -1):
            if place := self._found.get(path[:length]):
                return self.span(place.start, place.end)
        return Span(0, 0, 1, 1)

    def inside(self, path: Path, start: int, end: int) -> Span:
        """The file's stretch for characters start..end of the string value at `path`."""
        place = self._found.get(path)
        if place is None or not place.characters:
            return self.key(path)
        last = len(place.characters) - 1
        begin = place.characters[min(start, last)]
        return self.span(begin, max(begin, place.characters[min(end, last)]))

    def span(self, start: int, end: int) -> Span:
        line = bisect_right(self._starts, start)
        return Span(start, end, line, start - self._starts[line - 1] + 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, Place] = {}
        self.table: Path = ()
        self.counts: dict[Path, int] = {}

    def run(self) -> dict[Path, Place]:
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in " \t\r\n":
                self.at += 1
            elif character == "#":
                self._skip_line()
            elif character == "[":
                self._header()
            else:
                self._pair()
        return self.found

    def _skip_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _header(self) -> None:
        start = self.at
        many = self.text.startswith("[[", start)
        self.at += 2 if many else 1
        names = self._keys("]")
        self.at += 2 if many else 1
        path: Path = ()
        for name in names[:-1]:
            path = (*path, name)
            path = (*path, self.counts[path]) if path in self.counts else path
        path = (*path, names[-1])
        if many:
            self.counts[path] = self.counts.get(path, -1) + 1
            path = (*path, self.counts[path])
        self.table = path
        self.found[path] = Place(start, self.at)

    def _pair(self) -> None:
        start = self.at
        path = (*self.table, *self._keys("="))
        end = self.at
        self.at += 1
        while self.text[self.at] in " \t":
            self.at += 1
        characters = self._string() if self.text[self.at] in "\"'" else ()
        if not characters:
            self._skip_value()
        self.found[path] = Place(start, start + len(self.text[start:end].rstrip()), characters)

    def _keys(self, until: str) -> tuple[str, ...]:
        """Dotted names up to `until`, which is left unread."""
        names, bare = [], ""
        while (character := self.text[self.at]) != until:
            if character in "\"'":
                begin = self.at
                places = self._string()
                quoted = self.text[begin + 1 : self.at - 1]
                bare = quoted if len(places) - 1 == len(quoted) else _unescape(quoted)
                continue
            if character == ".":
                names.append(bare)
                bare = ""
            elif character not in " \t":
                bare += character
            self.at += 1
        return (*names, bare)

    def _skip_value(self) -> None:
        depth = 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in "\"'":
                self._string()
                continue
            if character == "#" or (character == "\n" and depth == 0):
                self._skip_line()
                if depth == 0:
                    return
            depth += (character in "[{") - (character in "]}")
            self.at += 1

    def _string(self) -> list[int]:
        """Read the string at hand: the offset of each of its characters, then that of its end."""
        quote = self.text[self.at]
        fence = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(fence)
        if len(fence) == 3 and self.text.startswith("\n", self.at):
            self.at += 1
        places: list[int] = []
        while not self._closes(fence):
            if quote == '"' and self.text[self.at] == "\\":
                self._escape(places)
            else:
                places.append(self.at)
                self.at += 1
        places.append(self.at)
        self.at += len(fence)
        return places

    def _closes(self, fence: str) -> bool:
        """Of four or five quotes in a row, the last three close."""
        after = self.at + len(fence)
        return self.text.startswith(fence, self.at) and not (
            len(fence) == 3 and self.text.startswith(fence[0], after)
        )

    def _escape(self, places: list[int]) -> None:
        length = _ESCAPES.get(self.text[self.at + 1])
        if length is not None:
            places.append(self.at)
            self.at += 1 + length
            return
        self.at += 1
        while self.text[self.at] in " \t\n":
            self.at += 1


def _unescape(quoted: str) -> str:
    return quoted.encode("latin-1", "backslashreplace").decode("unicode_escape")
