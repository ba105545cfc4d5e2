"""Whether a letter can be read by those who do not see it."""

import re
from collections.abc import Iterator

from lettershop.content.lint.paper import OUTPUT, TAG, Paper, shown
from lettershop.content.lint.rule import Fault, data, texts
from lettershop.content.lint.tree import Element

VAGUE = frozenset(texts(data("words.toml")["vague"]))


def access(paper: Paper) -> Iterator[Fault]:
    html = next(paper.named("html"), None)
    if html is not None and not html.get("lang"):
        yield Fault("lint.lang")
    if any(_is_layout(table) for table in paper.named("table")):
        yield Fault("lint.table_role", quote="<table")
    yield from _headings(paper)
    for _, element in paper.links:
        yield from _link_text(element)


def _is_layout(table: Element) -> bool:
    """A table that holds tables or several kinds of things, and does not say it is none."""
    if table.get("role"):
        return False
    inside = {element.name for element in table.all()}
    nested = sum(1 for e in table.all() if e.name == "table") > 1
    return nested and not inside & {"th", "caption"}


def _headings(paper: Paper) -> Iterator[Fault]:
    """Levels must not be left out on the way down."""
    before = 0
    for element in paper.named("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(element.name[1])
        if before and level > before + 1:
            text = shown(element.text(), 40)
            yield Fault("lint.headings", f"“{text}” is h{level} below h{before}", element.text())
            return
        before = level


def _link_text(element: Element) -> Iterator[Fault]:
    text = " ".join(element.text().split())
    plain = re.sub(r"[\s>»›→.…!:]+$", "", text.replace(TAG, "")).casefold()
    if plain in VAGUE:
        yield Fault("lint.link_text", shown(text), text)
    images = [e for e in element.all() if e.name == "img"]
    said = [e.get(name) for e in element.all() for name in ("alt", "aria-label", "title")]
    if not text and not any(word.strip() for word in said) and OUTPUT not in text:
        about = shown(images[0].get("src") if images else element.get("href"))
        if images or element.name == "a":
            yield Fault("lint.link_unnamed", about, element.get("href"))
