"""Tests of one value against the type of its field; fields against the catalog."""

from functools import cache
from typing import assert_never

import re2

from lettershop.language import tree as t
from lettershop.language.checking import limits
from lettershop.language.checking.findings import Desk, Place, Properties, nearest
from lettershop.language.operators import COMPARISONS, OPERATORS, ROWS, operator_key
from lettershop.language.words import plural, quote
from lettershop.model.catalog import FieldInfo, Fields
from lettershop.model.values import Missing, ValueType, coerce, fold

NOUN: dict[ValueType, str] = {
    "number": "a number",
    "text": "a text",
    "boolean": "true or false",
    "time": "a time",
    "date": "a date",
    "list": "a list",
    "location": "a location",
}


# --- fields -------------------------------------------------------------------------------------


def field(desk: Desk, place: Place, path: str, node: object) -> FieldInfo | None:
    """What is known of a field of the subject (or its account, or membership)."""
    known = _fields(desk, place)
    if path in known:
        return known[path]
    if path.startswith("membership.") and place.subject == "account":
        message = "an account has many members: membership fields belong to people"
        hint = f"has at least 1 people who ({path} …)"
        desk.error("subject.membership", message, node, "field", hint)
        return None
    message = f"{path} is not a known field of {place.noun}"
    desk.error("field.unknown", message, node, "field", _elsewhere(desk, place, path, known))
    return None


def _fields(desk: Desk, place: Place) -> Fields:
    catalog = desk.catalog
    account = {f"account.{name}": info for name, info in catalog.account.items()}
    if place.subject == "account":
        return {**catalog.account, **account}
    membership = {f"membership.{name}": info for name, info in catalog.membership.items()}
    return {**catalog.contact, **account, **membership}


def _elsewhere(desk: Desk, place: Place, path: str, known: Fields) -> str:
    if f"account.{path}" in known:
        return f"it is a field of the account: account.{path}"
    if place.subject == "account" and path in desk.catalog.contact:
        return f"it is a field of contacts: has at least 1 people who ({path} …)"
    near = nearest(path, known)
    owner = next((e.name for e in desk.catalog.events.values() if path in e.properties), "")
    if owner and not near:
        return f"it is a property of {quote(owner)}: put it into its where (… and …)"
    return near


def lasting(desk: Desk, place: Place, path: str, node: object) -> FieldInfo | None:
    """A field whose earlier values are kept."""
    info = field(desk, place, path, node)
    if path.startswith("membership."):
        message = "of memberships only the current values are known"
        desk.error("field.no_history", message, node, "field")
    return info


def numeric(desk: Desk, info: FieldInfo | None, node: object) -> None:
    if info is not None and info.type != "number":
        message = f"{info.name} is {NOUN[info.type]}, not a number"
        desk.error("field.not_number", message, node, "field")


# --- where --------------------------------------------------------------------------------------


def where(desk: Desk, node: t.Condition | None, known: Properties | None, owner: str) -> None:
    """`known` None: the event or record is itself unknown, so nothing can be said of names."""
    match node:
        case None:
            pass
        case t.And(parts) | t.Or(parts):
            joined(desk, node)
            for part in parts:
                where(desk, part, known, owner)
        case t.Not(part):
            where(desk, part, known, owner)
        case (
            t.Compare()
            | t.Within()
            | t.OneOf()
            | t.Includes()
            | t.Matches()
            | t.IsKnown()
            | t.DateTest()
            | t.Anniversary()
            | t.Near()
        ):
            test(desk, node, named(desk, node.field, node, known, owner))
        case _:
            message = "a where only tests values of the event or record itself"
            hint = "join other conditions with and, outside of where (…)"
            desk.error("where.misplaced", message, node, hint=hint)


def named(
    desk: Desk, name: str, node: object, known: Properties | None, owner: str, part: str = "field"
) -> list[FieldInfo]:
    """What is known of a property (of each of the events) or of a record's field."""
    if known is None:
        return []
    if name not in known:
        message = f"{name} is not a known property of {owner}"
        desk.error("property.unknown", message, node, part, nearest(name, known))
    return [*known.get(name, ())]


def joined(desk: Desk, node: t.And | t.Or) -> None:
    if len(node.parts) < 2:
        word = "and" if isinstance(node, t.And) else "or"
        message = f"an {word} joins at least two conditions; this has {len(node.parts)}"
        desk.error("tree.parts", message, node, hint="write the only part itself")


# --- one test -----------------------------------------------------------------------------------


