"""python-liquid with our tags, filters and limits."""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

from liquid import BoundTemplate, Environment, Token
from liquid.exceptions import LiquidSyntaxError
from liquid.lex import get_lexer
from liquid.loader import BaseLoader
from liquid.token import TOKEN_EXPRESSION, TOKEN_TAG

from lettershop.content.liquid import limits
from lettershop.content.liquid.blocks import BlockTag, UnknownTag
from lettershop.content.liquid.context import Paper, Reading
from lettershop.content.liquid.filters import filters
from lettershop.content.liquid.local import locale_of

PARTIALS = ("include", "render")


class Sheet(BoundTemplate):
    """A parsed text, rendered as ours."""

    context_class = Reading

    def _get_buffer(self) -> Paper:
        return Paper()


class Liquid(Environment):
    """`strict`: as in letters; else missing values are empty, as the reference implementation has
    it. Partial templates only where there is a loader."""

    block_nesting_limit = limits.NESTING
    loop_iteration_limit = limits.ROUNDS
    template_class = Sheet

    def __init__(
        self,
        *,
        autoescape: bool = False,
        language: str = "",
        strict: bool = True,
        loader: BaseLoader | None = None,
    ) -> None:
        super().__init__(autoescape=autoescape, loader=loader)
        self.strict, self.locale = strict, locale_of(language)
        self.filters = filters(self, self.locale, strict)
        self.add_tag(BlockTag)
        self.add_tag(UnknownTag)
        if loader is None:
            for name in PARTIALS:
                del self.tags[name]

    def tokenizer(self) -> Any:
        return partial(_fenced, get_lexer(), self.tags)

    def __hash__(self) -> int:
        return id(self)  # parsers are remembered by environment: each has its own filters

    def __eq__(self, other: object) -> bool:
        return self is other


@lru_cache(64)
def environment(language: str, autoescape: bool) -> Liquid:
    """Made once per language: it has no state."""
    return Liquid(autoescape=autoescape, language=language)


def _fenced(lexer: Any, tags: Any, source: str) -> Iterator[Token]:
    """The tokens of a text that the lexer cannot choke on."""
    if len(source) > limits.SOURCE:
        raise LiquidSyntaxError(f"a letter has at most {limits.SOURCE:,} characters", token=None)
    if source.count("{%") + source.count("{{") > limits.TAGS:
        raise LiquidSyntaxError(f"a letter has at most {limits.TAGS:,} tags", token=None)
    if _BLANKS.search(source):
        raise LiquidSyntaxError("a tag begins with very many blanks", token=None)
    _closed(source, "doc")
    _closed(_DOC.sub("", source), "raw")
    tag, around = "", [""]
    for token in lexer(source):
        if token.kind == TOKEN_TAG:
            tag = token.value
            if tag in _WITH_WHEN:
                around.append(tag)
            elif tag in ("endblock", "endcase") and len(around) > 1:
                around.pop()
        elif token.kind == TOKEN_EXPRESSION:
            if not (tag == "when" and around[-1] == "block"):  # segment language, not ours to read
                _check(token.value.split("\n") if tag == "liquid" else [token.value], token)
            tag = ""
        yield token


_DOC = re.compile(r"\{%-?\s*doc\s*-?%\}.*?\{%-?\s*enddoc\s*-?%\}", re.S)
_BLANKS = re.compile(r"\{[%{]-?\s*(#|\w+)?\s{" + str(limits.BLANKS) + "}")
_WITH_WHEN = ("block", "case")


def _check(lines: list[str], token: Token) -> None:
    if len(lines) > limits.EXPRESSION:
        raise LiquidSyntaxError("this tag is too long", token=token)
    for line in lines:
        if len(line) > limits.EXPRESSION:
            raise LiquidSyntaxError(
                f"a tag has at most {limits.EXPRESSION:,} characters", token=token
            )
        if line.count("(") + line.count("[") > limits.BRACKETS:
            raise LiquidSyntaxError(f"a tag has at most {limits.BRACKETS} brackets", token=token)


def _closed(source: str, name: str) -> None:
    """An unclosed `raw` would have the lexer look to the end of the text, again and again."""
    opened = [m.start() for m in re.finditer(r"\{%-?\s*" + name + r"\s*-?%\}", source)]
    closed = [m.end() for m in re.finditer(r"\{%-?\s*end" + name + r"\s*-?%\}", source)]
    if opened and (not closed or opened[-1] > closed[-1]):
        token = Token(TOKEN_TAG, name, opened[-1], source)
        raise LiquidSyntaxError(f"this “{name}” is never closed", token=token)
