"""From python-liquid's expressions to ours, noting what they read."""

from collections.abc import Sequence
from typing import Literal

from liquid import Markup, Token
from liquid.builtin.expressions import (
    BooleanExpression,
    FilteredExpression,
    LoopExpression,
    Path as StockPath,
)
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.logical import (
    ContainsExpression,
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LogicalAndExpression,
    LogicalNotExpression,
    LogicalOrExpression,
    LtExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import (
    FalseLiteral,
    FloatLiteral,
    IntegerLiteral,
    RangeLiteral,
    StringLiteral,
    TrueLiteral,
)
from liquid.exceptions import FilterArgumentError, UnknownFilterError
from liquid.expression import Expression

from lettershop.content.letter import Path
from lettershop.content.liquid import conditions, filters
from lettershop.content.liquid.conditions import Both, Compare, Comparison, Either, Negated, Truth
from lettershop.content.liquid.environment import Liquid
from lettershop.content.liquid.facts import Paths
from lettershop.content.liquid.filtered import Default, Filtered, Size, Step
from lettershop.content.liquid.missing import Missing
from lettershop.content.liquid.origins import Origin
from lettershop.content.liquid.register import Register
from lettershop.content.liquid.scope import ONE_OF, SAME_LIST, Known, Scope
from lettershop.content.liquid.variables import Fixed, Range, Used, Value, Variable
from lettershop.content.policies import OBJECTS
from lettershop.content.template import Hide
from lettershop.language.tables import nearest

Role = Literal["use", "test", "keep"]
"""use: it is written somewhere. test: it is asked whether it is there. keep: it gets a name."""

COMPARISONS: dict[type[Expression], Comparison] = {
    EqExpression: conditions.same,
    NeExpression: conditions.differs,
    LtExpression: conditions.less,
    LeExpression: conditions.at_most,
    GtExpression: conditions.more,
    GeExpression: conditions.at_least,
    ContainsExpression: conditions.contains,
}


class Expressions:
    """Of one part of a letter. `there`: what is surely there at this point; `within`: blocks
    around it. `size`: nodes and expressions so far."""

    def __init__(self, env: Liquid, register: Register, origin: Origin, scope: Scope) -> None:
        self.env, self.register, self.origin, self.scope = env, register, origin, scope
        self.there: Paths = frozenset()
        self.within = self.size = 0

    def fit(self, expression: Expression, role: Role) -> Expression:
        self.size += 1
        match expression:
            case StockPath():
                return self.variable(expression, role)
            case StringLiteral(value=str() as text):
                return Fixed(expression.token, Markup(text) if self.env.autoescape else text)
            case IntegerLiteral() | FloatLiteral() | TrueLiteral() | FalseLiteral():
                return Fixed(expression.token, expression.value)
            case RangeLiteral():
                start, stop = (self.fit(e, "use") for e in (expression.start, expression.stop))
                return Range(expression.token, Used(start), Used(stop))
            case FilteredExpression():
                return self.filtered(expression, role)
            case LoopExpression():
                return self.loop(expression)
            case _:
                return self._condition(expression)

    def _condition(self, expression: Expression) -> Expression:
        token = expression.token
        match expression:
            case BooleanExpression():
                return Truth(token, self.fit(expression.expression, "test"))
            case LogicalNotExpression():
                return Negated(token, self.fit(expression.right, "test"))
            case LogicalAndExpression() | LogicalOrExpression():
                joined = Both if isinstance(expression, LogicalAndExpression) else Either
                left = self.fit(expression.left, "test")
                return joined(token, left, self.fit(expression.right, "test"))
            case (
                EqExpression()
                | NeExpression()
                | LtExpression()
                | LeExpression()
                | GtExpression()
                | GeExpression()
                | ContainsExpression()
            ):
                left, right = (self.fit(e, "test") for e in (expression.left, expression.right))
                return Compare(token, COMPARISONS[type(expression)], left, right)
            case _:
                return expression

    def used(self, expression: Expression | None) -> Expression | None:
        """For nodes of python-liquid's own."""
        if expression is None or isinstance(expression, StringLiteral):
            return expression
        return Used(self.fit(expression, "use"))

    def loop(self, loop: LoopExpression) -> LoopExpression:
        return LoopExpression(
            loop.token,
            loop.identifier,
            self.fit(loop.iterable, "test"),
            limit=self.used(loop.limit),
            offset=self.used(loop.offset),
            reversed_=loop.reversed,
            cols=self.used(loop.cols),
        )

    # --- variables ---------------------------------------------------------------------------

    def variable(self, path: StockPath, role: Role) -> Variable:
        segments = [self.fit(s, "use") if isinstance(s, StockPath) else s for s in path.path]
        if not self.env.strict:
            return Variable(path.token, segments, None, None)
        root = segments[0]
        if not isinstance(root, str):
            self._say("computed_name", "a variable's name must be written out", path.token)
            return Value(path.token, segments, None, None)
        real, counts = self.scope.resolved(root, segments[1:])
        if self._unknowable(root, segments, path.token):
            return Value(path.token, segments, None, None)
        line = self.origin.line(path.token.start_index)
        if real is None:
            return self._local(path.token, segments, root, role, line)
        self._read(real, role, path.token, counts)
        absent = self.register.missing(real, line, noted=role != "test")
        made = Value(path.token, segments, real, absent)
        made.counts = counts
        if role != "test" and not counts:
            made.present = self.register.value(real, "present", line)
        return made

    def _local(
        self,
        token: Token,
        segments: Sequence[str | int | Expression],
        root: str,
        role: Role,
        line: int,
    ) -> Variable:
        sources = self.scope.known(root).sources
        for source in sources:
            self._read(source, role, token, False)
        first = sources[0] if sources else (root,)
        made = Value(token, segments, None, self.register.missing(first, line, noted=False))
        made.sources = sources
        return made

    def _read(self, path: Path, role: Role, token: Token, counts: bool) -> None:
        harmless = role != "use" or counts or path in self.there or path[-1] == "*"
        self.register.read(path, harmless, token, self.origin)
        if not harmless and not self.within and isinstance(self.register.policy(path), Hide):
            self._say(
                "hide_outside",
                f"“{'.'.join(path)}” hides its block where it is missing, but stands in none here",
                token,
                "put {% block name %} … {% endblock %} around it",
            )

    def _unknowable(self, root: str, segments: Sequence[object], token: Token) -> bool:
        """Names that cannot be anything."""
        if self.scope.own(root):
            return False
        if any(isinstance(s, str) and s.startswith("_") for s in segments):
            self._say("unknown_name", "names do not begin with “_”", token)
        elif len(segments) > 1 and root not in OBJECTS and root not in self.scope.data:
            near = nearest(root, [*OBJECTS, *self.scope.data])
            hint = f"did you mean “{near}”?" if near else f"[data] may define “{root}”"
            self._say("unknown_name", f"nothing is called “{root}”", token, hint)
        elif len(segments) > 1 and root in OBJECTS and not isinstance(segments[1], str):
            self._say("computed_name", f"the field of “{root}” must be written out", token)
        else:
            return False
        return True

    # --- filters -----------------------------------------------------------------------------

    def filtered(self, expression: FilteredExpression, role: Role) -> Expression:
        wanted = expression.filters or []
        if not wanted:
            return self.fit(expression.left, role)
        left = self.fit(expression.left, self._left_role(wanted[0], role))
        steps = tuple(
            self._step(f, expression.left, self._argument_role(f, after, role))
            for f, after in zip(wanted, [*wanted[1:], None], strict=True)
        )
        empty = None
        if self.env.strict and isinstance(left, Value) and left.real and not left.counts:
            named = {step.name for step in steps}
            empty = left.absent if not named & {"default", "size"} else None
        return Filtered(
            expression.token, left, steps, empty if isinstance(empty, Missing) else None
        )

    def _left_role(self, first: Filter, role: Role) -> Role:
        """What has a default may be missing, which is noted all the same; what is only counted is
        as good as tested."""
        if role == "use" and first.name in ("default", "size"):
            return "keep" if first.name == "default" else "test"
        return role

    def _argument_role(self, wanted: Filter, after: Filter | None, role: Role) -> Role:
        """`| default: contact.nick | default: "you"`: the second is there for the first."""
        chained = wanted.name == "default" and after is not None and after.name == "default"
        return "keep" if chained and role == "use" else role

    def _step(self, wanted: Filter, left: Expression, role: Role) -> Step:
        self.size += 1
        stock = self.env.filters.get(wanted.name)
        function = filters.unchanged if stock is None else filters.bound(self.env, stock)
        arguments: list[tuple[str | None, Expression]] = [
            (getattr(arg, "name", None), self.fit(arg.value, role)) for arg in wanted.args
        ]
        if wanted.name == "money" and not arguments and self.env.strict:
            arguments.extend(self._currency(left, role))
        plain = sum(not name for name, _ in arguments)
        wrong = filters.takes(function, plain, [name for name, _ in arguments if name])
        if stock is None:
            self._unknown(wanted)
        elif wrong and self.env.strict:
            self._say("filter_arguments", f"{wanted.name}: {wrong}", wanted.token)
        elif wrong and wanted.name == "default":  # which would not look at them
            raise FilterArgumentError(wrong, token=wanted.token)
        kind = {"default": Default, "size": Size}.get(wanted.name, Step)
        return kind(wanted.token, wanted.name, function, arguments)

    def _unknown(self, wanted: Filter) -> None:
        message = f"there is no filter “{wanted.name}”"
        if not self.env.strict:
            raise UnknownFilterError(message, token=wanted.token)
        near = nearest(wanted.name, list(self.env.filters))
        hint = f"did you mean “{near}”?" if near else ""
        self._say("unknown_filter", message, wanted.token, hint)

    def _currency(self, left: Expression, role: Role) -> list[tuple[str | None, Expression]]:
        """The amount's own: `currency` beside it, of `offer.price` the `offer.currency`."""
        if not isinstance(left, StockPath) or len(left.path) < 2:
            return []
        beside = StockPath(left.token, [*left.path[:-1], "currency"])
        return [(None, self.variable(beside, role))]

    def result(self, expression: Expression) -> Known:
        """What a name is that gets this value."""
        match expression:
            case Value() if expression.real and not expression.counts:
                return Known(expression.real, (expression.real,))
            case Value():
                return Known(None, expression.sources)
            case Filtered():
                return self._made(expression)
            case _:
                return Known()

    def _made(self, made: Filtered) -> Known:
        known, names = self.result(made.left), [step.name for step in made.steps]
        sources = () if {"default", "size"} & set(names) else known.sources
        path = known.path
        for name in names:
            if name in ONE_OF and path is not None:
                path = (*path, "*")
            elif name not in SAME_LIST:
                return Known(None, sources)
        return Known(path, sources)

    def _say(self, what: str, message: str, token: Token, hint: str = "") -> None:
        self.register.say(what, message, token, self.origin, hint=hint)
