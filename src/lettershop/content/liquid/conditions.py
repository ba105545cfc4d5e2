"""Conditions: what `if`, `unless` and `case` ask.

Tests see whether a value is there, not its fallback: of somebody without a plan
`contact.plan == "free"` is false whatever `[missing]` says about the plan. Comparisons with a
missing value are false.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from liquid import Token, Undefined
from liquid.builtin.expressions.logical import _contains, _le, _lt
from liquid.builtin.expressions.primitive import Blank, Empty
from liquid.exceptions import LiquidTypeError
from liquid.expression import Expression

from lettershop.content.liquid.context import Reading
from lettershop.content.liquid.missing import Missing
from lettershop.content.liquid.variables import is_blank

Comparison = Callable[[Token, object, object], bool]


def truthy(value: object) -> bool:
    return not (value is None or value is False or isinstance(value, Undefined))


def same(token: Token, left: object, right: object) -> bool:
    """`==`; stock python-liquid says that missing and nil are not blank."""
    if isinstance(left, Blank | Empty):
        left, right = right, left
    if isinstance(right, Blank):
        return isinstance(left, Blank) or is_blank(left)
    if isinstance(right, Empty):
        return type(left) is Missing or right == left
    if isinstance(left, Undefined) or isinstance(right, Undefined):
        other = right if isinstance(left, Undefined) else left
        return other is None or isinstance(other, Undefined)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def differs(token: Token, left: object, right: object) -> bool:
    return not same(token, left, right)


def less(token: Token, left: object, right: object) -> bool:
    if type(left) is Missing or type(right) is Missing:
        return False
    if isinstance(left, date) and type(left) is type(right):
        return _before(left, right)
    return _lt(token, left, right)


def at_most(token: Token, left: object, right: object) -> bool:
    if type(left) is Missing or type(right) is Missing:
        return False
    if isinstance(left, date) and type(left) is type(right):
        return not _before(right, left)
    if isinstance(left, str) != isinstance(right, str) and _number(left) != _number(right):
        return _lt(token, left, right)  # says what is wrong instead of "no"
    return _le(left, right)


def more(token: Token, left: object, right: object) -> bool:
    return less(token, right, left)


def at_least(token: Token, left: object, right: object) -> bool:
    return at_most(token, right, left)


def contains(token: Token, left: object, right: object) -> bool:
    return _contains(token, left, right)


def _before(left: object, right: object) -> bool:
    match left, right:
        case datetime(), datetime():
            return left < right
        case date(), date():
            return left < right
        case _:
            return False


def _number(value: object) -> bool:
    return isinstance(value, int | float | Decimal)


class Truth(Expression):
    """A condition as a whole."""

    __slots__ = ("inner",)

    def __init__(self, token: Token, inner: Expression) -> None:
        super().__init__(token)
        self.inner = inner

    def evaluate(self, context: Reading) -> bool:  # type: ignore[override]  # ours alone
        value = self.inner.evaluate(context)
        return value if type(value) is bool else truthy(value)

    def children(self) -> list[Expression]:
        return [self.inner]


class Compare(Expression):
    __slots__ = ("compare", "left", "right")

    def __init__(
        self, token: Token, compare: Comparison, left: Expression, right: Expression
    ) -> None:
        super().__init__(token)
        self.compare, self.left, self.right = compare, left, right

    def evaluate(self, context: Reading) -> bool:  # type: ignore[override]  # ours alone
        left, right = self.left.evaluate(context), self.right.evaluate(context)
        try:
            return self.compare(self.token, left, right)
        except (ArithmeticError, TypeError) as error:  # NaN, times with and without a zone
            raise LiquidTypeError("these two cannot be compared", token=self.token) from error

    def children(self) -> list[Expression]:
        return [self.left, self.right]


class Both(Truth):
    __slots__ = ("other",)

    def __init__(self, token: Token, inner: Expression, other: Expression) -> None:
        super().__init__(token, inner)
        self.other = other

    def evaluate(self, context: Reading) -> bool:  # type: ignore[override]  # ours alone
        return truthy(self.inner.evaluate(context)) and truthy(self.other.evaluate(context))

    def children(self) -> list[Expression]:
        return [self.inner, self.other]


class Either(Both):
    __slots__ = ()

    def evaluate(self, context: Reading) -> bool:  # type: ignore[override]  # ours alone
        return truthy(self.inner.evaluate(context)) or truthy(self.other.evaluate(context))


class Negated(Truth):
    """`unless`."""

    __slots__ = ()

    def evaluate(self, context: Reading) -> bool:  # type: ignore[override]  # ours alone
        return not truthy(self.inner.evaluate(context))
