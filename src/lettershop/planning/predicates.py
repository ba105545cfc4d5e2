"""A test of one value, as SQL.

`holds` gives an expression that is TRUE exactly when the test is true; where it is false it may be
FALSE or NULL, which WHERE and FILTER treat alike and which lets engines prune by statistics.
Under a `not` it is first made two-valued.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple, assert_never

from sqlglot import exp

from lettershop.language import tree
from lettershop.language.operators import positive
from lettershop.language.tree import Condition, Scalar, ValueTest
from lettershop.model.errors import DefinitionError, Finding
from lettershop.model.values import WHITESPACE, ValueType, clean, fold
from lettershop.planning.windows import Birthdays, birthdays
from lettershop.planning.zones import QueryClock, double

EARTH_KM = 6371.0088


class Value(NamedTuple):
    sql: exp.Expr
    type: ValueType


class Sight(NamedTuple):
    """How a test sees the row before it: its values by name (None: no such field) and the time."""

    value: Callable[[str], Value | None]
    clock: QueryClock


def is_negative(test: ValueTest) -> bool:
    """Whether the test is the complement of a positive one: true on a missing value."""
    match test:
        case tree.Compare(op=op):
            return positive(op) != op
        case tree.Within(negated=negated) | tree.OneOf(negated=negated):
            return negated
        case tree.Matches(negated=negated) | tree.IsKnown(negated=negated):
            return negated
        case tree.Includes(how=how):
            return how == "none"
        case tree.DateTest() | tree.Anniversary() | tree.Near():
            return False
        case _:
            assert_never(test)


def on_missing(test: Condition | None) -> bool:
    """The truth of a test when every value is missing."""
    match test:
        case None:
            return True
        case tree.And(parts=parts):
            return all(on_missing(part) for part in parts)
        case tree.Or(parts=parts):
            return any(on_missing(part) for part in parts)
        case tree.Not(part=part):
            return not on_missing(part)
        case _:
            return is_negative(test)  # type: ignore[arg-type]


def holds(test: Condition, sight: Sight) -> exp.Expr:
    """SQL that is TRUE when the test is true, FALSE or NULL otherwise."""
    match test:
        case tree.And(parts=parts):
            return (
                exp.and_(*(holds(part, sight) for part in parts), copy=False)
                if parts
                else exp.true()
            )
        case tree.Or(parts=parts):
            return (
                exp.or_(*(holds(part, sight) for part in parts), copy=False)
                if parts
                else exp.false()
            )
        case tree.Not(part=part):
            return not_(holds(part, sight))
        case (
            tree.Compare()
            | tree.Within()
            | tree.OneOf()
            | tree.Includes()
            | tree.Matches()
            | tree.IsKnown()
            | tree.DateTest()
            | tree.Anniversary()
            | tree.Near()
        ):
            value = sight.value(test.field)
            positive = exp.false() if value is None else _positive(test, value, sight.clock)
            return not_(positive) if is_negative(test) else positive
        case _:
            raise DefinitionError(
                [Finding("where.not_a_value_test", "a where can only test the row's own values")]
            )


def not_(condition: exp.Expr) -> exp.Expr:
    """The plain complement: unknown counts as false before it is turned round."""
    return exp.Not(
        this=exp.Coalesce(this=exp.paren(condition, copy=False), expressions=[exp.false()])
    )


def _positive(test: ValueTest, value: Value, clock: QueryClock) -> exp.Expr:
    """The test, or the positive one it is the complement of."""
    match test:
        case tree.Compare(op=op, value=wanted, exact=exact):
            return _compare(positive(op), value, wanted, exact=exact)
        case tree.Within(low=low, high=high):
            if value.type != "number":
                return exp.false()
            return exp.and_(value.sql >= number(low), value.sql.copy() <= number(high), copy=False)
        case tree.OneOf(values=values, exact=exact):
            return _one_of(value, values, exact=exact)
        case tree.Includes(how=how, values=values):
            return _includes(value, how, values)
        case tree.Matches(pattern=pattern):
            if value.type != "text":
                return exp.false()
            flag = exp.Literal.string("i")
            wanted_pattern = exp.Literal.string(pattern)
            return exp.RegexpLike(this=trimmed(value.sql), expression=wanted_pattern, flag=flag)
        case tree.IsKnown():
            return _known(value.sql)
        case tree.DateTest(window=window):
            if value.type not in ("time", "date"):
                return exp.false()
            inside = clock.within(value.sql, window, is_date=value.type == "date")
            return exp.and_(_known(value.sql), *inside, copy=False)
        case tree.Anniversary():
            return _anniversary(test, value, clock)
        case tree.Near():
            return _near(test, value)
        case _:
            assert_never(test)


_PLAIN: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_TEXT: dict[str, type[exp.Func]] = {
    "contains": exp.Contains,
    "starts with": exp.StartsWith,
    "ends with": exp.EndsWith,
}


def _compare(op: str, value: Value, wanted: Scalar, *, exact: bool) -> exp.Expr:
    literal = _literal(value.type, wanted, exact=exact)
    if literal is None:
        return exp.false()
    seen = compared(value, exact=exact)
    if op in _PLAIN and (op == "=" or value.type == "number"):
        return _PLAIN[op](this=seen, expression=literal)
    if op in _TEXT and value.type == "text":
        return _TEXT[op](this=seen, expression=literal)
    return exp.false()


def _one_of(value: Value, values: tuple[Scalar, ...], *, exact: bool) -> exp.Expr:
    literals = [_literal(value.type, wanted, exact=exact) for wanted in values]
    known = [literal for literal in literals if literal is not None]
    if not known:
        return exp.false()
    return exp.In(this=compared(value, exact=exact), expressions=known)


def _includes(value: Value, how: str, values: tuple[str, ...]) -> exp.Expr:
    if value.type != "list":
        return exp.false()
    folded = exp.func("folded_items", value.sql.copy())
    wanted = exp.Array(expressions=[exp.Literal.string(fold(v)) for v in values])
    return exp.func("list_has_all" if how == "all" else "list_has_any", folded, wanted)


def _anniversary(test: tree.Anniversary, value: Value, clock: QueryClock) -> exp.Expr:
    if value.type not in ("time", "date"):
        return exp.false()
    day = value.sql if value.type == "date" else clock.local_date(value.sql)
    month_day = exp.func("month", day.copy()) * 100 + exp.func("day", day.copy())
    places: dict[tuple[Birthdays, ...], list[int]] = {}
    for place, zone in enumerate(clock.zones):
        asked = birthdays(test.within, clock.as_of, zone, clock.workspace_zone)
        places.setdefault(tuple(asked), []).append(place)
    found: list[exp.Expr] = []
    for asked_days, numbers in places.items():
        here = [_on_birthday(day, month_day, birthday) for birthday in asked_days]
        within = exp.or_(*here, copy=False) if here else exp.false()
        if clock.number is not None and len(places) > 1:
            zones = [exp.Literal.number(n) for n in numbers]
            within = exp.and_(exp.In(this=clock.number.copy(), expressions=zones), within)
        found.append(within)
    return exp.or_(*found, copy=False)


def _on_birthday(day: exp.Expr, month_day: exp.Expr, birthday: Birthdays) -> exp.Expr:
    earlier = exp.func("year", day.copy()) < birthday.year
    if birthday.days is None:
        return earlier
    days = [exp.Literal.number(n) for n in birthday.days]
    return exp.and_(earlier, exp.In(this=exp.paren(month_day.copy()), expressions=days), copy=False)


def _near(test: tree.Near, value: Value) -> exp.Expr:
    """Great-circle distance by the haversine formula."""
    if value.type != "location":
        return exp.false()

    def part(name: str) -> exp.Expr:
        return exp.Dot(this=exp.Paren(this=value.sql.copy()), expression=exp.to_identifier(name))

    def half_chord(here: exp.Expr, there: float) -> exp.Expr:
        half = exp.Div(this=exp.paren(here - double(there), copy=False), expression=double(2))
        return exp.func("pow", exp.func("sin", exp.func("radians", half)), exp.convert(2))

    cosines = exp.func("cos", exp.func("radians", part("lat"))) * exp.func(
        "cos", exp.func("radians", double(test.latitude))
    )
    chord = half_chord(part("lat"), test.latitude) + exp.paren(
        cosines * half_chord(part("lon"), test.longitude), copy=False
    )
    angle = exp.func("asin", exp.func("sqrt", exp.func("least", double(1), chord)))
    return angle * double(2 * EARTH_KM) <= double(test.km)


def _known(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))


def compared(value: Value, *, exact: bool = False) -> exp.Expr:
    """The form in which values are compared, grouped and counted as different."""
    return _folded(value.sql) if value.type == "text" and not exact else value.sql.copy()


def trimmed(text: exp.Expr) -> exp.Expr:
    return exp.func("trimmed", text.copy())


def _folded(text: exp.Expr) -> exp.Expr:
    """The compared form of a text (model.values.fold); engines define the function."""
    return exp.func("folded", text.copy())


def text_functions() -> dict[str, exp.Expr]:
    """Bodies of the functions that every engine defines before it runs queries; argument `x`.
    `folded_items` is for lists of texts."""
    argument, item = exp.Column(this=exp.to_identifier("x")), exp.to_identifier("item")
    lower = exp.Lower(this=trim(exp.Column(this=item.copy())))
    items = exp.func("list_transform", argument.copy(), exp.Lambda(this=lower, expressions=[item]))
    folded = exp.Lower(this=trim(argument.copy()))
    return {"trimmed": trim(argument), "folded": folded, "folded_items": items}


def trim(text: exp.Expr) -> exp.Expr:
    """The text without what `str.strip` takes off either end."""
    return exp.Trim(this=text, expression=exp.Literal.string(WHITESPACE))


def _literal(kind: ValueType, wanted: Scalar, *, exact: bool) -> exp.Expr | None:
    """The literal to compare a value of that type with; None: it can never be equal."""
    match kind:
        case "number" if isinstance(wanted, int | float) and not isinstance(wanted, bool):
            return number(wanted)
        case "text" if isinstance(wanted, str):
            return exp.Literal.string(clean(wanted) if exact else fold(wanted))
        case "boolean" if isinstance(wanted, bool):
            return exp.convert(wanted)
        case _:
            return None


def number(value: int | float) -> exp.Expr:
    """A number of a definition, exactly as written."""
    text = format(Decimal(str(value)), "f")
    literal = exp.Literal.number(text.lstrip("-"))
    return exp.Neg(this=literal) if text.startswith("-") else literal
