"""What is judged: a finished letter, or a template's page with all its branches side by side."""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple, Self

from lettershop.content.letter import Page, Rendered
from lettershop.content.lint.look import UNSEEN_SIZE, Look, looked
from lettershop.content.lint.tree import CODE, Element, read_html
from lettershop.content.markup.marks import pieces
from lettershop.content.template import Stream, Variant

OUTPUT, TAG = "\ue000", "\ue001"
"""Stand in a template's page for a value that will be there, and for a tag of Liquid."""
UNSUBSCRIBE = "https://unsubscribe.invalid/"
"""Stands there for the link that is made when a letter is sent."""
_UNSUBSCRIBE = re.compile(r"\{\{-?\s*unsubscribe_url\b[^}]*\}\}")
_LIQUID = re.compile(f"[{OUTPUT}{TAG}]")
FILLING = dict.fromkeys(map(ord, "\u034f\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad\u2007"), None)
"""Characters nobody sees: behind a short preheader they fill the line."""
PREHEADER = 300
"""Characters of hidden text that a letter may begin with: more is none."""


class Run(NamedTuple):
    """A text that is not blank, the element it stands in, and how it looks."""

    text: str
    element: Element
    look: Look

    @property
    def seen(self) -> bool:
        size = self.look.size
        return not self.look.hidden and (size is None or size >= UNSEEN_SIZE)


class Paper:
    """`template`: it is a page, with `OUTPUT` and `TAG` in its texts. `language`: "" where it is
    not known. `unsubscribe_url`: "" without one; `sender`: as letters will say it."""

    def __init__(
        self,
        *,
        subject: str,
        preheader: str,
        html: str,
        text: str,
        stream: Stream,
        language: str = "",
        unsubscribe_url: str = "",
        postal_address: str = "",
        sender: str = "",
        template: bool = False,
    ) -> None:
        self.subject, self.preheader, self.html, self.text = subject, preheader, html, text
        self.stream, self.language, self.template = stream, language, template
        self.unsubscribe_url, self.postal_address = unsubscribe_url, postal_address
        self.sender = sender

    @classmethod
    def of_page(cls, variant: Variant, page: Page, stream: Stream) -> Self:
        return cls(
            subject=masked(variant.subject),
            preheader=masked(variant.preheader),
            html=masked(page.html),
            text=masked(page.text),
            stream=stream,
            language=variant.language,
            unsubscribe_url=UNSUBSCRIBE,
            template=True,
        )

    @classmethod
    def of_rendered(
        cls,
        made: Rendered,
        *,
        stream: Stream,
        language: str = "",
        unsubscribe_url: str = "",
        postal_address: str = "",
        sender: str = "",
    ) -> Self:
        return cls(
            subject=made.subject,
            preheader=made.preheader,
            html=made.html,
            text=made.text,
            stream=stream,
            language=language,
            unsubscribe_url=unsubscribe_url,
            postal_address=postal_address,
            sender=made.sender or sender,
        )

    @cached_property
    def root(self) -> Element:
        return read_html(self.html)

    @cached_property
    def elements(self) -> list[Element]:
        return [*self.root.all()]

    def named(self, *names: str) -> Iterator[Element]:
        return (element for element in self.elements if element.name in names)

    @cached_property
    def styles(self) -> str:
        """What stands in `<style>` still, mostly for narrow screens and dark mode."""
        return "\n".join(
            c for e in self.named("style") for c in e.children if isinstance(c, str)
        ).lower()

    @cached_property
    def styled(self) -> frozenset[str]:
        """The classes and ids that these speak of."""
        return frozenset(re.findall(r"[.#]([\w-]+)", self.styles))

    @cached_property
    def looks(self) -> dict[int, Look]:
        """How text in an element looks, by its id()."""
        found = {id(self.root): Look()}
        for element in self.elements[1:]:
            above = element.parent
            found[id(element)] = looked(element, found[id(above)])
        return found

    @cached_property
    def runs(self) -> list[Run]:
        """The texts of the letter, hidden ones too, but not the preheader."""
        opening = len(self.opening)
        if sum(len(run.text) for run in self.opening) > PREHEADER:
            return self.all_runs
        return self.all_runs[opening:]

    @cached_property
    def opening(self) -> list[Run]:
        """Hidden texts before the first that is seen: the preheader, when they are short."""
        return [*takewhile(lambda run: not run.seen, self.all_runs)]

    @cached_property
    def all_runs(self) -> list[Run]:
        return [*self._runs()]

    def _runs(self) -> Iterator[Run]:
        waiting: list[tuple[Element | str, Element]] = [(self.root, self.root)]
        while waiting:
            child, holder = waiting.pop()
            if isinstance(child, Element):
                if child.name not in CODE and child.name != "head":
                    waiting += [(inside, child) for inside in reversed(child.children)]
            elif (text := " ".join(child.translate(FILLING).split())) and text != TAG:
                yield Run(text, holder, self.looks[id(holder)])

    @cached_property
    def seen(self) -> str:
        """What a reader of the HTML reads, in one line."""
        return " ".join(run.text for run in self.runs if run.seen)

    @cached_property
    def links(self) -> list[tuple[str, Element]]:
        """Where links lead, and their elements."""
        return [
            (e.get("href").strip(), e) for e in self.named("a", "area") if "href" in e.attributes
        ]


def masked(text: str) -> str:
    """Liquid replaced by what stands for it; comments are gone."""
    if "{" not in text:
        return text
    parts, at = [], 0
    for piece in pieces(text):
        parts.append(text[at : piece.start])
        at = piece.start + len(piece.text)
        match piece.kind:
            case "output":
                known = _UNSUBSCRIBE.fullmatch(piece.text)
                parts.append(UNSUBSCRIBE if known else OUTPUT)
            case "tag":
                parts.append(TAG)
            case _:
                pass
    return "".join([*parts, text[at:]])


def literal(text: str) -> str:
    """What of a text is written out before the first Liquid."""
    return _LIQUID.split(text, maxsplit=1)[0]


def is_literal(text: str) -> bool:
    return OUTPUT not in text and TAG not in text


def shown(text: str, most: int = 60) -> str:
    """As it can be quoted in a sentence."""
    text = " ".join(_LIQUID.sub("…", text).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
