"""Liquid out of the markup's way: each piece is replaced by a mark, a short word of letters and
digits, that XML, HTML and CSS parsers carry along as they carry any word.

A piece is an output, a tag, or a whole `raw`, `comment` or `doc` block, whose inside is not Liquid.
Nothing here decides what is right Liquid: that is the compiler's (liquid/) to say.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from html import unescape
from itertools import count
from typing import Literal

import msgspec

Kind = Literal["output", "tag", "verbatim", "markup"]


class Mark(msgspec.Struct, frozen=True):
    """What stood there. `start`: its offset in the body, -1 of what we put there ourselves.

    verbatim: a raw, comment or doc block; markup: no Liquid at all, but something that parsers
    would spoil. `name`: of a tag.
    """

    text: str
    start: int
    kind: Kind
    name: str = ""


OPENING = re.compile(r"\{\{|\{%")
TAG_NAME = re.compile(r"\{%-?\s*(#|\w+)")
VERBATIM = ("raw", "comment", "doc")
ENTITY = re.compile(r"&(?:[a-zA-Z]+|#\d+|#[xX][0-9a-fA-F]+);")
STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
CLOSING = {"{{": re.compile(r"[\"']|\}\}"), "{%": re.compile(r"[\"']|%\}")}
BOUNDARY = {
    name: re.compile(rf"\{{%-?\s*(?P<end>end)?{name}\b[^%]*%\}}")
    for name in ("raw", "doc", "comment")
}


def piece_end(text: str, start: int) -> int:
    """Where the output or tag that opens at `start` ends, -1 if it does not. A `}}` or `%}` within
    a string does not end it, unless the string never ends."""
    closing = CLOSING[text[start : start + 2]]
    comment = text[start : start + 2] == "{%" and tag_name(text, start) == "#"
    at = start + 2
    while found := closing.search(text, at):
        if len(found.group()) == 2:
            return found.end()
        string = None if comment else STRING.match(text, found.start())
        at = string.end() if string else found.end()
    return -1


def tag_name(text: str, start: int) -> str:
    found = TAG_NAME.match(text, start)
    return found.group(1) if found else ""


def block_end(text: str, name: str, start: int) -> int:
    """Where the `raw`, `doc` or `comment` block ends whose inside begins at `start`; -1 if it does
    not. Comments may hold comments."""
    depth = 1
    for found in BOUNDARY[name].finditer(text, start):
        if found.group("end"):
            depth -= 1
        elif name == "comment":
            depth += 1
        if not depth:
            return found.end()
    return -1


def pieces(text: str) -> Iterator[Mark]:
    """The Liquid of a text, in order. What opens and never ends is left out."""
    at, unended = 0, set[str]()
    while found := OPENING.search(text, at):
        start, opening = found.start(), found.group()
        end = -1 if opening in unended else piece_end(text, start)
        if end < 0:
            unended.add(opening)
            at = start + 2
            continue
        name = tag_name(text, start) if opening == "{%" else ""
        whole = block_end(text, name, end) if name in VERBATIM and name not in unended else -1
        if name in VERBATIM and whole < 0:
            unended.add(name)
        at = max(end, whole)
        kind: Kind = "output" if opening == "{{" else "verbatim" if whole > 0 else "tag"
        yield Mark(text[start:at], start, kind, name)


def decoded(piece: str) -> str:
    """Liquid as it was meant where an editor wrote `&gt;` or `&quot;`; strings stay as they are."""
    if "&" not in piece:
        return piece
    parts, at = [], 0
    for string in STRING.finditer(piece):
        parts += [ENTITY.sub(meant, piece[at : string.start()]), string.group()]
        at = string.end()
    return "".join([*parts, ENTITY.sub(meant, piece[at:])])


def meant(entity: re.Match[str]) -> str:
    return unescape(entity.group()).replace("\xa0", " ")


class Marks:
    """A body with its Liquid taken out: `text`, and what each mark stands for. `paired`: names of
    the tags that have an end, `aside_name`: the attribute that holds the number of a `style` that
    was put aside (`values`)."""

    def __init__(self, body: str) -> None:
        candidates = (f"zq{n or ''}m" for n in count())
        self.word = next(word for word in candidates if word not in body.lower())
        self.pattern = re.compile(rf"{self.word}(\d+)z")
        self.aside_name = f"data-{self.word}style"
        self.known: list[Mark] = []
        self.values: list[str] = []
        self.starts, self.shifts = [0], [0]
        self.text = self._protect(body)
        names = {mark.name for mark in self.known if mark.kind == "tag"}
        self.paired = frozenset(name for name in names if f"end{name}" in names)

    def _protect(self, body: str) -> str:
        parts, at, length = [], 0, 0
        for mark in pieces(body):
            text = mark.text if mark.kind == "verbatim" else decoded(mark.text)
            word = self.add(msgspec.structs.replace(mark, text=text))
            parts += [body[at : mark.start], word]
            length += mark.start - at + len(word)
            at = mark.start + len(mark.text)
            self.starts.append(length)
            self.shifts.append(at - length)
        return "".join([*parts, body[at:]])

    def add(self, mark: Mark) -> str:
        """The word that stands for the mark from now on."""
        self.known.append(mark)
        return f"{self.word}{len(self.known) - 1}z"

    def put_aside(self, value: str) -> str:
        """The number under which a marked `style` is kept until the styles are merged."""
        self.values.append(value)
        return str(len(self.values) - 1)

    def original(self, offset: int) -> int:
        """The offset in the body of an offset in `text`."""
        found = self.pattern.search(self.text, max(0, offset - 20))
        if found and found.start() < offset < found.end():
            offset = found.start()
        return offset + self.shifts[bisect_right(self.starts, offset) - 1]

    def of(self, text: str) -> list[Mark]:
        """The marks in a stretch of marked text, in order."""
        return [self.known[int(number)] for number in self.pattern.findall(text)]

    def shown(self, text: str, most: int = 40) -> str:
        """Marked text as it was written, short enough for a sentence."""
        text = " ".join(self.restore(text)[0].split())
        return text if len(text) <= most else f"{text[: most - 1]}…"

    def control(self, text: str) -> bool:
        """Whether there are tags in it, not outputs alone."""
        return any(mark.kind == "tag" for mark in self.of(text))

    def outside(self, text: str, change: Callable[[str], str]) -> str:
        """Text whose stretches between the marks went through `change`."""
        parts = self.pattern.split(text)
        for place in range(0, len(parts), 2):
            parts[place] = change(parts[place])
        for place in range(1, len(parts), 2):
            parts[place] = f"{self.word}{parts[place]}z"
        return "".join(parts)

    def restore(self, text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
        """Text with every mark replaced by what it stands for, and the places of Liquid: (offset
        in it, offset in the body)."""
        parts: list[str] = []
        places: list[tuple[int, int]] = []
        at = length = 0
        for found in self.pattern.finditer(text):
            mark = self.known[int(found.group(1))]
            between = text[at : found.start()]
            parts += [between, mark.text]
            length += len(between)
            if mark.kind != "markup":
                places.append((length, mark.start))
            length += len(mark.text)
            at = found.end()
        parts.append(text[at:])
        return "".join(parts), tuple(places)
