"""What mail clients drop (support.toml), and size."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from lettershop.content.lint.look import declarations
from lettershop.content.lint.paper import Paper
from lettershop.content.lint.quick import CLIPPED, size_of
from lettershop.content.lint.rule import Fault, data
from lettershop.content.lint.tree import Element
from lettershop.model.errors import Level


class Support(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of an element, or of a property with some of its `values` (none said: all)."""

    level: Level
    what: str
    values: tuple[str, ...] = ()


_KNOWN = msgspec.convert(data("support.toml"), dict[str, dict[str, Support]])
ELEMENTS: Mapping[str, Support] = _KNOWN["elements"]
PROPERTIES: Mapping[str, Support] = _KNOWN["properties"]
ALMOST = 90 * 1024


def clients(paper: Paper) -> Iterator[Fault]:
    for element in paper.elements:
        known = ELEMENTS.get(element.name)
        if known and not (element.name == "link" and not _is_foreign_style(element)):
            tag = f"<{element.name}>"
            yield Fault("lint.dropped", f"{tag}: {known.what}", tag[:-1], known.level)
        yield from _properties(element)
    if "@import" in paper.styles:
        yield Fault("lint.dropped", "@import: Gmail and Outlook load no other styles", "@import")
    yield from _pictures(paper)


def _is_foreign_style(link: Element) -> bool:
    """Fonts are an ornament: where they do not come the next in the list is taken."""
    return "stylesheet" in link.get("rel").lower() and "font" not in link.get("href").lower()


def _properties(element: Element) -> Iterator[Fault]:
    for name, value in declarations(element.get("style")).items():
        known = PROPERTIES.get(name)
        if known and (not known.values or value in known.values):
            said = f"{name}: {value}" if known.values else name
            yield Fault("lint.dropped", f"“{said}”: {known.what}", said, known.level)


def _pictures(paper: Paper) -> Iterator[Fault]:
    """Text on a picture needs a colour behind it for those who do not see the picture."""
    for run in paper.runs:
        if not run.look.picture:
            continue
        chain = (run.element, *run.element.above())
        holder = next((e for e in chain if _has_picture(e)), None)
        if holder is not None and not _has_colour(holder):
            yield Fault("lint.picture_ground", run.text[:40], run.text)
            return


def _has_picture(element: Element) -> bool:
    return bool(element.get("background")) or "url(" in element.get("style")


def _has_colour(element: Element) -> bool:
    """Of the element or of any around it."""
    for one in (element, *element.above()):
        style = declarations(one.get("style"))
        said = f"{style.get('background', '')} {style.get('background-color', '')}"
        words = re.sub(r"url\([^)]*\)", "", said)
        if one.get("bgcolor") or re.search(r"#[0-9a-f]{3}|rgba?\(|\b[a-z]{3,}\b", _bare(words)):
            return True
    return False


def _bare(words: str) -> str:
    """Without the words of `background` that are no colours."""
    return re.sub(
        r"\b(?:none|transparent|no-repeat|repeat(?:-[xy])?|center|top|bottom|left|right|cover|"
        r"contain|scroll|fixed|auto|initial|inherit)\b",
        "",
        words,
    )


def size(paper: Paper) -> Iterator[Fault]:
    """A template shows all its branches at once: its size says nothing of a letter's."""
    found = size_of(paper.html)
    if found > CLIPPED:
        yield Fault("letter.too_large", f"{found / 1024:.0f}")
    elif found > ALMOST:
        yield Fault("lint.large", f"{found / 1024:.0f}")
