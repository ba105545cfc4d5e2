"""What can be wrong with a finished letter and be found by looking for a few characters: exact,
and cheap enough to ask of everybody's letter."""

import re
from collections.abc import Iterator
from html import escape

from lettershop.content.letter import Rendered
from lettershop.content.lint.rule import Fault
from lettershop.content.template import Stream

CLIPPED = 102 * 1024
"""Bytes after which Gmail cuts a letter off, and its unsubscribe link with it."""
_MARKS = (
    # what to look for first, what it must then be, how it is called
    ("{{", re.compile(r"\{\{"), "{{ … }}"),
    ("{%", re.compile(r"\{%"), "{% … %}"),
    ("[[", re.compile(r"\[\[\s*\w[^\[\]\n]{0,80}\]\]"), "[[ … ]]"),
    ("%%", re.compile(r"%%\w[\w.\- ]{0,80}%%"), "%% … %%"),
    ("*|", re.compile(r"\*\|[^|\n]{1,80}\|\*"), "*| … |*"),
)


def quick_checks(made: Rendered, *, stream: Stream, unsubscribe_url: str) -> list[Fault]:
    """Of one letter: some microseconds, and nothing that is not so. Marks are looked for in what is
    read as text; those in attributes of the HTML are the whole lint's to find."""
    faults = []
    if is_blank(made.subject):
        faults.append(Fault("letter.blank_subject"))
    if is_clipped(made.html):
        faults.append(Fault("letter.too_large"))
    if stream == "marketing" and not has_link(made.html, unsubscribe_url):
        faults.append(Fault("letter.no_unsubscribe"))
    texts = (made.subject, made.preheader, made.text)
    faults += [Fault("letter.mark", name, first) for name, first in marks(*texts)]
    return faults


def is_blank(subject: str) -> bool:
    return not subject or subject.isspace()


def is_clipped(html: str) -> bool:
    """A character has one to four bytes: short letters need not be counted."""
    return len(html) * 4 > CLIPPED and size_of(html) > CLIPPED


def size_of(html: str) -> int:
    """Bytes as sent."""
    return len(html) if html.isascii() else len(html.encode())


def has_link(html: str, url: object) -> bool:
    link = str(url) if url else ""
    return bool(link) and (escape(link) in html or link in html)


def may_mark(text: str) -> bool:
    """Whether it is worth looking for marks. One character is found much faster than two."""
    return "{" in text or "[" in text or "|" in text or ("%" in text and "%%" in text)


def marks(*parts: str) -> Iterator[tuple[str, str]]:
    """How the marks are called that no program replaced, and what they begin with."""
    for first, exactly, name in _MARKS:
        if any(first in part and exactly.search(part) for part in parts):
            yield name, first
