"""Numbers about a subject, in micro-units: counts, sums, extremes, changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import assert_never

from lettershop.engines.referee.calendar import utc_day
from lettershop.engines.referee.case import Case
from lettershop.engines.referee.compare import by_size, micros, where_holds
from lettershop.engines.referee.events import by_value, chosen
from lettershop.engines.referee.moment import Value, at
from lettershop.language.tree import (
    Aggregate,
    Change,
    CountOf,
    Extreme,
    Measure,
    MeasureTest,
    MeasureWithin,
    Moved,
    Number,
    RecordAggregate,
)
from lettershop.model.catalog import FieldInfo
from lettershop.model.facts import Rate
from lettershop.model.values import MICRO, fold


@dataclass(frozen=True)
class Measured:
    """A number or None, and whether there is evidence to rank by."""

    number: int | None
    evidence: bool


@dataclass(frozen=True)
class Amount:
    """A number as stored, with what is needed to convert it."""

    number: int
    currency: str | None
    day: date


def measure(case: Case, what: Measure, rates: Sequence[Rate]) -> Measured:
    match what:
        case Number(field=field):
            return _plain(number(case.value(field)))
        case CountOf(events=events, different=field):
            counted = chosen(case, events)
            found = len(counted if field is None else by_value(case, counted, field))
            return Measured(found * MICRO, found > 0)
        case Aggregate(currency=currency):
            amounts = amounts_of_events(case, what)
            return aggregate(what.function, converted(amounts, currency, rates))
        case RecordAggregate(currency=currency):
            amounts = amounts_of_records(case, what)
            return aggregate(what.function, converted(amounts, currency, rates))
        case Extreme():
            return _plain(extreme(case, what))
        case Change(field=field, duration=duration):
            before = number(case.value(field, case.calendar().back(duration)))
            now = number(case.value(field))
            return _plain(None if before is None or now is None else now - before)
        case _:
            assert_never(what)


def _plain(found: int | None) -> Measured:
    return Measured(found, found is not None)


def number(value: Value) -> int | None:
    known = value.known if value.kind == "number" else None
    return known if isinstance(known, int) else None


def aggregate(function: str, numbers: Sequence[int]) -> Measured:
    if not numbers:
        return Measured(0 if function == "sum" else None, False)
    total, count = sum(numbers), len(numbers)
    halves_up = (2 * total + count) // (2 * count)
    results = {
        "sum": total,
        "average": halves_up,
        "minimum": min(numbers),
        "maximum": max(numbers),
    }
    return Measured(results[function], True)


def amounts_of_events(case: Case, what: Aggregate) -> list[Amount]:
    """The known amounts of the events that count, each on the UTC day of its event."""
    found = []
    for event in chosen(case, what.events):
        amount = number(case.property(event, what.field))
        events = case.moment.catalog.events.get(event.fact.name)
        info = events.properties.get(what.field) if events else None
        if amount is not None and info is not None:
            sibling = case.property(event, info.currency) if info.currency else None
            found.append(Amount(amount, currency_of(info, sibling), utc_day(event.ts)))
    return found


def amounts_of_records(case: Case, what: RecordAggregate) -> list[Amount]:
    """The known amounts of the records that count, on the UTC day of `as_of`."""
    today = utc_day(case.moment.as_of)
    kind = case.moment.catalog.records.get(what.kind)
    info = kind.fields.get(what.field) if kind else None
    found = []
    for record in case.records(what.kind, what.scope):
        read = partial(case.record_field, record)
        amount = number(read(what.field))
        passes = where_holds(what.where, read, case.calendar(what.scope))
        if passes and amount is not None and info is not None:
            sibling = read(info.currency) if info.currency else None
            found.append(Amount(amount, currency_of(info, sibling), today))
    return found


def currency_of(info: FieldInfo, sibling: Value | None) -> str | None:
    """What the sibling field says; or the constant currency of the field; or None."""
    if sibling is not None:
        return fold(sibling.known) if isinstance(sibling.known, str) else None
    return fold(info.currencies[0]) if info.currency == "" and info.currencies else None


def converted(amounts: Sequence[Amount], target: str | None, rates: Sequence[Rate]) -> list[int]:
    """The amounts in the target currency; those that cannot be converted are missing."""
    found = [convert(amount, target, rates) for amount in amounts]
    return [number for number in found if number is not None]


def convert(amount: Amount, target: str | None, rates: Sequence[Rate]) -> int | None:
    if target is None or amount.currency == fold(target):
        return amount.number
    fitting = [
        rate
        for rate in rates
        if fold(rate.source) == amount.currency
        and fold(rate.target) == fold(target)
        and rate.day <= amount.day
    ]
    if not fitting:
        return None
    last = max(fitting, key=lambda rate: rate.day)
    return (2 * amount.number * last.rate + MICRO) // (2 * MICRO)


def extreme(case: Case, what: Extreme) -> int | None:
    """Over the value in effect just before the window and all values written in it."""
    start, end = case.field_calendar(what.field).interval(what.window)
    said = case.writes(what.field)
    values = [at(said, start - 1), *(write.value for write in said if start <= write.ts < end)]
    numbers = [found for found in map(number, values) if found is not None]
    if not numbers:
        return None
    return max(numbers) if what.which == "highest" else min(numbers)


def measure_test(case: Case, test: MeasureTest, rates: Sequence[Rate]) -> bool:
    found, limit = measure(case, test.measure, rates).number, micros(test.value)
    if test.op == "!=":
        return found != limit
    if found is None:
        return False
    return found == limit if test.op == "=" else by_size(found, test.op, limit)


def measure_within(case: Case, test: MeasureWithin, rates: Sequence[Rate]) -> bool:
    found = measure(case, test.measure, rates).number
    return found is not None and micros(test.low) <= found <= micros(test.high)


def moved(case: Case, condition: Moved) -> bool:
    """Rose or fell: by at least so much, or at all."""
    change = measure(case, Change(condition.field, condition.duration), ()).number
    if change is None:
        return False
    rise = change if condition.direction == "rose" else -change
    return rise > 0 if condition.by is None else rise >= micros(condition.by)
