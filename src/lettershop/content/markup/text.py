"""The text part, from the finished HTML: what a reader would read aloud, with the Liquid in it.

Here HTML becomes events: words, breaks, tags; text_lines.py makes lines of them. Left out is what
nobody sees: the head, hidden elements, comments for Outlook.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape

import msgspec

from lettershop.content.markup.marks import Mark, Marks
from lettershop.content.markup.tags import BLOCKS, CELLS, ROW_GROUPS, VOID
from lettershop.content.markup.text_lines import Break, Cell, Event, Lines, Tag, Words
from lettershop.content.markup.tokens import Comment, End, Start, Text, Token, tokens

UNSEEN = ("head", "style", "script", "title", "template", "svg", "select", "textarea")
HIDDEN = re.compile(r"display\s*:\s*none", re.I)
INVISIBLE = re.compile("[\xad\u034f\u200b\u200c\ufeff]")
PARAGRAPHS = (
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "pre",
)
OPENING = re.compile(r"\{[{%]")
BESIDE = ("mailto:", "tel:")
PRINTING = ("cycle", "increment", "decrement", "echo")
"""Liquid tags that are read as words."""
RULE = "---"


def text_of(html: str, marks: Marks) -> str:
    """Finished HTML with marks -> text with marks."""
    found = list(tokens(html))
    return Lines(marks).write(list(Reading(found, marks).events()))


class List(msgspec.Struct):
    """An open list. `number`: of its next entry, 0 where they have none."""

    number: int


class Link(msgspec.Struct):
    href: str
    said: str = ""


class Reading:
    """`skipped`: the names of open elements from the unseen one inwards."""

    def __init__(self, found: Sequence[Token], marks: Marks) -> None:
        self.tokens, self.marks = found, marks
        self.skipped: list[str] = []
        self.lists: list[List] = []
        self.tables: list[bool] = []
        self.links: list[Link] = []
        self.shown = set[str]()
        for token in found:
            if not isinstance(token, Comment):
                self.shown |= {word.group() for word in marks.pattern.finditer(source(token))}

    def events(self) -> Iterator[Event]:
        for number, token in enumerate(self.tokens):
            match token:
                case Text() if self.skipped:
                    yield from self.beneath(token)
                case Text():
                    yield from self.text(token.text)
                case Comment():
                    yield from self.comment(token.text)
                case Start() if self.skipped or self.unseen(token):
                    if token.name not in VOID:
                        self.skipped.append(token.name)
                case Start():
                    yield from self.start(token, number)
                case End() if self.skipped:
                    if token.name == self.skipped[-1]:
                        self.skipped.pop()
                case End():
                    yield from self.end(token)
                case _:
                    pass

    def unseen(self, token: Start) -> bool:
        style = token.get("style")
        hidden = any(attribute.name == "hidden" for attribute in token.attributes)
        never = bool(HIDDEN.search(style)) and not self.marks.control(style)
        return token.name in UNSEEN or hidden or never

    # --- text and Liquid -------------------------------------------------------------------------

    def text(self, text: str) -> Iterator[Event]:
        at = 0
        for found in self.marks.pattern.finditer(text):
            yield from self.words(text[at : found.start()])
            yield from self.liquid(found.group())
            at = found.end()
        yield from self.words(text[at:])

    def words(self, text: str) -> Iterator[Event]:
        text = INVISIBLE.sub("", unescape(text))
        text = OPENING.sub(lambda braces: self.printed(braces.group()), text)
        if text:
            self.said(text)
            yield Words(text)

    def said(self, text: str) -> None:
        for link in self.links:
            link.said += text

    def printed(self, braces: str) -> str:
        """Braces that are to be read as braces."""
        return self.marks.add(Mark(f'{{{{ "{braces}" }}}}', -1, "markup"))

    def liquid(self, word: str) -> Iterator[Event]:
        mark = self.marks.of(word)[0]
        if mark.kind == "tag" and mark.name not in PRINTING:
            yield Tag(word, mark)
        elif mark.kind != "verbatim" or mark.name == "raw":
            self.said(word)
            yield Words(word)

    def beneath(self, token: Text) -> Iterator[Event]:
        """What is not seen may still say what a name means."""
        for word in self.marks.pattern.finditer(token.text):
            mark = self.marks.of(word.group())[0]
            in_head = self.skipped == ["head"] and mark.kind == "tag"
            if mark.start >= 0 and (in_head or mark.name == "assign"):
                yield Tag(word.group(), mark)

    def comment(self, text: str) -> Iterator[Event]:
        """Tags that stand in comments for Outlook alone, as the compiler puts some."""
        for word in self.marks.pattern.finditer(text):
            mark = self.marks.of(word.group())[0]
            if mark.kind == "tag" and word.group() not in self.shown:
                yield Tag(word.group(), mark)

    # --- elements --------------------------------------------------------------------------------

    def start(self, token: Start, number: int) -> Iterator[Event]:
        match token.name:
            case "br":
                yield Break(1, more=True)
            case "hr":
                yield from (Break(2), Words(RULE), Break(2))
            case "img":
                yield from self.text(token.get("alt"))
            case "a":
                self.links.append(Link(token.get("href")))
            case "ul" | "ol":
                yield Break(1 if self.lists else 2)
                self.lists.append(List(int(token.name == "ol" and self.plain("ol", number))))
            case "li":
                yield Break(1, prefix=self.bullet(), depth=max(0, len(self.lists) - 1))
            case "table":
                yield Break(2)
                self.tables.append(self.data(token, number))
            case "tr":
                yield Break(1 if self.in_data else 2)
            case "td" | "th":
                yield Cell() if self.in_data else Break(2)
            case name if name in BLOCKS or name in ROW_GROUPS:
                yield Break(2 if name in PARAGRAPHS else 1)
            case _:
                pass

    def end(self, token: End) -> Iterator[Event]:
        match token.name:
            case "a" if self.links:
                yield from self.link(self.links.pop())
            case "ul" | "ol" if self.lists:
                self.lists.pop()
                yield Break(1 if self.lists else 2)
            case "table":
                if self.tables:
                    self.tables.pop()
                yield Break(2)
            case name if name in CELLS:
                if not self.in_data:
                    yield Break(2)
            case "li" | "tr":
                yield Break(1)
            case name if name in BLOCKS or name in ROW_GROUPS:
                yield Break(2 if name in PARAGRAPHS else 1)
            case _:
                pass

    @property
    def in_data(self) -> bool:
        """Whether the innermost table is one of data, not of layout."""
        return bool(self.tables) and self.tables[-1]

    def bullet(self) -> str:
        if not self.lists or not self.lists[-1].number:
            return "- "
        self.lists[-1].number += 1
        return f"{self.lists[-1].number - 1}. "

    def link(self, link: Link) -> Iterator[Event]:
        href = unescape(link.href).strip()
        beside = next((start for start in BESIDE if href.startswith(start)), "")
        said, bare = " ".join(link.said.split()), href.removeprefix(beside).partition("?")[0]
        if not href or href.startswith("#") or (beside and bare in said):
            return
        same = {href, href.rstrip("/"), re.sub(r"^https?://", "", href).rstrip("/")}
        if said.rstrip("/") in same:
            return
        yield Words(f" ({href})" if said else href)

    def inside(self, name: str, number: int) -> Iterator[Token]:
        """The tokens of an element that starts with token `number`."""
        depth = 0
        for place in range(number, len(self.tokens)):
            token = self.tokens[place]
            if isinstance(token, Start) and token.name == name:
                depth += 1
            elif isinstance(token, End) and token.name == name:
                depth -= 1
            if not depth:
                return
            yield token

    def plain(self, name: str, number: int) -> bool:
        """Whether no Liquid tag decides how many entries there are."""
        return not any(self.marks.control(source(token)) for token in self.inside(name, number))

    def data(self, token: Start, number: int) -> bool:
        if token.get("role") in ("presentation", "none"):
            return False
        found = self.inside("table", number)
        return sum(isinstance(t, Start) and t.name == "table" for t in found) == 1


def source(token: Token) -> str:
    match token:
        case Start():
            return " ".join(attribute.value for attribute in token.attributes)
        case Text() | Comment():
            return token.text
        case _:
            return ""
