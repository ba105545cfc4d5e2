"""What is to be said about a body, with the line of the file it is said of."""

from lettershop.content.markup.marks import Marks
from lettershop.content.template import Template, Variant
from lettershop.model.errors import Finding, Level, Span

MOST = 50
"""More findings than this help nobody."""


class Report:
    """`before`: where in the file the body begins; `preheader`: where the preheader does, counted
    from there."""

    def __init__(self, template: Template, variant: Variant, marks: Marks | None = None) -> None:
        self.variant, self.marks = variant, marks
        self.findings: list[Finding] = []
        whole = template.said(variant.source)
        self.before = len(whole) - len(variant.body) if whole.endswith(variant.body) else 0
        found = whole.find(variant.preheader) if variant.preheader else -1
        self.preheader = found - self.before if 0 <= found < self.before else -self.before

    @property
    def failed(self) -> bool:
        return any(finding.level == "error" for finding in self.findings)

    def say(
        self,
        code: str,
        message: str,
        at: int = 0,
        length: int = 1,
        *,
        hint: str = "",
        level: Level = "error",
        exact: bool = False,
    ) -> None:
        """`at`: offset in the marked text; `exact`: in the body itself."""
        if len(self.findings) >= MOST:
            return
        if self.marks and not exact:
            at, end = self.marks.original(at), self.marks.original(at + length)
            length = max(1, end - at)
        if self.marks:
            message, hint = self.marks.restore(message)[0], self.marks.restore(hint)[0]
        span = self.span(at, length)
        self.findings.append(Finding(code, message, level, hint, span, self.variant.source))

    def span(self, at: int, length: int) -> Span:
        body, start = self.variant.body, self.before + at
        line = self.variant.line + body.count("\n", 0, at)
        return Span(start, start + length, line, at - body.rfind("\n", 0, at))
