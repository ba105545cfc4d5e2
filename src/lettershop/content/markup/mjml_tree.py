"""Tokens of MJML -> elements. HTML inside of an element stays tokens; Liquid between elements
becomes pieces."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from lettershop.content.markup.marks import Marks
from lettershop.content.markup.mjml_rules import RULES
from lettershop.content.markup.report import Report
from lettershop.content.markup.tidy import DEEPEST
from lettershop.content.markup.tokens import (
    RAW_TEXT,
    Attribute,
    Comment,
    Declaration,
    End,
    Start,
    Text,
    Token,
    Unended,
    tokens,
)

RAW = (*RAW_TEXT, "mj-style", "mj-title", "mj-preview")


class Piece(msgspec.Struct, frozen=True):
    """Liquid between elements; `word` is its mark."""

    word: str
    start: int


class Element(msgspec.Struct, eq=False):
    """`inside`: its HTML, of those that hold HTML."""

    name: str
    attributes: tuple[Attribute, ...]
    start: int
    children: list["Element | Piece"] = []
    inside: list[Token] = []


Child: TypeAlias = Element | Piece


def read_tree(marks: Marks, report: Report) -> list[Child]:
    """What stands at the top of a body: `<mjml>`, and Liquid around it."""
    return Reader(marks, report).read(list(tokens(marks.text, RAW)))


class Reader:
    def __init__(self, marks: Marks, report: Report) -> None:
        self.marks, self.report = marks, report
        self.stack = [Element("", (), 0)]

    def read(self, found: Sequence[Token]) -> list[Child]:
        number = 0
        while number < len(found) and len(self.stack) <= DEEPEST:
            number = self.take(found, number)
        if len(self.stack) > DEEPEST:
            message = f"elements stand in one another more than {DEEPEST} deep"
            self.report.say("markup.too_deep", message, self.stack[-1].start)
        else:
            self.unclosed(self.stack[1:])
        return self.stack[0].children

    def take(self, found: Sequence[Token], number: int) -> int:
        """Takes in a token; the number of the next one."""
        match found[number]:
            case Start() as token:
                return self.begin(token, found, number + 1)
            case End() as token:
                self.end(token)
            case Text() as token:
                self.text(token)
            case Unended() as token:
                message = (
                    f"`{self.marks.shown(token.text[:200])}` begins something that is never ended"
                )
                hint = "look for a missing quote or >; a bare < in text is written &lt;"
                self.report.say("markup.unended", message, token.start, hint=hint)
            case Comment() | Declaration():
                pass
        return number + 1

    def begin(self, token: Start, found: Sequence[Token], number: int) -> int:
        element = Element(token.name, token.attributes, token.start)
        if token.empty:
            self.stack[-1].children.append(element)
            return number
        if not RULES.holds_html(token.name):
            self.stack[-1].children.append(element)
            self.stack.append(element)
            return number
        while number < len(found) and not is_end(found[number], token.name):
            element.inside.append(found[number])
            number += 1
        if number == len(found):
            self.unclosed([element])
        self.stack[-1].children += self.dissolved(element)
        return number + 1

    def dissolved(self, element: Element) -> list[Child]:
        """`<mj-raw>{% for … %}</mj-raw>` is Liquid between elements, as if it stood there alone."""
        liquid = [t for t in element.inside if isinstance(t, Text)]
        alone = len(liquid) == len(element.inside) and self.marks.of(
            "".join(t.text for t in liquid)
        )
        if element.name != "mj-raw" or not alone:
            return [element]
        words = [self.marks.pattern.sub("", token.text).strip() for token in liquid]
        return [element] if any(words) else list(pieces_of(liquid, self.marks))

    def end(self, token: End) -> None:
        names = [element.name for element in self.stack]
        if token.name not in names[1:]:
            message = f"</{token.name}> ends nothing that is open"
            length = token.end - token.start
            self.report.say("markup.stray_end", message, token.start, length)
            return
        depth = len(names) - 1 - names[::-1].index(token.name)
        self.unclosed(self.stack[depth + 1 :])
        del self.stack[depth:]

    def unclosed(self, elements: Iterable[Element]) -> None:
        for element in elements:
            message = f"<{element.name}> is not ended"
            hint = f"write </{element.name}> where it ends"
            self.report.say("markup.unclosed", message, element.start, len(element.name), hint=hint)

    def text(self, token: Text) -> None:
        words = self.marks.pattern.sub("", token.text).strip()
        inside = self.stack[-1]
        if words:
            where = f"directly in <{inside.name}>" if inside.name else "outside of <mjml>"
            self.report.say(
                "mjml.text",
                f"text stands {where}, where nobody sees it: “{self.marks.shown(token.text)}”",
                token.start + len(token.text) - len(token.text.lstrip()),
                len(token.text.strip()),
                hint="put it into <mj-text>…</mj-text>",
            )
        inside.children += pieces_of([token], self.marks)


def is_end(token: Token, name: str) -> bool:
    return isinstance(token, End) and token.name == name


def pieces_of(found: Iterable[Text], marks: Marks) -> Iterable[Piece]:
    for token in found:
        for place in marks.pattern.finditer(token.text):
            yield Piece(place.group(), token.start + place.start())
