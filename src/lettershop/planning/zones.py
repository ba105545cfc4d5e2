"""Zones inside a query: bounds and local days that differ from subject to subject.

With one zone in use everything is a constant. With several, the query joins the subject's zone
number and a CASE picks the constant.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from sqlglot import exp

from lettershop.language import tree
from lettershop.language.tree import FieldWindow
from lettershop.model.clock import DAY
from lettershop.planning.calendar import EPOCH, FOREVER, spans
from lettershop.planning.windows import Bounds, bounds, day_bounds


class QueryClock(NamedTuple):
    """What a query knows about time: the moment, and the zones of the subjects it is about."""

    as_of: int
    workspace_zone: str
    zones: tuple[str, ...]
    number: exp.Expr | None
    """The expression of the subject's zone number; None when there is only one zone."""

    def pick(self, constant: Callable[[str], exp.Expr]) -> exp.Expr:
        """The constant of the subject's zone."""
        if self.number is None:
            return constant(self.zones[0])
        chosen = exp.Case(this=self.number.copy())
        for n, zone in enumerate(self.zones):
            chosen = chosen.when(exp.Literal.number(n), constant(zone), copy=False)
        return chosen

    def within(
        self, value: exp.Expr, window: FieldWindow | None, *, is_date: bool = False
    ) -> list[exp.Expr]:
        """Conditions that put an instant (or date) within a window; those that say nothing are
        left out."""
        limits = [self._bounds(window, zone, is_date=is_date) for zone in self.zones]
        found: list[exp.Expr] = []
        if any(b.lo > -FOREVER for b in limits):
            found.append(value.copy() >= self._pick_of(limits, "lo", is_date=is_date))
        if any(b.hi < FOREVER for b in limits):
            found.append(value.copy() < self._pick_of(limits, "hi", is_date=is_date))
        return found

    def _bounds(self, window: FieldWindow | None, zone: str, *, is_date: bool) -> Bounds:
        found = bounds(window, self.as_of, zone, self.workspace_zone)
        return day_bounds(found, zone) if is_date else found

    def _pick_of(self, limits: Sequence[Bounds], end: str, *, is_date: bool) -> exp.Expr:
        values = {z: getattr(b, end) for z, b in zip(self.zones, limits, strict=True)}
        if len(set(values.values())) == 1:
            return _literal(values[self.zones[0]], is_date=is_date)
        return self.pick(lambda zone: _literal(values[zone], is_date=is_date))

    def local_day(self, instant: exp.Expr, first: int, last: int) -> exp.Expr:
        """The local date of an instant between `first` and `last`, in days since 1970: exact, by
        the offsets of the zones in that time."""

        def offset(zone: str) -> exp.Expr:
            starts, offsets = spans(zone, first, last)
            if len(starts) == 1:
                return integer(offsets[0])
            case = exp.Case()
            for start, value in zip(starts[1:], offsets[:-1], strict=True):
                case = case.when(instant.copy() < integer(start), integer(value), copy=False)
            return case.else_(integer(offsets[-1]), copy=False)

        moved = exp.Paren(this=instant.copy() + self.pick(offset))
        return exp.Cast(
            this=exp.Floor(this=exp.Div(this=moved, expression=double(DAY))),
            to=exp.DataType.build("bigint"),
        )

    def local_date(self, instant: exp.Expr) -> exp.Expr:
        """The local date of any instant, as the engine's own tables of zones have it."""
        zone = self.pick(exp.Literal.string)
        utc = exp.func("make_timestamptz", instant.copy() * integer(1000))
        return exp.Cast(this=exp.func("timezone", zone, utc), to=exp.DataType.build("date"))


def integer(value: int) -> exp.Expr:
    """A whole number, negative ones too."""
    return exp.convert(value)


def double(value: float) -> exp.Expr:
    """A floating point number; a plain literal is a decimal to some engines."""
    text = exp.Literal.string(repr(float(value)))
    return exp.Cast(this=text, to=exp.DataType.build("double"))


def _literal(value: int, *, is_date: bool) -> exp.Expr:
    return days_to_date(value) if is_date else integer(value)


def days_to_date(days: int) -> exp.Expr:
    """A date literal; days beyond the calendar become its ends."""
    inside = min(max(days + EPOCH, 1), date.max.toordinal())
    day = exp.Literal.string(date.fromordinal(inside).isoformat())
    return exp.Cast(this=day, to=exp.DataType.build("date"))


def needs_local(test: tree.Condition | None) -> bool:
    """Whether a test inside `where` may depend on the subject's zone."""
    match test:
        case tree.And(parts=parts) | tree.Or(parts=parts):
            return any(needs_local(part) for part in parts)
        case tree.Not(part=part):
            return needs_local(part)
        case tree.DateTest() | tree.Anniversary():
            return True
        case _:
            return False
