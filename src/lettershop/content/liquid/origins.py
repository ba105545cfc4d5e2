"""Where a part of a letter stands in its file, so that findings name lines a writer can go to."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from lettershop.content.letter import Page
from lettershop.content.template import Template, Variant
from lettershop.model.errors import Span


class Origin:
    """`file`: its name. `whole`: its text. `base`: where in it the part begins. `places`: (offset
    in the part, offset in what the part was made of) of each tag; none: they are the same."""

    def __init__(
        self, file: str, whole: str, base: int, places: Sequence[tuple[int, int]] | None = None
    ) -> None:
        self.file, self.base = file, base
        self._lines = [0, *accumulate(len(line) + 1 for line in whole.split("\n"))]
        self._here = None if places is None else [here for here, _ in places]
        self._there = [] if places is None else [there for _, there in places]

    def offset(self, at: int) -> int:
        """In the file, of a tag or output that begins at `at`, or of something in it."""
        if self._here is None:
            return self.base + at
        found = bisect_right(self._here, at) - 1
        if found < 0:
            return self.base
        return self.base + self._there[found] + at - self._here[found]

    def span(self, at: int, length: int) -> Span:
        start = self.offset(at)
        line = bisect_right(self._lines, start)
        return Span(start, start + length, line, start - self._lines[line - 1] + 1)

    def line(self, at: int) -> int:
        return self.span(at, 0).line


def of_html(template: Template, variant: Variant, page: Page) -> Origin:
    whole, base = _body(template, variant.source, variant.body, variant.line)
    return Origin(variant.source, whole, base, page.places)


def of_text(template: Template, variant: Variant, page: Page) -> Origin:
    """The text part: a file of its own, or derived from the body."""
    if variant.text is None:
        whole, base = _body(template, variant.source, variant.body, variant.line)
        return Origin(variant.source, whole, base, page.text_places)
    whole, base = _body(template, variant.text_source, variant.text, 1)
    return Origin(variant.text_source, whole, base, page.text_places)


def of_header(template: Template, variant: Variant, said: str) -> Origin:
    """Of a text in the front matter, as it is written there; the top of the file where it is not
    found as it is (with escapes, or said by the default variant)."""
    for source in (variant.source, template.variants[0].source):
        whole = template.said(source)
        at = whole.find(said)
        if at >= 0:
            return Origin(source, whole, at)
    return Origin(variant.source, said, 0)


def _body(template: Template, source: str, body: str, line: int) -> tuple[str, int]:
    whole = template.said(source)
    if whole.endswith(body):
        return whole, len(whole) - len(body)
    above = "\n" * (line - 1)
    return above + body, len(above)
