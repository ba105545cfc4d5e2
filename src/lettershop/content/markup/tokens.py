"""Markup with marks, cut into tags, text and comments. Places are offsets in the marked text.

Forgiving like a browser, but one: a tag or comment that never ends stops the reading, for
everything behind it would be guessed.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec


class Attribute(msgspec.Struct, frozen=True):
    """`value` is as written, entities and all; "" where there is none. `start`: of its name;
    `value_start`: of the value."""

    name: str
    value: str
    start: int = 0
    value_start: int = 0


class Start(msgspec.Struct, frozen=True):
    """`<name …>`; `empty`: written `<name … />`. Names in small letters."""

    name: str
    attributes: tuple[Attribute, ...]
    start: int
    end: int
    empty: bool = False

    def get(self, name: str) -> str:
        """The value of an attribute, "" without it."""
        return next((a.value for a in self.attributes if a.name == name), "")


class End(msgspec.Struct, frozen=True):
    name: str
    start: int
    end: int


class Text(msgspec.Struct, frozen=True):
    """`raw`: of a `<style>`, `<script>` or `<title>`: no tags in it."""

    text: str
    start: int
    end: int
    raw: bool = False


class Comment(msgspec.Struct, frozen=True):
    """`<!-- … -->`: `text` is what is between; conditional ones of Outlook too."""

    text: str
    start: int
    end: int


class Declaration(msgspec.Struct, frozen=True):
    """`<!doctype …>`, `<?xml …?>`, and `<![if …]>`, `<![endif]>`: `text` is the whole."""

    text: str
    start: int
    end: int


class Unended(msgspec.Struct, frozen=True):
    """Something opened and never ended: the last token."""

    text: str
    start: int
    end: int


Token: TypeAlias = Start | End | Text | Comment | Declaration | Unended

COMMENT = re.compile(r"<!--(.*?)-->", re.S)
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
DECLARATION = re.compile(r"<[!?][^>]*>")
TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s/>\"'<]*)((?:[^\"'>]|\"[^\"]*\"|'[^']*')*+)>",
)
LIKE_A_TAG = re.compile(r"<(?:/?[a-zA-Z]|[!?])")
ATTRIBUTE = re.compile(r"([^\s=/>\"']+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
RAW_TEXT = ("style", "script", "title", "textarea", "xmp")


def tokens(text: str, raw: tuple[str, ...] = RAW_TEXT) -> Iterator[Token]:
    """`raw`: the elements whose inside is text whatever it looks like."""
    at = 0
    while found := LIKE_A_TAG.search(text, at):
        start = found.start()
        if start > at:
            yield Text(text[at:start], at, start)
        token = token_at(text, start)
        yield token
        at = token.end
        if isinstance(token, Unended):
            return
        if isinstance(token, Start) and token.name in raw and not token.empty:
            end = raw_end(text, token.name, at)
            if end > at:
                yield Text(text[at:end], at, end, raw=True)
            at = end
    if at < len(text):
        yield Text(text[at:], at, len(text))


def token_at(text: str, start: int) -> Token:
    if text.startswith("<!--", start):
        found = COMMENT.match(text, start)
        if found:
            return Comment(found.group(1), start, found.end())
    elif found := CDATA.match(text, start):
        return Text(found.group(1).replace("<", "&lt;"), start, found.end())
    elif found := DECLARATION.match(text, start):
        return Declaration(found.group(), start, found.end())
    elif found := TAG.match(text, start):
        return tag(found)
    return Unended(text[start:], start, len(text))


def tag(found: re.Match[str]) -> Start | End:
    closing, name, rest = found.groups()
    if closing:
        return End(name.lower(), found.start(), found.end())
    attributes = tuple(attribute(a, found.start(3)) for a in ATTRIBUTE.finditer(rest))
    empty = rest.rstrip().endswith("/")
    return Start(name.lower(), attributes, found.start(), found.end(), empty)


def attribute(found: re.Match[str], at: int) -> Attribute:
    number = found.lastindex or 1
    value = found.group(number) if number > 1 else ""
    return Attribute(found.group(1).lower(), value, at + found.start(), at + found.start(number))


def raw_end(text: str, name: str, start: int) -> int:
    found = re.compile(rf"</{name}\s*>", re.I).search(text, start)
    return found.start() if found else len(text)
