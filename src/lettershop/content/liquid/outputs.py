"""`{{ … }}`: a value as text, as its place in the letter allows.

In HTML values are escaped. Where they begin a link, they must be one that is safe to follow;
within styles, plain words and numbers. What is not is refused and not mended: a link to nowhere
would be a wrong letter, and the finding says which value it is.
"""

import datetime as dt
import html
import re
from decimal import Decimal
from typing import TextIO

from liquid import Markup, Token, escape
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidTypeError
from liquid.expression import Expression
from liquid.stringify import to_liquid_string

from lettershop.content.liquid import limits
from lettershop.content.liquid.context import Reading
from lettershop.content.liquid.limits import too_much
from lettershop.content.liquid.local import day
from lettershop.content.liquid.missing import Missing
from lettershop.content.liquid.numbers import sized

SCHEMES = {"http", "https", "mailto", "tel", "sms", "cid"}
"""Schemes a link from data may have; without one it is relative, which lint judges."""
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")
"""What browsers overlook in a scheme."""
_STYLE = re.compile(r"[\w #%.,-]*")


class Unsafe(LiquidTypeError):
    """A value that must not stand in its place."""


class LaxOutput(OutputNode):
    """As python-liquid does it, without its detours."""

    __slots__ = ()

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        value = self.expression.evaluate(context)
        buffer.write(to_liquid_string(value, context.autoescape))
        return _checked(buffer)


class Output(OutputNode):
    """Of a letter: nothing empty, no objects."""

    __slots__ = ("locale",)

    def __init__(self, token: Token, expression: Expression, locale: str) -> None:
        super().__init__(token, expression)
        self.locale = locale

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        value = self.expression.evaluate(context)
        kind = type(value)
        text = value if kind is str or kind is Markup else self._text(value, context)
        buffer.write(escape(text) if context.autoescape else text)  # type: ignore[arg-type]
        return _checked(buffer)

    def _text(self, value: object, context: Reading) -> str:
        match value:
            case Missing():
                value = context.use(value, self.token)
                return value if isinstance(value, str) else self._text(value, context)
            case str():
                return value
            case bool():
                return str(value).lower()
            case dt.date():
                return day(value, "long", self.locale)
            case dict():
                raise LiquidTypeError("this is an object, not a text", token=self.token)
            case list() | tuple() | range():
                raise LiquidTypeError(
                    "this is a list: say “| list” or “| join: …”", token=self.token
                )
            case None:
                raise LiquidTypeError("this has come out empty", token=self.token)
            case _:
                return str(sized(value) if isinstance(value, int | float | Decimal) else value)


class Link(Output):
    """In an attribute that is followed (href, src …). `begins`: nothing stands before it there."""

    __slots__ = ("begins",)

    def __init__(self, token: Token, expression: Expression, locale: str, begins: bool) -> None:
        super().__init__(token, expression, locale)
        self.begins = begins

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        value = self.expression.evaluate(context)
        text = value if isinstance(value, str) else self._text(value, context)
        plain = html.unescape(text) if hasattr(text, "__html__") else text
        found = _SCHEME.match(_UNSEEN.sub("", plain))
        scheme = found.group(1).lower() if found else ""
        allowed = scheme in SCHEMES if self.begins else scheme not in _RUN
        if scheme and not allowed:
            raise Unsafe(f"a value would make this a link of “{scheme}:”", token=self.token)
        buffer.write(escape(text))
        return _checked(buffer)


_RUN = {"javascript", "vbscript", "data"}


class Styled(Output):
    """In a style."""

    __slots__ = ()

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        value = self.expression.evaluate(context)
        text = value if isinstance(value, str) else self._text(value, context)
        if not _STYLE.fullmatch(text):
            raise Unsafe("a value would write styles of its own here", token=self.token)
        buffer.write(text)
        return _checked(buffer)


def _checked(buffer: TextIO) -> int:
    if buffer.tell() > limits.OUTPUT:
        raise too_much(f"the letter grows beyond {limits.OUTPUT:,} characters")
    return 0
