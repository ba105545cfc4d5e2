"""Measures: counts, sums and the like; money."""

import re
from collections.abc import Sequence
from typing import assert_never

from lettershop.language import tree as t
from lettershop.language.checking import events, limits, values
from lettershop.language.checking.findings import Desk, Place, Properties, nearest
from lettershop.language.words import plural, quote
from lettershop.model.catalog import FieldInfo


def measure(desk: Desk, place: Place, node: t.Measure) -> None:
    match node:
        case t.Number(path):
            values.numeric(desk, values.field(desk, place, path, node), node)
        case t.CountOf(which, different):
            known = events.events(desk, place, which)
            if different is not None:
                whose = events.owner(which.names)
                events.grouping(desk, different, node, known, whose, "field")
        case t.Aggregate(_, name, which, currency):
            known = events.events(desk, place, which)
            infos = values.named(desk, name, node, known, events.owner(which.names))
            _amount(desk, node, infos, which.where, currency)
        case t.RecordAggregate(_, name, kind, _, where, currency):
            known = record(desk, kind, node)
            values.where(desk, where, known, plural(kind))
            infos = values.named(desk, name, node, known, plural(kind))
            _amount(desk, node, infos, where, currency)
        case t.Extreme(_, path, window):
            values.numeric(desk, values.lasting(desk, place, path, node), node)
            limits.window(desk, window)
        case t.Change(path, duration):
            values.numeric(desk, values.lasting(desk, place, path, node), node)
            limits.duration(desk, duration)
        case _:
            assert_never(node)


def record(desk: Desk, kind: str, node: object) -> Properties | None:
    """The fields of a kind of record."""
    if kind not in desk.catalog.records:
        message = f"there are no records of the kind {kind}"
        hint = nearest(kind, desk.catalog.records)
        desk.error("record.unknown", message, node, "kind", hint)
        return None
    return {name: (info,) for name, info in desk.catalog.records[kind].fields.items()}


# --- money (segments.md rule 13) ----------------------------------------------------------------


def _amount(
    desk: Desk,
    node: t.Aggregate | t.RecordAggregate,
    infos: Sequence[FieldInfo],
    where: t.Condition | None,
    target: str | None,
) -> None:
    numbers = [info for info in infos if info.type == "number"]
    if infos and not numbers:
        values.numeric(desk, infos[0], node)
    if not numbers:
        return
    paid = [info for info in numbers if info.currency is not None]
    seen = {currency for info in paid for currency in _currencies(info, where)}
    if target is not None:
        _converted(desk, node, paid, seen, target)
    elif len(seen) > 1:
        message = f"{node.field} is in several currencies ({', '.join(sorted(seen))})"
        beside = next((info.currency for info in paid if info.currency), "currency")
        one = sorted(seen)[0]
        hint = f"{node.field} in {one}, with exchange rates, or where {beside} = {quote(one)}"
        desk.error("money.mixed", message, node, "field", hint)


def _currencies(info: FieldInfo, where: t.Condition | None) -> set[str]:
    """The currencies of a money field that are left by the `and`-ed tests of a `where`."""
    seen = {_code(currency) for currency in info.currencies}
    for part in where.parts if isinstance(where, t.And) else (where,):
        match part:
            case t.Compare(name, "=", str(value)) if name == info.currency:
                chosen = {_code(value)}
            case t.OneOf(name, options, False) if name == info.currency:
                chosen = {_code(option) for option in options}
            case _:
                continue
        seen = seen & chosen
    return seen


def _code(currency: object) -> str:
    return str(currency).strip().upper()


def _converted(
    desk: Desk, node: object, paid: Sequence[FieldInfo], seen: set[str], target: str
) -> None:
    if not re.fullmatch("[A-Z]{3}", target):
        message = f"{quote(target)} is not a currency"
        desk.error("money.currency", message, node, "currency", "three capital letters: EUR")
    elif not paid:
        message = (
            f"nothing says which currency these amounts have, so not what they are in {target}"
        )
        desk.error("money.no_currency", message, node, "currency", f"leave out in {target}")
    rates = {(_code(source), _code(to)) for source, to in desk.catalog.rates}
    lacking = sorted(code for code in seen - {target} if (code, target) not in rates)
    if lacking:
        message = f"there are no exchange rates from {', '.join(lacking)} to {target}"
        targets = sorted({to for _, to in desk.catalog.rates})
        hint = f"rates lead to: {', '.join(targets)}" if targets else "import a table of rates"
        desk.error("money.no_rate", message, node, "currency", hint)