def test(desk: Desk, node: t.ValueTest, infos: list[FieldInfo]) -> None:
    """A test of a field; of several infos (one name in several events) one must fit."""
    key = operator_key(node)
    if key not in OPERATORS or (isinstance(node, t.Compare) and key not in COMPARISONS):
        message = f"{key} is not an operator"
        desk.error("operator.unknown", message, node, hint=nearest(key, COMPARISONS))
        return
    kinds = OPERATORS[key].kinds
    info = next((i for i in infos if i.type in kinds), infos[0] if infos else None)
    if info is not None and info.type not in kinds:
        message = f"“{OPERATORS[key].label}” does not fit {info.name}, which is {NOUN[info.type]}"
        desk.error("operator.type", message, node, "field", _fitting(info.type))
        info = None
    _arguments(desk, node, info)


def _fitting(kind: ValueType) -> str:
    return f"{plural(kind)} have: " + " · ".join(row.key for row in ROWS if kind in row.kinds)


def _arguments(desk: Desk, node: t.ValueTest, info: FieldInfo | None) -> None:
    match node:
        case t.Compare(_, _, value, exact):
            _literals(desk, node, (value,), info, exact, listed=node.op in ("=", "!="))
        case t.OneOf(_, values, _, exact):
            _literals(desk, node, values, info, exact, listed=True)
        case t.Includes(_, _, values):
            _literals(desk, node, values, None, False, listed=False)
        case t.Within(_, low, high):
            limits.ordered(desk, low, high, node)
        case t.Matches(_, pattern):
            _pattern(desk, node, pattern)
        case t.IsKnown():
            pass
        case t.DateTest(_, window):
            limits.window(desk, window, info.type if info else "time")
        case t.Anniversary(_, within):
            if within is not None:
                limits.duration(desk, within)
        case t.Near():
            _near(desk, node)
        case _:
            assert_never(node)


def _literals(
    desk: Desk,
    node: t.ValueTest,
    values: tuple[t.Scalar, ...],
    info: FieldInfo | None,
    exact: bool,
    *,
    listed: bool,
) -> None:
    if not values:
        desk.error("value.none", "the list of values is empty", node, "value")
    for value in values:
        if exact and not isinstance(value, str):
            message, hint = "exactly is only for texts", "leave out exactly"
            desk.error("language.exactly_text", message, node, "value", hint)
        if isinstance(value, str) and not fold(value):
            message = "a blank counts as unknown: this never matches"
            desk.warn("value.blank", message, node, "value", f"{node.field} is unknown")
        limits.number(desk, value, node)
        if info is not None and _fits(desk, node, value, info) and listed:
            _listed(desk, node, value, info)


def _fits(desk: Desk, node: t.ValueTest, value: t.Scalar, info: FieldInfo) -> bool:
    """The literal is of the field's own type."""
    match value, info.type:
        case (bool(), "boolean") | (str(), "text"):
            return True
        case bool(), _:
            hint = f'write "{str(value).lower()}"' if info.type == "text" else ""
        case (int() | float(), "number"):
            return True
        case (int() | float(), "text"):
            hint = f'write "{value}"'
        case str(), kind:
            hint = "" if isinstance(coerce(value, kind), Missing) else f"write {value.strip()}"
        case _:
            hint = "true or false" if info.type == "boolean" else ""
    shown = quote(value) if isinstance(value, str) else str(value).lower()
    message = f"{info.name} is {NOUN[info.type]}, {shown} is not"
    desk.error("value.type", message, node, "value", hint)
    return False


def _listed(desk: Desk, node: t.ValueTest, value: t.Scalar, info: FieldInfo) -> None:
    if not info.values or not isinstance(value, str) or not fold(value):
        return
    if fold(value) not in {fold(known) for known in info.values}:
        hint = nearest(value, info.values) or f"known: {', '.join(info.values[:5])}"
        message = f"{info.name} has never been {quote(value)}"
        desk.warn("value.unknown", message, node, "value", hint)


def _pattern(desk: Desk, node: t.Matches, pattern: str) -> None:
    try:
        re2.compile(pattern, _quiet())
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        hint = "RE2 has no look-around and no back references"
        message = f"the pattern is not understood: {reason}"
        desk.error("language.bad_pattern", message, node, "value", hint)


@cache
def _quiet() -> "re2.Options":
    options = re2.Options()
    options.log_errors = False
    return options


def _near(desk: Desk, node: t.Near) -> None:
    for value in (node.km, node.latitude, node.longitude):
        limits.number(desk, value, node)
    if abs(node.latitude) > 90 or abs(node.longitude) > 180:
        message = "this place is not on the earth"
        desk.error("value.place", message, node, "value", "latitude −90 to 90, then longitude")
    if node.km <= 0:
        desk.error("value.distance", "the distance must be more than 0 km", node, "value")
