"""Which links of a template are followed: found once, numbered, marked with an attribute.

`<a data-ls="3" href="https://…">`: the number is the same for every recipient, whatever blocks and
loops show them, so that a link can be counted and re-pointed. links.py takes the attribute away.
"""

import re
from collections.abc import Iterator
from html import unescape
from itertools import accumulate
from typing import Final

import msgspec

from lettershop.content.letter import Page

MARK: Final = 'data-ls="{}" '
_LIQUID: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TAG: Final = re.compile(
    r"""<(?:a|area)(?=\s)(?P<said>(?:[^<>"']|"[^"]*"|'[^']*')*)>""", re.IGNORECASE
)
_HREF: Final = re.compile(r"""(?<=\s)href\s*=\s*(["'])(?P<to>.*?)\1""", re.IGNORECASE | re.DOTALL)
_QUOTED: Final = re.compile(r""""[^"]*"|'[^']*'""")
_NOT: Final = re.compile(r"\sdata-notrack(?=[\s=/]|$)|\sdata-ls=", re.IGNORECASE)
_OURS: Final = re.compile(r"\b(?:unsubscribe_url|preferences_url)\b")
_FOLLOWED: Final = re.compile(r"\s*(?:https?://|\{\{|\{%)", re.IGNORECASE)


class Marking:
    """Marks page after page of one template: numbers go on, so that no two links of it share one
    although its languages are pages of their own."""

    def __init__(self) -> None:
        self.links: list[str] = []
        """What each link says, the first is number 1: an address, or Liquid that makes one."""

    def __call__(self, page: Page) -> Page:
        first = len(self.links) + 1
        for spot in link_spots(page.html):
            found = _HREF.match(page.html, spot)
            self.links.append(unescape(found["to"]) if found else "")
        return mark_page(page, first)


def mark_page(page: Page, first: int = 1) -> Page:
    """The page with its links marked, beginning with the number `first`; `places` moved along."""
    spots = [*link_spots(page.html)]
    if not spots:
        return page
    marks = [MARK.format(number) for number in range(first, first + len(spots))]
    moved = [0, *accumulate(len(mark) for mark in marks)]
    places, passed = [], 0
    for here, there in page.places:
        while passed < len(spots) and spots[passed] <= here:
            passed += 1
        places.append((here + moved[passed], there))
    return msgspec.structs.replace(page, html=_put(page.html, spots, first), places=tuple(places))


def mark_html(html: str) -> str:
    """The same for a letter that is rendered already: numbers count what this recipient sees."""
    return _put(html, [*link_spots(html, liquid=False)])


def link_spots(html: str, *, liquid: bool = True) -> Iterator[int]:
    """Where `href` of each followed link begins. Not followed: what is neither http nor Liquid, the
    links to unsubscribe and to preferences, and what is marked `data-notrack`."""
    plain = _LIQUID.sub(lambda found: "~" * len(found[0]), html) if liquid else html
    for tag in _TAG.finditer(plain):
        names = _QUOTED.sub("", tag["said"])
        href = _HREF.search(plain, tag.start("said"), tag.end("said"))
        if href is None or _NOT.search(names):
            continue
        to = html[href.start("to") : href.end("to")]
        if _FOLLOWED.match(to) and not _OURS.search(to):
            yield href.start()


def _put(html: str, spots: list[int], first: int = 1) -> str:
    pieces, last = [], 0
    for number, spot in enumerate(spots, first):
        pieces += [html[last:spot], MARK.format(number)]
        last = spot
    return "".join((*pieces, html[last:]))
