"""What a condition says about what is there: of `contact.plan != blank and order`, where it holds,
that both are."""

from liquid.builtin.expressions.primitive import Blank, Empty, Nil
from liquid.expression import Expression

from lettershop.content.letter import Path
from lettershop.content.liquid import conditions
from lettershop.content.liquid.conditions import Both, Compare, Either, Negated, Truth
from lettershop.content.liquid.variables import Fixed, Variable

Paths = frozenset[Path]
Facts = tuple[Paths, Paths]
"""What is surely there (where the condition holds, where it does not)."""
NONE: Paths = frozenset()


def facts(condition: Expression) -> Facts:
    match condition:
        case Variable():
            return (NONE if condition.counts else known(condition)), NONE
        case Both():
            (left, not_left), (right, not_right) = facts(condition.inner), facts(condition.other)
            if isinstance(condition, Either):
                return left & right, not_left | not_right
            return left | right, not_left & not_right
        case Negated():
            holds, fails = facts(condition.inner)
            return fails, holds
        case Truth():
            return facts(condition.inner)
        case Compare():
            return _compared(condition)
        case _:
            return NONE, NONE


def known(variable: Expression) -> Paths:
    """What is there when the variable has a value: it, and what it is in."""
    if not isinstance(variable, Variable):
        return NONE
    paths = {variable.real} if variable.real else set(variable.sources)
    return frozenset(path[:length] for path in paths for length in range(1, len(path) + 1) if path)


def _compared(condition: Compare) -> Facts:
    left, right, compare = condition.left, condition.right, condition.compare
    if isinstance(left, Blank | Empty | Nil):
        left, right = right, left
    if isinstance(left, Variable) and left.counts:
        return _counted(left, right, condition)
    if compare in (conditions.same, conditions.differs):
        nothing = isinstance(right, Blank | Empty | Nil) or _blank(right)
        there = known(left) if isinstance(right, Fixed) or nothing else NONE
        there = there or (known(right) if isinstance(left, Fixed) and not _blank(left) else NONE)
        return (there, NONE) if (compare is conditions.same) != nothing else (NONE, there)
    return known(left) | known(right), NONE


def _counted(left: Variable, right: Expression, condition: Compare) -> Facts:
    """`deals.size > 0`: a missing list has no elements."""
    if not (isinstance(right, Fixed) and isinstance(right.value, int) and not right.value):
        return NONE, NONE
    if condition.compare is conditions.same:
        return NONE, known(left)
    some = condition.compare in (conditions.more, conditions.differs)
    return (known(left) if some else NONE), NONE


def _blank(expression: Expression) -> bool:
    return isinstance(expression, Fixed) and not str(expression.value).strip()
