"""Where the builders work: reads tokens, marks spans, gathers findings."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from lark import Token
from lark.tree import Meta

from lettershop.language.dates import date_problem
from lettershop.language.spans import Spans
from lettershop.language.words import read_field, read_number, unquote
from lettershop.model.errors import Finding, Span

T = TypeVar("T")
Parts = list[Any]
"""What the rule's parts became: tokens, nodes, None for an absent option."""
Rule = Callable[["Site", Meta, Parts], Any]
Rules = Mapping[str, Rule]


class Site:
    """One text being built. Findings are gathered; a stand-in value lets building go on."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.spans = Spans()
        self.findings: list[Finding] = []

    def problem(self, code: str, message: str, span: Span | None, hint: str = "") -> None:
        self.findings.append(Finding(code, message, hint=hint, span=span, source=self.source))

    def mark(self, node: T, meta: Meta, **parts: Token | None) -> T:
        known = {part: span_of(token) for part, token in parts.items() if token is not None}
        self.spans.mark(node, span_of(meta), **known)
        return node

    # --- tokens to values ---------------------------------------------------------------------

    def text(self, token: Token) -> str:
        try:
            return unquote(token[1:-1])
        except ValueError as error:
            hint = r"the escapes are \" \\ \n \t and \u followed by four hex digits"
            self.problem("language.bad_escape", str(error), span_of(token), hint)
            return ""

    def texts(self, tokens: list[Token]) -> tuple[str, ...]:
        return tuple(self.text(token) for token in tokens)

    def field(self, token: Token) -> str:
        try:
            return read_field(token)
        except ValueError as error:
            self.problem("language.bad_escape", str(error), span_of(token))
            return str(token)

    def number(self, token: Token) -> int | float:
        try:
            return read_number(token)
        except ValueError as error:
            self.problem("language.bad_number", str(error), span_of(token))
            return 1

    def whole(self, token: Token) -> int:
        value = self.number(token)
        if isinstance(value, float):
            message = f"{token} is not a whole number"
            self.problem("language.bad_number", message, span_of(token), f"write {round(value)}")
            return 1
        return value

    def literal(self, token: Token) -> bool | int | float | str:
        match token.type:
            case "STRING":
                return self.text(token)
            case "NUMBER":
                return self.number(token)
            case kind:
                return kind == "TRUE"

    def unit(self, token: Token, allowed: tuple[str, ...]) -> Any:
        """The unit in the singular."""
        unit = token.removesuffix("s")
        if unit in allowed:
            return unit
        near = get_close_matches(unit, allowed, 1, 0.0)[0]
        hint = "quarters only come as calendar quarters" if unit == "quarter" else f"{near}s"
        self.problem("language.bad_unit", f"{token} do not fit here", span_of(token), hint)
        return allowed[0]

    def date(self, token: Token, *, day: bool = False) -> str:
        """A date, or an instant with zone, exactly as written; `day`: only a date."""
        problem, hint = date_problem(str(token), day=day)
        if problem:
            self.problem("language.bad_date", problem, span_of(token), hint)
        return str(token)


def span_of(thing: Token | Meta) -> Span:
    start, line, column = thing.start_pos, thing.line, thing.column
    end = thing.end_pos
    if start is None or end is None or line is None or column is None:
        raise AssertionError(f"no position for {thing!r}")
    return Span(start, end, line, column)
