"""`value | filter: argument | …`, with filters looked up and constant arguments worked out once."""

from collections.abc import Callable, Sequence
from typing import Any

from liquid import Token
from liquid.exceptions import FilterError, LiquidError
from liquid.expression import Expression

from lettershop.content.liquid.context import Reading
from lettershop.content.liquid.missing import Missing

Arguments = Sequence[tuple[str | None, Expression]]
"""(name or None, value), in order."""


class Step:
    """One filter. On a missing value, or with a missing argument, the result is missing too."""

    __slots__ = ("arguments", "function", "name", "token", "wants_context")

    def __init__(
        self, token: Token, name: str, function: Callable[..., object], arguments: Arguments
    ) -> None:
        self.token, self.name, self.function = token, name, function
        self.arguments = arguments
        self.wants_context = bool(getattr(function, "with_context", False))

    def apply(self, value: object, context: Reading) -> object:
        if not self.arguments and not self.wants_context and type(value) is not Missing:
            return self._call(value, (), {}, context)
        plain, named = self._evaluated(context)
        for at, given in enumerate(plain):
            if type(given) is Missing:
                return given.lifted(
                    lambda instead, at=at: self._call(  # type: ignore[misc]
                        value, [*plain[:at], instead, *plain[at + 1 :]], named, context
                    )
                )
        for name, given in named.items():
            if type(given) is Missing:
                return given.lifted(
                    lambda instead, name=name: self._call(  # type: ignore[misc]
                        value, plain, {**named, name: instead}, context
                    )
                )
        if type(value) is Missing:
            return value.lifted(lambda instead: self._call(instead, plain, named, context))
        return self._call(value, plain, named, context)

    def _evaluated(self, context: Reading) -> tuple[list[object], dict[str, Any]]:
        named: dict[str, Any] = {"context": context} if self.wants_context else {}
        plain: list[object] = []
        for name, expression in self.arguments:
            if name:
                named[name] = expression.evaluate(context)
            else:
                plain.append(expression.evaluate(context))
        return plain, named

    def _call(
        self, value: object, plain: Sequence[object], named: dict[str, Any], context: Reading
    ) -> object:
        try:
            made = self.function(value, *plain, **named)
            context.weigh(made)
        except LiquidError as error:
            error.token = error.token or self.token
            raise
        except ArithmeticError as error:
            message = f"{self.name} cannot calculate with this value"
            raise FilterError(message, token=self.token) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise FilterError(f"{self.name}: {error}", token=self.token) from error
        return made


class Default(Step):
    """`default`: its argument is looked at only where it is needed."""

    __slots__ = ()

    def apply(self, value: object, context: Reading) -> object:
        if type(value) is not Missing:
            flags = [(name, e) for name, e in self.arguments if name]
            named = {name: e.evaluate(context) for name, e in flags if name}
            if self._call(value, [_ASKED], named, context) is not _ASKED:
                return value
        else:
            context.outcomes |= value.bit
        first = next((e for name, e in self.arguments if not name), None)
        return "" if first is None else first.evaluate(context)


class Size(Step):
    """`size`: a missing list is an empty one."""

    __slots__ = ()

    def apply(self, value: object, context: Reading) -> object:
        return 0 if type(value) is Missing else super().apply(value, context)


_ASKED = object()


class Filtered(Expression):
    """`empty` stands for a result that is blank although there was a value, as of
    `contact.name | remove: "Dr."` of somebody who is only that."""

    __slots__ = ("empty", "left", "steps")

    def __init__(
        self, token: Token, left: Expression, steps: tuple[Step, ...], empty: Missing | None
    ) -> None:
        super().__init__(token)
        self.left, self.steps, self.empty = left, steps, empty

    def evaluate(self, context: Reading) -> object:  # type: ignore[override]  # ours alone
        value = self.left.evaluate(context)
        for step in self.steps:
            value = step.apply(value, context)
        if self.empty is not None and (
            value is None or (isinstance(value, str) and not value.strip())
        ):
            return self.empty
        return value

    def children(self) -> list[Expression]:
        return [self.left, *(e for step in self.steps for _, e in step.arguments)]
