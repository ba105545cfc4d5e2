"""Tests of one value: `title contains "VP"`, and their controls."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, assert_never, cast

from django.utils.translation import gettext as _

from lettershop.language import tree as t
from lettershop.language.operators import COMPARISONS, OPERATORS as ROWS, operator_key
from lettershop.model.catalog import FieldInfo
from lettershop.model.values import ValueType
from lettershop.web.pages.segments.building import typed, windows
from lettershop.web.pages.segments.building.controls import (
    Control,
    check,
    hidden,
    number,
    query,
    select,
    text,
    word,
)
from lettershop.web.pages.segments.building.labels import OPERATORS, UNITS, pairs
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.rows import Awkward, Unfinished, Values

TAGS: Final = {
    "within last": "last",
    "within next": "next",
    "more than … ago": "ago",
    "between dates": "between_dates",
    "before": "before",
    "after": "after",
    "on": "on",
    "is today": "today",
    "within last … calendar": "last_calendar",
    "within next … calendar": "next_calendar",
}
"""Operator to the tag of its window."""
FIRST: Final[Mapping[ValueType, str]] = {
    "text": "=",
    "number": ">=",
    "boolean": "=",
    "time": "within last",
    "date": "within last",
    "list": "include any of",
    "location": "within … km of",
}
"""What a row begins with when a field of that type is chosen."""
EMPTY: Final = {"field": "", "op": "=", "type": "text", "was": ""}


# --- from the tree ------------------------------------------------------------------------------


def values_of(test: t.ValueTest) -> dict[str, str]:
    """Awkward: one line of controls cannot hold it."""
    field = typed.shown(test.field)
    found = {"field": field, "was": field, "op": operator_key(test), "type": "text"}
    match test:
        case t.Compare(_, _, value, exact):
            return found | _literals((value,)) | {"exact": "1" if exact else ""}
        case t.OneOf(_, values, _, exact):
            return found | _literals(values, many=True) | {"exact": "1" if exact else ""}
        case t.Includes(_, _, values):
            return found | _literals(values, many=True)
        case t.Within(_, low, high):
            ends = {"value": typed.written(low), "value2": typed.written(high)}
            return found | ends | {"type": "number"}
        case t.Matches(_, pattern):
            return found | {"value": typed.shown(pattern)}
        case t.IsKnown():
            return found
        case t.DateTest(_, window):
            return found | windows.window_values(window)
        case t.Anniversary(_, within):
            span = {"n": ""} if within is None else windows.duration_values(within)
            return found | span
        case t.Near(_, km, latitude, longitude):
            place = {"km": km, "latitude": latitude, "longitude": longitude}
            return found | {name: typed.written(value) for name, value in place.items()}
        case _:
            assert_never(test)


def _literals(values: Sequence[t.Scalar], *, many: bool = False) -> dict[str, str]:
    kinds = {_kind(value) for value in values}
    if len(kinds) != 1:
        raise Awkward
    written = [_written(value) for value in values]
    joined = typed.listed(written) if many else typed.shown(written[0])
    return {"value": joined, "type": kinds.pop()}


def _kind(value: t.Scalar) -> str:
    match value:
        case bool():
            return "boolean"
        case str():
            return "text"
        case _:
            return "number"


def _written(value: t.Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            return typed.written(value)


# --- to the tree --------------------------------------------------------------------------------


def test_of(values: Values) -> t.ValueTest:
    """Raises Unfinished."""
    field, op = typed.need(values, "field"), typed.choice(values, "op", ROWS)
    negated, exact = ROWS[op].negative, values.get("exact") == "1"
    match ROWS[op].takes:
        case "value":
            return t.Compare(field, op, _literal(values, typed.need(values, "value")), exact)
        case "values" if op.startswith("include"):
            return t.Includes(field, cast("Any", op.split()[1]), _several(values))
        case "values":
            several = tuple(_literal(values, item) for item in _several(values))
            return t.OneOf(field, several, negated, exact)
        case "range":
            low, high = typed.number(values, "value"), typed.number(values, "value2")
            return t.Within(field, low, high, negated)
        case "pattern":
            return t.Matches(field, typed.need(values, "value"), negated)
        case "nothing":
            return t.IsKnown(field, negated)
        case "window":
            return t.DateTest(field, windows.field_window({**values, "window": TAGS[op]}))
        case "duration":
            today = not values.get("n", "").strip()
            return t.Anniversary(field, None if today else windows.duration(values))
        case "place":
            names = ("km", "latitude", "longitude")
            return t.Near(field, *(typed.number(values, name) for name in names))
        case _:
            assert_never(ROWS[op].takes)


def _several(values: Values) -> tuple[str, ...]:
    found = typed.items(values, "value")
    if not found:
        raise Unfinished("value", _("something is missing here"))
    return found


def _literal(values: Values, item: str) -> t.Scalar:
    match values.get("type"):
        case "number":
            return typed.number({"value": item}, "value")
        case "boolean":
            return typed.choice({"value": item}, "value", ("true", "false")) == "true"
        case _:
            return item


# --- controls -----------------------------------------------------------------------------------


def settled(values: Values, place: Place) -> dict[str, str]:
    """After another field was chosen: an operator that fits it, and a new value."""
    field = values.get("field", "")
    info = place.field(field)
    if info is None or field == values.get("was"):
        return {**values, "was": field}
    op = values.get("op", "")
    fits = op in ROWS and info.type in ROWS[op].kinds
    type_ = info.type if info.type in ("number", "boolean") else "text"
    found = {**values, "was": field, "op": op if fits else FIRST[info.type], "type": type_}
    found |= dict.fromkeys(("value", "value2"), "")
    if info.type == "boolean":
        found["value"] = "true"
    if info.type in ("time", "date"):
        found |= {"n": values.get("n") or "30", "unit": values.get("unit") or "day"}
    return found


def controls(values: Values, place: Place) -> list[Control]:
    """The field, the operator, and what that takes."""
    path = values.get("field", "")
    info = place.field(path)
    field = text(
        values, "field", _("field"), _fields(place), shapes=True, holder=_("choose a field")
    )
    first = [hidden(values, "was"), hidden(values, "type"), field]
    if not path:
        return first
    op = values.get("op", "")
    kinds = [(key, says) for key, says in pairs(OPERATORS) if key == op or _fits(key, info)]
    chosen = select(values, "op", _("how"), kinds, shapes=True)
    return [*first, chosen, *_taken(values, chosen.value, place)]


def _fits(key: str, info: FieldInfo | None) -> bool:
    return info is None or info.type in ROWS[key].kinds


def _fields(place: Place) -> str:
    scopes = ["subject", place.subject] if place.of == "subject" else [place.of, *place.names]
    return query("field", scopes)


def _taken(values: Values, op: str, place: Place) -> list[Control]:
    if op not in ROWS:
        return []
    match ROWS[op].takes:
        case "value" | "pattern":
            return _value(values, op, place)
        case "values":
            return [_suggested(values, place, many=True), *_exactly(values, op)]
        case "range":
            ends = number(values, "value", _("from")), number(values, "value2", _("to"))
            return [ends[0], word(_("and")), ends[1]]
        case "window":
            return windows.span_controls(values, TAGS[op])
        case "duration":
            n = number(values, "n", _("how many; empty for today"))
            return [n, select(values, "unit", _("unit"), pairs(UNITS))]
        case "place":
            names = (("km", "km"), ("latitude", _("latitude")), ("longitude", _("longitude")))
            return [c for n, says in names for c in (number(values, n, says), word(says))]
        case "nothing":
            return []
        case _:
            assert_never(ROWS[op].takes)


def _value(values: Values, op: str, place: Place) -> list[Control]:
    match values.get("type"):
        case "boolean":
            options = (("true", _("yes")), ("false", _("no")))
            return [select(values, "value", _("value"), options)]
        case "number":
            return [number(values, "value", _("value"))]
        case _:
            return [_suggested(values, place, many=False), *_exactly(values, op)]


def _suggested(values: Values, place: Place, *, many: bool) -> Control:
    path = values.get("field", "")
    scopes = place.scopes(path)
    asked = query("value", scopes, place.bare(path)) if scopes else ""
    says = _("values, with commas between") if many else _("value")
    return text(values, "value", says, asked, many=many, holder=_("value"))


def _exactly(values: Values, op: str) -> list[Control]:
    """Case counts: only texts have it, and the operators that compare."""
    fits = op in COMPARISONS or op in ("in", "not in")
    if values.get("type") != "text" or not fits:
        return []
    return [check(values, "exact", _("exactly"))]
