"""Texts that are too long or too deep are refused before anything looks at them closely."""

import re

from lettershop.model.errors import DefinitionError, Finding, Span

MAX_CHARACTERS = 100_000
MAX_DEPTH = 100
MAX_CONDITIONS = 2_000

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"'
    r"|`(?:[^`\\\n]|\\.)*`"
    r"|#[^\n]*"
    r"|\bmatch(?:es)?\s*/(?:[^/\\\n]|\\.)*/"
    r"|[()]"
    r"|[^\W\d]\w*"
)


def place(text: str, start: int, end: int) -> Span:
    """The span of text[start:end]."""
    line = text.count("\n", 0, start) + 1
    return Span(start, end, line, start - text.rfind("\n", 0, start))


def refuse_hostile(text: str, source: str = "") -> None:
    """Raises DefinitionError for a text beyond the limits; one pass, no recursion."""
    if len(text) > MAX_CHARACTERS:
        message = f"the text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}"
        hint = "split it into several segments and combine them with in segment"
        raise DefinitionError([Finding("language.too_long", message, hint=hint, source=source)])
    _refuse_deep(text, source)


def _refuse_deep(text: str, source: str) -> None:
    opened: list[int] = []  # levels each open parenthesis added: itself and the `not`s before it
    depth = nots = joints = 0
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "not":
                nots += 1
            case "(":
                opened.append(nots + 1)
                depth, nots = depth + nots + 1, 0
            case ")":
                depth, nots = depth - (opened.pop() if opened else 0), 0
            case word:
                nots, joints = 0, joints + (word in ("and", "or"))
        if depth + nots > MAX_DEPTH:
            span = place(text, token.start(), token.end())
            hint = "give an inner part a name as a segment of its own"
            message = f"conditions are nested more than {MAX_DEPTH} levels deep"
            raise DefinitionError(
                [Finding("language.too_deep", message, hint=hint, span=span, source=source)]
            )
        if joints >= MAX_CONDITIONS:
            span = place(text, token.start(), token.end())
            message = f"there are more than {MAX_CONDITIONS:,} conditions"
            hint = "use in (…) for many values, or several segments"
            raise DefinitionError(
                [Finding("language.too_many", message, hint=hint, span=span, source=source)]
            )
