"""What to say about a text that does not follow the grammar: where, what, and what to try."""

import re

from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from rapidfuzz import fuzz, process

from lettershop.language.text.grammar import KEYWORDS
from lettershop.language.text.limits import place
from lettershop.language.words import RESERVED
from lettershop.model.errors import Finding

SPOKEN = {
    "STRING": 'a text in "double quotes"',
    "FIELD": "a field",
    "NUMBER": "a number",
    "DATE": "a date such as 2026-01-31",
    "PATTERN": "a pattern between slashes",
    "CURRENCY": "a currency such as EUR",
    "UNIT": "a unit such as days",
    "TIMES": "times",
    "PEOPLE": "people",
    "ONCE": "once",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "PERCENT": "%",
    "EQUAL": "=",
    "LESSTHAN": "<",
    "MORETHAN": ">",
    "$END": "the end",
}
UNITS = ("minutes", "hours", "days", "weeks", "months", "quarters", "years")
CURLY = "“”„‟«»"
SLIPS = {
    "'": 'texts stand in "double quotes"',
    "&": "write and",
    "|": "write or",
    ";": "join conditions with and, or",
    "!": "write not, or != between a field and a value",
    "[": "lists stand in parentheses: in (1, 2)",
    "{": "groups stand in parentheses",
    "*": "there is no arithmetic; patterns are written matches /…/",
} | dict.fromkeys(CURLY, 'use the straight quotes of the keyboard: "')
_BEFORE = re.compile(r"([^\W\d][\w.]*)\s*$")
_OPENINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`|#[^\n]*|[()]')


def explain_characters(error: UnexpectedCharacters, text: str, source: str) -> Finding:
    at = error.pos_in_stream or 0
    sign = text[at]
    if sign in '"`':
        end = text.find("\n", at)
        span = place(text, at, len(text) if end < 0 else end)
        message, hint = f"this {sign} is never closed", f"add the closing {sign}"
        return Finding("language.unclosed", message, hint=hint, span=span, source=source)
    if number := re.match(r"[+-]?\d[\w.,]*", text[at:]):
        message = f"“{number[0]}” is not a number as they are written here"
        hint = "digits, and a point before decimals: 1000.5"
        span = place(text, at, at + number.end())
        return Finding("language.bad_number", message, hint=hint, span=span, source=source)
    message = f"“{sign}” does not fit here"
    span = place(text, at, at + 1)
    return Finding("language.syntax", message, hint=SLIPS.get(sign, ""), span=span, source=source)


def explain_token(error: UnexpectedToken, text: str, source: str) -> Finding:
    token, accepts = error.token, {str(name) for name in error.accepts or error.expected}
    if token.type == "$END":
        return _too_early(text, accepts, source)
    start = token.start_pos or 0
    span = place(text, start, start + len(token))
    if token.type == "RPAR" and _open_parenthesis(text[:start]) is None:
        message = "this closing parenthesis has no partner"
        return Finding(
            "language.unbalanced", message, hint="leave it out", span=span, source=source
        )
    if (earlier := _mistyped_before(text[:start], accepts)) is not None:
        word, near = earlier
        begin = text.rindex(word, 0, start)
        span = place(text, begin, begin + len(word))
        message = f"“{word}” is not understood here"
        hint = f"did you mean {near}?"
        return Finding("language.syntax", message, hint=hint, span=span, source=source)
    hint = _hint(str(token), token.type, text[:start], accepts)
    message = f"“{_short(token)}” does not fit here"
    return Finding("language.syntax", message, hint=hint, span=span, source=source)


def _short(token: str) -> str:
    return token if len(token) <= 40 else token[:39] + "…"


def _too_early(text: str, accepts: set[str], source: str) -> Finding:
    opening = _open_parenthesis(text)
    if opening is not None and "RPAR" in accepts:
        span = place(text, opening, opening + 1)
        message = "this parenthesis is never closed"
        return Finding("language.unbalanced", message, hint="add )", span=span, source=source)
    end = len(text.rstrip())
    blank = "there is no condition here" if end == 0 else "the text ends too early"
    hint = 'a condition such as did "Signed In"' if end == 0 else _expected(accepts)
    return Finding(
        "language.incomplete", blank, hint=hint, span=place(text, end, end), source=source
    )


def _open_parenthesis(text: str) -> int | None:
    """The innermost parenthesis that is open at the end of a text."""
    opened: list[int] = []
    for match in _OPENINGS.finditer(text):
        if match[0] == "(":
            opened.append(match.start())
        elif match[0] == ")" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _mistyped_before(before: str, accepts: set[str]) -> tuple[str, str] | None:
    """The word before was taken for a field, but looks like a mistyped keyword."""
    match = _BEFORE.search(before)
    if match is None or "IS" not in accepts or match[1] in KEYWORDS.values():
        return None
    near = _nearest(match[1], [*KEYWORDS.values()], 75)
    return (match[1], near) if near else None


def _nearest(word: str, candidates: list[str], cutoff: float) -> str:
    found = process.extractOne(word.lower(), candidates, scorer=fuzz.ratio, score_cutoff=cutoff)
    return str(found[0]) if found else ""


def _hint(token: str, kind: str, before: str, accepts: set[str]) -> str:
    words = [KEYWORDS[name] for name in accepts if name in KEYWORDS]
    words += UNITS if "UNIT" in accepts else ()
    words += ["times"] if "TIMES" in accepts else []
    words += ["people"] if "PEOPLE" in accepts else []
    is_word = token[:1].isalpha()
    if is_word and (near := _nearest(token, words, 65)):
        return near if near == token.lower() else f"did you mean {near}?"
    if is_word and "STRING" in accepts:
        return f'texts and names stand in double quotes: "{token}"'
    if is_word and kind == "FIELD" and "IS" in accepts and (match := _BEFORE.search(before)):
        return f"an operator is missing; a name of several words: `{match[1]} {token}`"
    return _slip(token, kind, before, accepts) or _expected(accepts)


def _slip(written: str, kind: str, before: str, accepts: set[str]) -> str:
    """Habits from other languages."""
    if kind == "DATE" and "NUMBER" in accepts:
        return f"dates are compared with before, after, on or between: after {written}"
    if written == "=" and before.rstrip().endswith("="):
        return "write a single ="
    if written == ">" and before.rstrip().endswith("<"):
        return "write !="
    if kind == "COMMA" and re.search(r"\d\s*$", before):
        return "numbers are written without separators: 1000"
    last = _BEFORE.search(before)
    if kind == "NUMBER" and {"AT", "EXACTLY"} <= accepts:
        return f"at least {written}, exactly {written}, fewer than {written}"
    if kind == "NEXT" and "LAST" in accepts:
        return "events only have a past: within last"
    if last is not None and last[1] == "is" and kind in ("STRING", "NUMBER"):
        return f"= {written}"
    if last is not None and last[1] in RESERVED and kind not in ("FIELD", "STRING"):
        return f"a field with this name stands in back quotes: `{last[1]}`"
    return ""


def _expected(accepts: set[str]) -> str:
    """Up to eight things that could stand here."""
    spoken = {KEYWORDS.get(name) or SPOKEN.get(name, "") for name in accepts} - {""}
    kinds = sorted(spoken & {*SPOKEN.values()})
    words = sorted(spoken - {*SPOKEN.values()})
    shown = [*kinds, *words][:8]
    return "here may stand: " + " · ".join(shown) + (" …" if len(spoken) > 8 else "")
