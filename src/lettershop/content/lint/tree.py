"""Finished HTML -> elements. The page was put in order before (markup/tidy.py), so that a stack is
enough; what is closed and never opened is overlooked."""

from collections.abc import Iterator
from html import unescape

import msgspec

from lettershop.content.markup.tags import VOID
from lettershop.content.markup.tokens import End, Start, Text, tokens

CODE = frozenset(("style", "script", "title", "textarea", "xmp", "noscript"))
"""Elements whose inside nobody reads as text of the letter."""


class Element(msgspec.Struct, eq=False):
    """`attributes`: unescaped, the first of a name; `children`: elements and texts, unescaped."""

    name: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: list["Element | str"] = []

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def all(self) -> Iterator["Element"]:
        """This and everything in it, in order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [c for c in reversed(element.children) if isinstance(c, Element)]

    def above(self) -> Iterator["Element"]:
        """Those it stands in, the nearest first."""
        element = self.parent
        while element is not None:
            yield element
            element = element.parent

    def text(self) -> str:
        """All text in it as it stands, without code."""
        parts = []
        for element in self.all():
            parts += [
                c for c in element.children if isinstance(c, str) and element.name not in CODE
            ]
        return "".join(parts)


def read_html(html: str) -> Element:
    """The document, as an element without a name."""
    root = Element("", {})
    here = root
    for token in tokens(html):
        match token:
            case Start():
                said = {a.name: unescape(a.value) for a in reversed(token.attributes)}
                element = Element(token.name, said, here)
                here.children.append(element)
                if token.name not in VOID and not token.empty:
                    here = element
            case End():
                here = _closed(here, token.name)
            case Text():
                here.children.append(token.text if token.raw else unescape(token.text))
            case _:
                pass  # comments, among them what Outlook alone reads
    return root


def _closed(here: Element, name: str) -> Element:
    for element in (here, *here.above()):
        if element.name == name and element.parent is not None:
            return element.parent
    return here
