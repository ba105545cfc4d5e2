"""The form of a letter's HTML: everything but its texts and addresses, judged once.

Which texts nobody sees, and which link stands where, hangs on tags and styles alone; these are the
same in most letters of a send. So the costly look (content/lint) is taken once for each form, at a
page with a mark in place of every text, and of each letter only its texts and addresses are put in.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from typing import Final, NamedTuple

import msgspec

from lettershop.content.lint.legal import has_alt, is_legible
from lettershop.content.lint.looks import unseen
from lettershop.content.lint.paper import FILLING, PREHEADER, Paper

_CUT: Final = re.compile(
    r"(<!--.*?-->|<(?i:style|script)\b.*?</(?i:style|script)\s*>"
    r"|<[!?/a-zA-Z](?:[^\"'>]|\"[^\"]*\"|'[^']*')*>)",
    re.DOTALL,
)
_VARIES: Final = re.compile(
    r"""(\s(?:[hH][rR][eE][fF]|[sS][rR][cC]|[aA][lL][tT]|[tT][iI][tT][lL][eE])\s*=\s*)"""
    r"""(?:"(?!~")[^"]+"|'[^']+')"""
)
_TARGETS: Final = re.compile(r' href="[^"]+"')
"""The usual way to write them, which is found much faster."""
_HREF: Final = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)
_LINK: Final = re.compile(r"<(?:a|area)\s", re.IGNORECASE)
_MARK: Final = "\ue010{}\ue011"
_MARKED: Final = re.compile("\ue010(\\d+)\ue011")
_PLACE: Final = "https://place.invalid/{}"
FORMS: Final = 256
"""Forms that are remembered."""


class Link(msgspec.Struct, frozen=True):
    """`tag`: number of its tag; `texts`: numbers of the texts in it, `legible`: of those that can
    be read; `pictured`: an image in it says what it is."""

    tag: int
    texts: tuple[int, ...]
    legible: tuple[int, ...]
    pictured: bool


class Text(NamedTuple):
    """`shown`: on the page as it is opened; `unseen`: why nobody ever sees it, "" if somebody."""

    number: int
    shown: bool
    unseen: str


class Form(msgspec.Struct, frozen=True):
    """`texts`: in the order in which they are read."""

    texts: tuple[Text, ...]
    links: tuple[Link, ...]


class Page:
    """One letter's HTML in its form. `texts`: what its reader reads, `seen`: in one line. `hidden`:
    texts nobody sees, and why; a short preheader is none. `links`: where each leads, its text,
    whether a reader can find it."""

    def __init__(self, html: str) -> None:
        cut = _CUT.split(html)
        self._texts, self._tags = cut[0::2], cut[1::2]
        joined = _TARGETS.sub(' href="~"', "\x00".join(self._tags))
        self._form = _form(_VARIES.sub(r'\1"~"', joined))
        self.hidden: list[tuple[str, str]] = []
        self.texts = [*self._read()]
        self.seen = " ".join(self.texts)
        self.links = [*self._links()]

    def _links(self) -> Iterator[tuple[str, str, bool]]:
        for link in self._form.links:
            found = _HREF.search(self._tags[link.tag])
            address = (found[1] or found[2] or found[3] or "") if found else ""
            address = unescape(address) if "&" in address else address
            text = self._joined(link.texts)
            readable = text if link.legible == link.texts else self._joined(link.legible)
            yield address.strip(), text, bool(readable) or link.pictured

    def _read(self) -> Iterator[str]:
        opening: int | None = 0
        for number, shown, unseen_for in self._form.texts:
            text = _shown(self._texts[number])
            if not text:
                continue
            if shown:
                opening = None
            elif opening is not None:
                opening += len(text)
                if opening > PREHEADER:
                    self.hidden.append(("", f"over {PREHEADER} characters before the letter"))
                    opening = None
                continue
            if unseen_for:
                self.hidden.append((text, unseen_for))
            elif shown:
                yield text

    def _joined(self, numbers: Sequence[int]) -> str:
        return "".join([_shown(self._texts[number]) for number in numbers])


@lru_cache(maxsize=8192)
def _shown(text: str) -> str:
    """A text as it is read: most are the same in every letter."""
    plain = unescape(text) if "&" in text else text
    if not plain.isascii():
        plain = plain.translate(FILLING)
    return " ".join(plain.split())


@lru_cache(maxsize=FORMS)
def _form(joined: str) -> Form:
    """Of tags, joined by NUL."""
    tags = joined.split("\x00") if joined else []
    marked = [_MARK.format(0)]
    for number, tag in enumerate(tags, 1):
        if _LINK.match(tag):
            place = _PLACE.format(number - 1)
            tag = _HREF.sub(f' href="{place}"', tag, count=1)
        marked += [tag, _MARK.format(number)]
    paper = Paper(subject="", preheader="", html="".join(marked), text="", stream="marketing")
    texts = (
        Text(number, run.seen, unseen(run, paper))
        for run in paper.all_runs
        for number in _numbers(run.text)
    )
    return Form(tuple(texts), tuple(_links(paper)))


def _links(paper: Paper) -> Iterator[Link]:
    legible = {n for run in paper.runs if is_legible(run) for n in _numbers(run.text)}
    for address, element in paper.links:
        number = address.rpartition("/")[2]
        if number.isdecimal():
            texts = tuple(_numbers(element.text()))
            readable = tuple(text for text in texts if text in legible)
            yield Link(int(number), texts, readable, has_alt(element))


def _numbers(text: str) -> Iterator[int]:
    return (int(found) for found in _MARKED.findall(text))
