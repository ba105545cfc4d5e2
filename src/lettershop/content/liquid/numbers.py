"""Filters that calculate, with Decimals (which python-liquid takes for nothing) and with limits."""

import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from liquid.builtin.filters import math as stock
from liquid.builtin.filters.array import sum_
from liquid.exceptions import FilterArgumentError

from lettershop.content.liquid import limits
from lettershop.content.liquid.limits import too_much
from lettershop.content.liquid.missing import Instead

Number = int | float | Decimal


def amount(value: object) -> Decimal:
    """A number out of what data holds: numbers, and texts that are one."""
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return Decimal(str(sized(value))) if isinstance(value, float) else Decimal(sized(value))
    try:
        return Decimal(str(sized(Decimal(str(value).strip()))))
    except InvalidOperation:
        raise FilterArgumentError("this is no number", token=None) from None


def sized(value: Number) -> Number:
    """The number, where it is not beyond what a letter may hold."""
    match value:
        case int() if value.bit_length() > limits.BITS:
            raise too_much("a number grows beyond what a letter may hold")
        case float() if not math.isfinite(value):
            raise too_much("a number grows beyond what a letter may hold")
        case Decimal() if not value.is_finite() or (
            value and abs(value.adjusted()) > limits.EXPONENT
        ):
            raise too_much("a number grows beyond what a letter may hold")
    return value


def _checked(value: object) -> None:
    """Before a filter of python-liquid's own makes a number of it."""
    if isinstance(value, Instead):
        raise FilterArgumentError("a fallback text cannot be calculated with", token=None)
    if isinstance(value, int | float | Decimal):
        sized(value)
    elif isinstance(value, str) and len(value) > 80:
        raise too_much("a number grows beyond what a letter may hold")


def _both(
    plain: Callable[..., object], exact: Callable[[Decimal, Decimal], Decimal | int]
) -> Callable[..., object]:
    """A filter of two numbers: `exact` where one is a Decimal, else as python-liquid does it."""

    def calculated(value: object, other: object) -> object:
        _checked(value)
        _checked(other)
        if isinstance(value, Decimal) or isinstance(other, Decimal):
            made: object = exact(amount(value), amount(other))
        else:
            made = plain(value, other)
        return sized(made) if isinstance(made, int | float | Decimal) else made

    return calculated


def _one(
    plain: Callable[..., object], exact: Callable[[Decimal], Decimal | int]
) -> Callable[..., object]:
    def calculated(value: object) -> object:
        _checked(value)
        return exact(value) if isinstance(value, Decimal) else plain(value)

    return calculated


def rounded(value: object, places: object = None) -> object:
    _checked(value)
    if isinstance(places, int) and abs(places) > 30:
        raise FilterArgumentError("round keeps at most 30 decimal places", token=None)
    if isinstance(value, Decimal) and (places is None or isinstance(places, int)):
        return round(value) if not places else round(value, places)
    return stock.round_(float(value) if isinstance(value, Decimal) else value, places)


def summed(values: object, key: object = None) -> object:
    made = sum_(_plain(values, key), key)
    return sized(made) if isinstance(made, int | float | Decimal) else made


def _plain(values: object, key: object) -> object:
    """Decimals as texts, which python-liquid's `sum` reads as exactly."""
    if not isinstance(values, list | tuple):
        return values
    if isinstance(key, str):
        return [
            {**element, key: str(element[key])}
            if isinstance(element, dict) and isinstance(element.get(key), Decimal)
            else element
            for element in values
        ]
    return [str(element) if isinstance(element, Decimal) else element for element in values]


FILTERS: dict[str, Callable[..., object]] = {
    "abs": _one(stock.abs_, abs),
    "ceil": _one(stock.ceil, math.ceil),
    "floor": _one(stock.floor, math.floor),
    "at_least": _both(stock.at_least, max),
    "at_most": _both(stock.at_most, min),
    "plus": _both(stock.plus, lambda a, b: a + b),
    "minus": _both(stock.minus, lambda a, b: a - b),
    "times": _both(stock.times, lambda a, b: a * b),
    "divided_by": _both(stock.divided_by, lambda a, b: a / b),
    "modulo": _both(stock.modulo, lambda a, b: a % b),
    "round": rounded,
    "sum": summed,
}
