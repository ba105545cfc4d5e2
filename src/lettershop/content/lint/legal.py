"""What the law wants to see in marketing: a way out, an address, a sender."""

import re
from collections.abc import Iterator

from lettershop.content.lint.look import contrast
from lettershop.content.lint.looks import THE_SAME
from lettershop.content.lint.paper import FILLING, Paper, Run
from lettershop.content.lint.quick import has_link
from lettershop.content.lint.rule import Fault
from lettershop.content.lint.tree import Element

SMALLEST = 8.0
"""Pixels under which nobody is expected to find the way out."""


def legal(paper: Paper) -> Iterator[Fault]:
    if paper.stream != "marketing":
        return
    if not has_link(paper.html, paper.unsubscribe_url):
        # in a template it may have been put into a variable, which only a finished letter tells
        yield Fault("letter.no_unsubscribe", level="warning" if paper.template else None)
    elif not _findable(paper):
        yield Fault("lint.unsubscribe_hidden", quote="unsubscribe_url")


def sender(paper: Paper) -> Iterator[Fault]:
    """Of a finished letter: the settings have their part in it."""
    if not paper.sender.strip():
        yield Fault("lint.sender_missing")
    if paper.stream == "marketing" and not paper.postal_address.strip():
        yield Fault("lint.postal_unsaid")
    elif paper.stream == "marketing" and not says_address(paper.seen, paper.postal_address):
        yield Fault("lint.postal_missing", paper.postal_address)


def _findable(paper: Paper) -> bool:
    """Whether any link to unsubscribe can be seen; where it is no link of an element (a text), it
    is taken for one."""
    found = [e for address, e in paper.links if paper.unsubscribe_url in address]
    return not found or any(is_visible(link, paper) for link in found)


def is_visible(link: Element, paper: Paper) -> bool:
    """Whether a reader can find the link: legible text in it, or an image that says what it is."""
    inside = {id(element) for element in link.all()}
    return any(is_legible(run) for run in paper.runs if id(run.element) in inside) or has_alt(link)


def has_alt(link: Element) -> bool:
    return any(element.name == "img" and element.get("alt").strip() for element in link.all())


def is_legible(run: Run) -> bool:
    look = run.look
    if not run.seen or (look.size is not None and look.size < SMALLEST):
        return False
    if look.colour is None or look.ground is None:
        return True
    return contrast(look.colour, look.ground) >= THE_SAME


def says_address(text: str, postal_address: str) -> bool:
    """All its parts, in whatever lines they stand."""
    seen = _plain(text)
    parts = [part for part in re.split(r"[,;\n·|•]", postal_address) if part.strip()]
    return all(_plain(part) in seen for part in parts)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[,;·|•]", " ", text.translate(FILLING)).casefold().split())
