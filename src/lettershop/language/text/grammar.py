"""The parser, built once from grammar.lark and the operators' rows."""

from functools import cache
from pathlib import Path

from lark import Lark
from lark.lexer import PatternRE, PatternStr, TerminalDef

from lettershop.language.operators import COMPARISONS


@cache
def parser() -> Lark:
    return build()


def build(*, debug: bool = False) -> Lark:
    """LALR(1) with the contextual lexer: linear time, no recursion. `debug`: logs conflicts."""
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        f"{grammar}\n!compare_op: {' | '.join(_spelled(key) for key in COMPARISONS)}\n",
        parser="lalr",
        debug=debug,
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=True,
        edit_terminals=_whole_word,
    )


def _spelled(key: str) -> str:
    return " ".join(f'"{word}"' for word in key.split())


def _whole_word(terminal: TerminalDef) -> None:
    """Makes a keyword match whole words only: `in` is not the start of `industry`."""
    pattern = terminal.pattern
    if isinstance(pattern, PatternStr) and pattern.value.isalpha():
        terminal.pattern = PatternRE(rf"{pattern.value}(?![\w.])")
        terminal.priority = 1
        KEYWORDS[terminal.name] = pattern.value


KEYWORDS: dict[str, str] = {}
"""Terminal name to word; filled when the parser is built."""
