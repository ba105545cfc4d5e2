"""Foreign tags in a text, and what lies between; Liquid is left alone, for it is ours."""

import re
from collections.abc import Iterator

from lettershop.content.markup.marks import pieces

Stretch = tuple[int, int, re.Match[str] | None]
"""Start, end, and the tag that stands there; None: text."""


def outside_liquid(text: str, pattern: re.Pattern[str]) -> Iterator[Stretch]:
    """The whole text, cut."""
    at = 0
    for mark in pieces(text):
        end = mark.start + len(mark.text)
        yield from _cut(text, pattern, at, mark.start)
        yield mark.start, end, None
        at = end
    yield from _cut(text, pattern, at, len(text))


def _cut(text: str, pattern: re.Pattern[str], start: int, end: int) -> Iterator[Stretch]:
    for found in pattern.finditer(text, start, end):
        if found.start() > start:
            yield start, found.start(), None
        yield found.start(), found.end(), found
        start = found.end()
    if end > start:
        yield start, end, None
