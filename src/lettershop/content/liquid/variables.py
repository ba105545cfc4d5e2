"""Variables: `contact.first_name`, `deal.amount`, as nodes of a template read them."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import cast

from liquid import Token, Undefined
from liquid.builtin.expressions import LoopExpression, Path as StockPath
from liquid.expression import Expression
from liquid.limits import to_int

from lettershop.content.letter import Path
from lettershop.content.liquid import limits
from lettershop.content.liquid.context import Reading
from lettershop.content.liquid.limits import too_much
from lettershop.content.liquid.missing import Missing
from lettershop.content.liquid.numbers import sized

Segment = str | int | Expression


class Variable(StockPath):
    """`real`: the path of the value whatever it is called here: of `d` in `for d in deals` it is
    `("deals", "*")`; None of loop counters and of what the letter works out itself. `absent`: what
    stands for a missing value. `present`: outcome noted when there is one, 0 in tests. `counts`: it
    is the `size` of the list `real`. `sources`: of a local name, what it was made of."""

    __slots__ = ("absent", "counts", "present", "real", "rest", "root", "sources")
    lax = True

    def __init__(
        self, token: Token, segments: Sequence[Segment], real: Path | None, absent: Missing | None
    ) -> None:
        super().__init__(token, list(segments))  # type: ignore[arg-type]  # Expression, not Path
        self.root, self.rest = segments[0], tuple(segments[1:])
        self.real, self.present, self.counts = real, 0, False
        self.sources: tuple[Path, ...] = ()
        self.absent: Undefined = absent if absent is not None else Undefined(str(self.root))

    def evaluate(self, context: Reading) -> object:  # type: ignore[override]  # ours alone
        root = self.root
        if not isinstance(root, str):
            root = cast(str, root.evaluate(context)) if isinstance(root, Expression) else str(root)
        for names in context.maps:
            if root in names:
                value = names[root]
                break
        else:
            return self._missing()
        for segment in self.rest:
            if type(value) is dict and type(segment) is str:
                if segment in value:
                    value = value[segment]
                    continue
                if not self.lax:  # an account without `size` has none; it does not have two fields
                    return self._missing()
            if isinstance(segment, Expression):
                segment = cast(str, segment.evaluate(context))
            try:
                value = context.get_item(value, segment)
            except (KeyError, TypeError, IndexError):
                return self._missing()
        return self._known(value, context)

    def _known(self, value: object, context: Reading) -> object:
        return value

    def _missing(self) -> object:
        return self.absent

    def children(self) -> list[Expression]:
        return [part for part in (self.root, *self.rest) if isinstance(part, Expression)]


class Value(Variable):
    """Of a letter: blank values and None are missing, and what is there is noted."""

    __slots__ = ()
    lax = False

    def _known(self, value: object, context: Reading) -> object:
        kind = type(value)
        if kind is str:
            if self.real and not cast(str, value).strip():
                return self._missing()
        elif kind is Missing:
            return self._missing() if self.real and self.rest else value
        elif value is None and self.real:
            return self._missing()
        elif kind is Decimal or kind is int or kind is float:
            sized(cast(Decimal, value))
        context.outcomes |= self.present
        return value

    def _missing(self) -> object:
        """A missing list is an empty one."""
        return 0 if self.counts else self.absent


class Fixed(Expression):
    """A text, number or truth value as written."""

    __slots__ = ("value",)

    def __init__(self, token: Token, value: object) -> None:
        super().__init__(token)
        self.value = value

    def __str__(self) -> str:
        return repr(str(self.value)) if isinstance(self.value, str) else str(self.value)

    def evaluate(self, context: Reading) -> object:  # type: ignore[override]  # ours alone
        return self.value

    def children(self) -> list[Expression]:
        return []


class Used(Expression):
    """A value that python-liquid's own nodes would take for nothing where it is missing."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expression) -> None:
        super().__init__(inner.token)
        self.inner = inner

    def __str__(self) -> str:
        return str(self.inner)

    def evaluate(self, context: Reading) -> object:  # type: ignore[override]  # ours alone
        value = self.inner.evaluate(context)
        return context.use(value, self.token) if isinstance(value, Missing) else value

    def children(self) -> list[Expression]:
        return [self.inner]


class CountedLoop(LoopExpression):
    """What `tablerow` goes through; `bits`: the outcomes of no round, one round, several."""

    __slots__ = ("bits",)

    def __init__(self, loop: LoopExpression, bits: tuple[int, int, int]) -> None:
        super().__init__(
            loop.token,
            loop.identifier,
            loop.iterable,
            limit=loop.limit,
            offset=loop.offset,
            reversed_=loop.reversed,
            cols=loop.cols,
        )
        self.bits = bits

    def evaluate(self, context: Reading) -> tuple[Iterator[object], int]:  # type: ignore[override]
        elements, length = super().evaluate(context)
        context.outcomes |= self.bits[min(length, 2)]
        return elements, length


class Range(Expression):
    """`(1..contact.seats)`."""

    __slots__ = ("start", "stop")

    def __init__(self, token: Token, start: Expression, stop: Expression) -> None:
        super().__init__(token)
        self.start, self.stop = start, stop

    def __str__(self) -> str:
        return f"({self.start}..{self.stop})"

    def evaluate(self, context: Reading) -> range:  # type: ignore[override]  # ours alone
        start, stop = _whole(self.start.evaluate(context)), _whole(self.stop.evaluate(context))
        if stop - start >= limits.ROUNDS:
            raise too_much(f"a range has more than {limits.ROUNDS:,} numbers")
        return range(start, stop + 1) if start <= stop else range(0)

    def children(self) -> list[Expression]:
        return [self.start, self.stop]


def _whole(value: object) -> int:
    try:
        return to_int(value)
    except (ArithmeticError, TypeError, ValueError):
        return 0


def is_blank(value: object) -> bool:
    """As `x == blank` says."""
    match value:
        case None | False | Undefined():
            return True
        case str():
            return not value.strip()
        case Mapping() | Sequence():
            return not len(value)
        case _:
            return False
