"""One walk over a parsed text: python-liquid's nodes become ours, and all that is to be known of
them beforehand is noted in the register."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from liquid import Node, Token
from liquid.ast import BlockNode
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import LoopExpression
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.case_tag import CaseNode, MultiExpressionBlockNode
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.builtin.tags.cycle_tag import CycleNode
from liquid.builtin.tags.decrement_tag import DecrementNode
from liquid.builtin.tags.doc_tag import DocNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.ifchanged_tag import IfChangedNode
from liquid.builtin.tags.increment_tag import IncrementNode
from liquid.builtin.tags.liquid_tag import LiquidNode
from liquid.builtin.tags.tablerow_tag import TablerowNode
from liquid.builtin.tags.unless_tag import UnlessNode

from lettershop.content.liquid.blocks import Branches
from lettershop.content.liquid.conditions import Negated
from lettershop.content.liquid.environment import Liquid
from lettershop.content.liquid.expressions import Expressions
from lettershop.content.liquid.facts import NONE, Paths, facts, known
from lettershop.content.liquid.html import Html, State
from lettershop.content.liquid.nodes import (
    Assign,
    Body,
    Branch,
    Capture,
    Case,
    Choice,
    For,
    Part,
    When,
)
from lettershop.content.liquid.origins import Origin
from lettershop.content.liquid.outputs import LaxOutput, Link, Output, Styled
from lettershop.content.liquid.register import Kind, Register
from lettershop.content.liquid.scope import Known, Scope
from lettershop.content.liquid.variables import CountedLoop, Fixed, Used


class Fitter(Expressions):
    def __init__(
        self, env: Liquid, register: Register, origin: Origin, scope: Scope, source: str
    ) -> None:
        super().__init__(env, register, origin, scope)
        self.html = Html() if env.autoescape and env.strict else None
        self.told = not env.strict or "forloop" in source or "continue" in source
        self.blocks_here: dict[str, int] = {}

    def nodes(self, nodes: Sequence[Node]) -> list[Node]:
        """Fitted, with texts side by side joined and comments dropped."""
        made: list[Node] = []
        for node in nodes:
            fitted = self.node(node)
            if fitted is None:
                continue
            if made and type(fitted) is ContentNode and type(made[-1]) is ContentNode:
                joined = made[-1].text + fitted.text
                made[-1] = ContentNode(made[-1].token, joined)
            else:
                made.append(fitted)
        return made

    def body(self, block: BlockNode, there: Paths = NONE) -> Body:
        before = self.there
        self.there = before | there
        try:
            return Body(block.token, self.nodes(block.nodes), block.blank)
        finally:
            self.there = before

    def node(self, node: Node) -> Node | None:
        self.size += 1
        match node:
            case ContentNode():
                if self.html:
                    self.html.feed(node.text)
                return node
            case OutputNode():
                return self._output(node)
            case IfNode() | UnlessNode():
                return self._choice(node)
            case CaseNode():
                return self._case(node)
            case ForNode():
                return self._for(node)
            case Branches():
                return self._part(node)
            case CommentNode() | DocNode():
                return None
            case _:
                return self._other(node)

    def _other(self, node: Node) -> Node:
        match node:
            case AssignNode():
                expression = self.fit(node.expression, "keep")
                self.scope.names[str(node.name)] = self.result(expression)
                return Assign(node.token, node.name, expression)
            case CaptureNode():
                # Whatever is captured in HTML is text there: it may stand in no link or style.
                made = Capture(node.token, node.name, self.body(node.block))
                self.scope.names[str(node.name)] = Known()
                return made
            case TablerowNode():
                node.expression = CountedLoop(self.loop(node.expression), self._loop_bits(node))
                with self._loop_names(node.expression):
                    node.block = self.body(node.block, known(node.expression.iterable))
            case CycleNode():
                node.group = None if node.group is None else Used(self.fit(node.group, "use"))
                node.args = [Used(self.fit(argument, "use")) for argument in node.args]
            case IncrementNode() | DecrementNode():
                self.scope.names.setdefault(str(node.name), Known())
            case IfChangedNode() | LiquidNode():
                node.block = self.body(node.block)
            case _:
                pass
        return node

    def _output(self, node: OutputNode) -> Node:
        expression = self.fit(node.expression, "use")
        if not self.env.strict:
            return LaxOutput(node.token, expression)
        kind, begins = self.html.output() if self.html else ("text", False)
        locale = self.env.locale
        match kind:
            case "link":
                return Link(node.token, expression, locale, begins)
            case "style":
                return Styled(node.token, expression, locale)
            case "bare" if not isinstance(expression, Fixed):
                self._say(
                    "unquoted",
                    "a value stands in a tag but not within quotes: it could add attributes",
                    node.token,
                    'put quotes around the attribute\'s value: alt="{{ … }}"',
                )
            case "script":
                self._say("script", "a value stands in a script, where none may", node.token)
        return Output(node.token, expression, locale)

    # --- tags with branches ------------------------------------------------------------------

    def _choice(self, node: IfNode | UnlessNode) -> Choice:
        tests = [(node.condition, node.consequence)]
        tests += [(other.expression, other.block) for other in node.alternatives]
        branches: list[Branch] = []
        there, state = NONE, self._html_state()
        for at, (test, block) in enumerate(tests):
            condition = self.fit(test, "test")
            if at == 0 and isinstance(node, UnlessNode):
                condition = Negated(condition.token, condition)
            holds, fails = facts(condition)
            self._rewind(state)
            body = self.body(block, there | holds)
            branches.append(Branch(condition, body, self._bit(node, "branch", str(at + 1))))
            there |= fails
        otherwise = None
        if node.default:
            self._rewind(state)
            otherwise = self.body(node.default, there)
        return Choice(node.token, branches, otherwise, self._bit(node, "branch", "else"))

    def _case(self, node: CaseNode) -> Case:
        subject, state = self.fit(node.expression, "test"), self._html_state()
        whens: list[When] = []
        number = 0
        for block in node.blocks:
            self._rewind(state)
            if isinstance(block, MultiExpressionBlockNode):
                number += 1
                values = [self.fit(value, "test") for value in block.expression.expressions]
                plain = all(isinstance(v, Fixed) and str(v.value).strip() for v in values)
                body = self.body(block.block, known(subject) if plain else NONE)
                whens.append(When(values, body, self._bit(node, "branch", str(number))))
            else:
                whens.append(When(None, self.body(block), 0))
        return Case(node.token, subject, whens, self._bit(node, "branch", "else"))

    def _for(self, node: ForNode) -> For:
        expression, state, before = self.loop(node.expression), self._html_state(), self.size
        with self._loop_names(expression):
            body = self.body(node.block, known(expression.iterable))
        default = None
        if node.default:
            self._rewind(state)
            default = self.body(node.default)
        none = "else" if node.default else "0"
        zero, one, many = (self._bit(node, "loop", result) for result in (none, "1", "n"))
        bits, weight = (zero, one, many), self.size - before
        return For(node.token, expression, body, default, bits, self.told, weight)

    @contextmanager
    def _loop_names(self, loop: LoopExpression) -> Iterator[None]:
        """The element's name, for as long as the loop lasts."""
        name, before = str(loop.identifier), dict(self.scope.names)
        list_ = self.result(loop.iterable).path
        self.scope.names[name] = Known((*list_, "*")) if list_ else Known()
        try:
            yield
        finally:
            self.scope.names.pop(name, None)
            if name in before:
                self.scope.names[name] = before[name]

    def _part(self, node: Branches) -> Part:
        line, at = self.origin.line(node.token.start_index), self._offset(node.token)
        number = self.register.block(node.name, tuple(node.conditions), line)
        if isinstance(number, str):
            self._say("block_differs", number, node.token)
            number = 0
        elif self.blocks_here.setdefault(node.name, at) != at:
            self._say("block_twice", f"there are two blocks “{node.name}”", node.token)
        self.within += 1
        bodies, state = [], self._html_state()
        for block in node.bodies:
            self._rewind(state)
            bodies.append(self.body(block))
        self.within -= 1
        results = [*(str(n + 1) for n in range(len(node.conditions))), "default", "hidden"]
        bits = [self.register.bit("block", node.name, r, line, None) for r in results]
        return Part(node.token, number, bodies, bits)

    # --- what is noted -----------------------------------------------------------------------

    def _bit(self, node: Node, kind: Kind, result: str) -> int:
        site = (self.origin.file, self._offset(node.token))
        line = self.origin.line(node.token.start_index)
        return self.register.bit(kind, written(node.token), result, line, site)

    def _loop_bits(self, node: Node) -> tuple[int, int, int]:
        zero, one, many = (self._bit(node, "loop", result) for result in ("0", "1", "n"))
        return zero, one, many

    def _offset(self, token: Token) -> int:
        return self.origin.offset(token.start_index)

    def _html_state(self) -> State | None:
        return self.html.state if self.html else None

    def _rewind(self, state: State | None) -> None:
        """Every branch begins where its tag stands."""
        if self.html and state is not None:
            self.html.state = state


def written(token: Token) -> str:
    """The tag as it is written, in one line."""
    begin = token.source.rfind("{%", 0, token.start_index)
    end = token.source.find("%}", token.start_index)
    inside = token.source[token.start_index : end] if begin >= 0 <= end else token.value
    return " ".join(inside.rstrip("-").split())
