"""The tag `block`, as parsed: `{% block NAME %}{% when … %} … {% default %} … {% endblock %}`.

A condition is the segment language, so it is kept as it is written up to `%}`.
"""

import re

from liquid import Node, Token, TokenStream
from liquid.ast import BlockNode
from liquid.builtin.content import ContentNode
from liquid.exceptions import LiquidSyntaxError
from liquid.parser import get_parser
from liquid.tag import Tag
from liquid.token import TOKEN_EXPRESSION, TOKEN_ILLEGAL, TOKEN_TAG

from lettershop.language.tables import nearest

ENDS = frozenset(("when", "default", "endblock"))
_NAME = re.compile(r"[^\W\d][\w-]*")


class Branches(Node):
    """`conditions` and `bodies` belong together; a last body more is the default."""

    __slots__ = ("bodies", "conditions", "name")

    def __init__(
        self, token: Token, name: str, conditions: list[str], bodies: list[BlockNode]
    ) -> None:
        super().__init__(token)
        self.name, self.conditions, self.bodies = name, conditions, bodies
        self.blank = False

    def render_to_output(self, context: object, buffer: object) -> int:
        raise NotImplementedError("fitting.py makes a Part of it")


class BlockTag(Tag):
    name = "block"
    end = "endblock"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        name = _expression(stream)
        if not _NAME.fullmatch(name):
            raise LiquidSyntaxError("a block has a name: {% block offer %}", token=token)
        first = get_parser(self.env).parse_block(stream, ENDS)
        if stream.current.is_tag("endblock"):
            return Branches(token, name, [], [first])
        if not _nothing(first):
            raise LiquidSyntaxError(
                f"between block “{name}” and its first “when” nothing may stand", token=token
            )
        conditions, bodies = self._whens(stream, token, name)
        return Branches(token, name, conditions, bodies)

    def _whens(
        self, stream: TokenStream, token: Token, name: str
    ) -> tuple[list[str], list[BlockNode]]:
        conditions: list[str] = []
        bodies: list[BlockNode] = []
        while stream.current.is_tag("when"):
            when = next(stream)
            conditions.append(_expression(stream))
            if not conditions[-1]:
                raise LiquidSyntaxError("this “when” says no condition", token=when)
            bodies.append(get_parser(self.env).parse_block(stream, ENDS))
        if not stream.current.is_tag("default"):
            raise LiquidSyntaxError(
                f"block “{name}” has no default: {{% default %}} says what all others see",
                token=token,
            )
        next(stream)
        _expression(stream)
        bodies.append(get_parser(self.env).parse_block(stream, ENDS))
        if not stream.current.is_tag("endblock"):
            raise LiquidSyntaxError(
                f"in block “{name}” nothing may follow {{% default %}}", token=stream.current
            )
        return conditions, bodies


class UnknownTag(Tag):
    """Stands for every tag that there is none of."""

    name = TOKEN_ILLEGAL

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        if token.value in ("include", "render"):
            message = f"letters have no partial templates, so nothing to “{token.value}”"
        elif token.value == "untranslated":
            message = "this is of another tool and was not translated: say here what it shall be"
        elif token.value.startswith("end") or token.value in ("else", "elsif", "when", "default"):
            message = f"“{token.value}” stands where nothing is open that it could belong to"
        else:
            near = nearest(token.value, list(self.env.tags))
            message = f"there is no tag “{token.value}”"
            message += f", did you mean “{near}”?" if near else ""
        raise UnknownTagError(message, token=token)


class UnknownTagError(LiquidSyntaxError):
    """A tag that there is none of, or that is not open."""


def _expression(stream: TokenStream) -> str:
    if stream.current.kind != TOKEN_EXPRESSION:
        return ""
    return next(stream).value.strip()


def _nothing(body: BlockNode) -> bool:
    return all(isinstance(node, ContentNode) and not node.text.strip() for node in body.nodes)
