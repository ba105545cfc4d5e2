"""Braze's Liquid, cut: `{{${first_name}}}` ends at its last two braces, not at the first two."""

import re
from collections.abc import Iterator

import msgspec

from lettershop.content.markup.marks import VERBATIM, block_end

OPENING = re.compile(r"\{\{|\{%")
INSIDE = {
    "{{": re.compile(r"\"[^\"]*\"|'[^']*'|\$\{[^{}]*\}|\}\}"),
    "{%": re.compile(r"\"[^\"]*\"|'[^']*'|\$\{[^{}]*\}|\{\{(?:\$\{[^{}]*\}|[^{}])*\}\}|%\}"),
}
_SHAPE = re.compile(r"\{[{%](?P<left>-?)(?P<inner>.*?)(?P<right>-?)[}%]\}", re.S)
_NAME = re.compile(r"\s*(#|\w+)\s*")


class Piece(msgspec.Struct, frozen=True):
    """An output or a tag. `name`: of a tag, "" of an output; `said`: what stands behind the name,
    without the signs that trim blanks; `left`, `right`: these."""

    start: int
    end: int
    name: str
    said: str
    left: str = ""
    right: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """In order; what opens and never ends is left out, and so is what stands within a `raw`,
    `comment` or `doc` block."""
    at, unended = 0, set[str]()
    while found := OPENING.search(text, at):
        start, opening = found.start(), found.group()
        end = -1 if opening in unended else _end(text, start, opening)
        if end < 0:
            unended.add(opening)
            at = start + 2
            continue
        piece = _piece(text, start, end)
        at = end
        if piece.name not in VERBATIM:
            yield piece
        elif piece.name not in unended:
            inside = block_end(text, piece.name, end)
            at = max(end, inside)
            if inside < 0:
                unended.add(piece.name)


def _end(text: str, start: int, opening: str) -> int:
    closing = "}}" if opening == "{{" else "%}"
    found = INSIDE[opening].search(text, start + 2)
    while found and found.group() != closing:
        found = INSIDE[opening].search(text, found.end())
    return found.end() if found else -1


def _piece(text: str, start: int, end: int) -> Piece:
    shape = _SHAPE.fullmatch(text, start, end)
    if shape is None:
        return Piece(start, end, "", text[start + 2 : end - 2])
    inner, name = shape["inner"], ""
    if text[start + 1] == "%":
        found = _NAME.match(inner)
        name = found.group(1) if found else "?"
        inner = inner[found.end() :] if found else inner
    return Piece(start, end, name, inner.strip(), shape["left"], shape["right"])
