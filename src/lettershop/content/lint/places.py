"""Where in a template's file stands what a finding is about."""

import re
from html import escape

from lettershop.content.lint.paper import OUTPUT, TAG
from lettershop.content.template import Template, Variant
from lettershop.model.errors import Span

_SHORTEST, _LONGEST = 3, 80
"""Characters that are looked for: fewer stand anywhere, more are seldom written the same way."""


class Spots:
    """Spans count in the variant's file where it is known, else in its body from line `line`."""

    def __init__(self, template: Template, variant: Variant) -> None:
        self.body, self.line = variant.body, variant.line
        found = (text for text in template.files.values() if _is_file(text, variant))
        self.file = next(found, "")
        self.head = len(self.file) - len(variant.body) if self.file else 0

    def of(self, quote: str) -> Span | None:
        """Of the first place where it is written; `subject` and `preheader`: their keys."""
        if quote in ("subject", "preheader"):
            found = re.search(rf"^[ \t]*{quote}[ \t]*=", self.file[: self.head], re.M)
            return self._span(found.start() - self.head, len(quote)) if found else None
        text = max(re.split(f"[{OUTPUT}{TAG}]", quote), key=len).strip()[:_LONGEST].rstrip()
        if len(text) < _SHORTEST and text not in ("{{", "{%", "[[", "%%", "*|"):
            return None
        for way in (text, escape(text), text.split(" ")[0] if " " in text else text):
            span = self._search(way)
            if span is not None:
                return span
        return None

    def _search(self, text: str) -> Span | None:
        at = self.body.find(text)
        if at < 0 and text.strip():
            spaced = re.search(r"\s+".join(map(re.escape, text.split())), self.body, re.I)
            if spaced is None:
                return None
            return self._span(spaced.start(), spaced.end() - spaced.start())
        return self._span(at, len(text)) if at >= 0 else None

    def _span(self, at: int, length: int) -> Span:
        """`at`: counted from the body's beginning, negative in the front matter."""
        if at < 0 or self.file:
            start = self.head + at
            line = self.file.count("\n", 0, start) + 1
            return Span(start, start + length, line, start - self.file.rfind("\n", 0, start))
        line = self.line + self.body.count("\n", 0, at)
        return Span(at, at + length, line, at - self.body.rfind("\n", 0, at))


def _is_file(text: str, variant: Variant) -> bool:
    """The file whose last part is the body, from the line on that the variant names."""
    return text.endswith(variant.body) and text[: -len(variant.body) or None].count("\n") == (
        variant.line - 1
    )
