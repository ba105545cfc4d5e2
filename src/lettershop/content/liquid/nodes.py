"""Tags, as rendered: python-liquid's nodes with their way prepared and their outcome noted."""

from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from liquid import Markup, Node, Token
from liquid.ast import BlockNode
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import Identifier, LoopExpression
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.for_tag import ForLoop, ForNode
from liquid.exceptions import BreakLoop, ContinueLoop
from liquid.expression import Expression
from liquid.output import NullIO

from lettershop.content.liquid import limits
from lettershop.content.liquid.conditions import same
from lettershop.content.liquid.context import Paper, Reading
from lettershop.content.liquid.limits import too_much
from lettershop.content.liquid.missing import Hidden

Write = Callable[[Reading, TextIO], object]


class Body(BlockNode):
    """What stands between two tags: texts, and nodes to render."""

    __slots__ = ("steps",)

    def __init__(self, token: Token, nodes: list[Node], blank: bool) -> None:
        super().__init__(token, nodes)
        self.blank = blank
        self.steps: list[str | Write] = [_step(node) for node in nodes]

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        if self.blank:  # as Liquid has it: control flow around nothing but blanks writes none
            buffer = NullIO()
        write = buffer.write
        for step in self.steps:
            if type(step) is str:
                write(step)
            else:
                step(context, buffer)  # type: ignore[operator]  # mypy keeps the str here
        return 0


def _step(node: Node) -> str | Write:
    if type(node) is ContentNode:
        return node.text
    # `render` asks whether the tag is disabled, which only partial templates bring about.
    return node.render_to_output if type(node).__module__ == __name__ else node.render


class Branch:
    """A condition, what stands below it, the outcome that it was taken."""

    __slots__ = ("bit", "body", "condition")

    def __init__(self, condition: Expression, body: Body, bit: int) -> None:
        self.condition, self.body, self.bit = condition, body, bit


class Choice(Node):
    """`if` and `unless` with their `elsif` and `else`."""

    __slots__ = ("bit", "branches", "otherwise")

    def __init__(
        self, token: Token, branches: Sequence[Branch], otherwise: Body | None, bit: int
    ) -> None:
        super().__init__(token)
        self.branches, self.otherwise, self.bit = tuple(branches), otherwise, bit

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        for branch in self.branches:
            if branch.condition.evaluate(context):
                context.outcomes |= branch.bit
                return branch.body.render_to_output(context, buffer)
        context.outcomes |= self.bit
        return self.otherwise.render_to_output(context, buffer) if self.otherwise else 0


class When:
    """One `when` of a `case`; without `values` its `else`."""

    __slots__ = ("bit", "body", "values")

    def __init__(self, values: Sequence[Expression] | None, body: Body, bit: int) -> None:
        self.values, self.body, self.bit = values, body, bit


class Case(Node):
    """Every `when` that holds is rendered, once for each of its values that does; an `else` where
    none before it did."""

    __slots__ = ("bit", "subject", "whens")

    def __init__(self, token: Token, subject: Expression, whens: list[When], bit: int) -> None:
        super().__init__(token)
        self.subject, self.whens, self.bit = subject, whens, bit

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        left, found = self.subject.evaluate(context), False
        for when in self.whens:
            if when.values is None:
                times = int(not found)
            else:
                rights = [value.evaluate(context) for value in when.values]
                times = sum(same(self.token, left, right) for right in rights)
                found = found or times > 0
            if times:
                context.outcomes |= when.bit
            for _ in range(times):
                when.body.render_to_output(context, buffer)
        if not found:
            context.outcomes |= self.bit
        return 0


class For(ForNode):
    """`bits`: the outcomes of no round, one round, several. `told`: its counters are asked for.
    `weight`: how much is within."""

    __slots__ = ("bits", "key", "plain", "told", "weight")

    def __init__(
        self,
        token: Token,
        expression: LoopExpression,
        body: Body,
        default: Body | None,
        bits: tuple[int, int, int],
        told: bool,
        weight: int,
    ) -> None:
        super().__init__(token, expression, body, default)
        self.bits, self.told, self.weight = bits, told, weight
        self.key = f"{expression.identifier}-{expression.iterable}"
        self.plain = not (expression.limit or expression.offset or expression.reversed)

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        elements, length = self._elements(context)
        context.outcomes |= self.bits[min(length, 2)]
        if not length:
            return self.default.render_to_output(context, buffer) if self.default else 0
        context.count_rounds(length, self.weight)
        name = str(self.expression.identifier)
        loop = (
            ForLoop(self.key, iter(elements), length, context.parentloop()) if self.told else None
        )
        names: dict[str, object] = {} if loop is None else {"forloop": loop}
        if loop is not None:
            context.loops.append(loop)
        context.maps.insert(0, names)
        try:
            self._rounds(loop if loop is not None else elements, name, names, context, buffer)
        finally:
            del context.maps[0]
            if loop is not None:
                context.loops.pop()
        return 0

    def _rounds(
        self,
        elements: Iterable[object],
        name: str,
        names: dict[str, object],
        context: Reading,
        buffer: TextIO,
    ) -> None:
        render = self.block.render_to_output
        for element in elements:
            names[name] = element
            try:
                render(context, buffer)
            except ContinueLoop:
                continue
            except BreakLoop:
                break
            if buffer.tell() > limits.OUTPUT:
                raise too_much(f"the letter grows beyond {limits.OUTPUT:,} characters")

    def _elements(self, context: Reading) -> tuple[Iterable[object], int]:
        if self.plain:
            value = self.expression.iterable.evaluate(context)
            if type(value) is list:
                context.stopindex(self.key, len(value))
                return value, len(value)
        return self.expression.evaluate(context)


class Assign(AssignNode):
    __slots__ = ()

    def __init__(self, token: Token, name: Identifier, expression: Expression) -> None:
        super().__init__(token, name=name, expression=expression)

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        context.locals[self.name] = self.expression.evaluate(context)
        return 0


class Capture(CaptureNode):
    __slots__ = ()

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        paper = Paper()
        self.block.render_to_output(context, paper)
        text = paper.getvalue()
        context.weigh(text)
        context.locals[self.name] = Markup(text) if context.autoescape else text
        return 0


class Part(Node):
    """`{% block NAME %}`. `number`: of the block, in `Reading.shown`. `bodies`: one per condition
    and the default; `bits`: their outcomes, then that of being hidden."""

    __slots__ = ("bits", "bodies", "number")

    def __init__(
        self, token: Token, number: int, bodies: Sequence[Body], bits: Sequence[int]
    ) -> None:
        super().__init__(token)
        self.blank = False
        self.number, self.bodies, self.bits = number, tuple(bodies), tuple(bits)

    def render_to_output(self, context: Reading, buffer: TextIO) -> int:  # type: ignore[override]
        last, shown = len(self.bodies) - 1, context.shown
        branch = min(shown[self.number], last) if self.number < len(shown) else last
        paper, lost = Paper(), len(context.lost)
        try:
            self.bodies[branch].render_to_output(context, paper)
        except Hidden:
            # What was missing in it is of no concern: nobody reads it.
            del context.lost[lost:]
            context.outcomes |= self.bits[-1]
            return 0
        context.outcomes |= self.bits[branch]
        buffer.write(paper.getvalue())
        return 0
