"""Rows of numbers worked out: counts, sums, extremes, changes, ranks."""

from typing import Any, Final, cast

from django.utils.translation import gettext as _, gettext_lazy

from lettershop.language import tree as t
from lettershop.web.pages.segments.building import events, typed, windows
from lettershop.web.pages.segments.building.controls import (
    Control,
    number,
    query,
    select,
    text,
    word,
)
from lettershop.web.pages.segments.building.kind import Inner, Kind
from lettershop.web.pages.segments.building.labels import COMPARED, pairs
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.rows import Awkward, Unfinished, Values

SUMS: Final = ("sum", "average", "minimum", "maximum")
COUNTED: Final = ("count", "different")
RANKED: Final = ("value", "change")
Tested = t.CountOf | t.Aggregate | t.RecordAggregate | t.Extreme


def _functions() -> list[tuple[str, str]]:
    return [
        ("count", _("the number of")),
        ("different", _("the number of different")),
        ("sum", _("the sum of")),
        ("average", _("the average of")),
        ("minimum", _("the smallest")),
        ("maximum", _("the largest")),
    ]


# --- over events --------------------------------------------------------------------------------


def _values_of(node: t.CountOf | t.Aggregate) -> dict[str, str]:
    found = events.values_of(node.events)
    match node:
        case t.CountOf(_, None):
            return found | {"function": "count", "field": "", "currency": ""}
        case t.CountOf(_, different):
            return found | {"function": "different", "field": different or "", "currency": ""}
        case t.Aggregate(function, field, _, currency):
            return found | {"function": function, "field": field, "currency": currency or ""}


def _over_events(values: Values, where: Inner) -> t.CountOf | t.Aggregate:
    which = events.events_of(values, where)
    match typed.choice(values, "function", (*SUMS, *COUNTED)):
        case "count":
            return t.CountOf(which)
        case "different":
            return t.CountOf(which, typed.need(values, "field"))
        case function:
            field = typed.need(values, "field")
            return t.Aggregate(cast("Any", function), field, which, _currency(values))


def _currency(values: Values) -> str | None:
    return values.get("currency", "").strip().upper() or None


def _event_controls(values: Values, place: Place) -> list[Control]:
    """What is counted or summed, and of which events."""
    function = values.get("function")
    found = []
    if function != "count":
        found = [events.property_control(values, "field", place), word(_("over"))]
    if function in SUMS:
        currency = text(values, "currency", _("currency, as EUR"), holder=_("any currency"))
        found = [found[0], word(_("in")), currency, found[1]]
    names = events.names_control(values, holder=_("any event"))
    when = windows.window_controls(values, "w_")
    return [*found, names, *when, *events.scope_controls(values, place)]


# --- compared -----------------------------------------------------------------------------------


def _compared(node: t.MeasureTest | t.MeasureWithin) -> dict[str, str]:
    match node:
        case t.MeasureTest(_, op, value):
            return {"op": op, "value": typed.written(value), "value2": ""}
        case t.MeasureWithin(_, low, high):
            ends = {"value": typed.written(low), "value2": typed.written(high)}
            return {"op": "between"} | ends


def _compare(measure: Tested, values: Values) -> t.MeasureTest | t.MeasureWithin:
    op = typed.choice(values, "op", COMPARED)
    low = typed.number(values, "value")
    if op == "between":
        return t.MeasureWithin(measure, low, typed.number(values, "value2"))
    return t.MeasureTest(measure, cast("t.Comparison", op), low)


def _compare_controls(values: Values) -> list[Control]:
    chosen = select(values, "op", _("how"), pairs(COMPARED), shapes=True)
    found = [chosen, number(values, "value", _("value"))]
    if chosen.value == "between":
        found += [word(_("and")), number(values, "value2", _("to"))]
    return found


def _read_measure(node: t.MeasureTest | t.MeasureWithin) -> tuple[dict[str, str], Inner]:
    measure = node.measure
    if not isinstance(measure, t.CountOf | t.Aggregate):
        raise Awkward
    return _values_of(measure) | _compared(node), measure.events.where


def _write_measure(values: Values, where: Inner) -> t.MeasureTest | t.MeasureWithin:
    return _compare(_over_events(values, where), values)


def _measure_controls(values: Values, place: Place) -> list[Control]:
    function = select(values, "function", _("what"), _functions(), shapes=True)
    return [function, *_event_controls(values, place), *_compare_controls(values)]


# --- over records -------------------------------------------------------------------------------


def _read_records(node: t.MeasureTest | t.MeasureWithin) -> tuple[dict[str, str], Inner]:
    measure = node.measure
    if not isinstance(measure, t.RecordAggregate):
        raise Awkward
    found = {
        "function": measure.function,
        "field": typed.shown(measure.field),
        "record": measure.kind,
        "scope": measure.scope,
        "currency": measure.currency or "",
    }
    return found | _compared(node), measure.where


def _write_records(values: Values, where: Inner) -> t.MeasureTest | t.MeasureWithin:
    function: Any = typed.choice(values, "function", SUMS)
    scope: Any = typed.choice(values, "scope", ("own", "account"), "own")
    field, kind = typed.need(values, "field"), typed.need(values, "record")
    measure = t.RecordAggregate(function, field, kind, scope, where, _currency(values))
    return _compare(measure, values)


def _record_controls(values: Values, place: Place) -> list[Control]:
    functions = [(key, says) for key, says in _functions() if key in SUMS]
    asked = query("field", ["record", values.get("record", "")])
    currency = text(values, "currency", _("currency, as EUR"), holder=_("any currency"))
    return [
        select(values, "function", _("what"), functions),
        text(values, "field", _("field"), asked, holder=_("choose a field")),
        word(_("in")),
        currency,
        word(_("over")),
        record_control(values, place),
        *owner_controls(values, place),
        *_compare_controls(values),
    ]


def record_control(values: Values, place: Place) -> Control:
    kinds = [(kind, kind) for kind in place.catalog.records]
    return select(values, "record", _("kind of record"), kinds, shapes=True)


def owner_controls(values: Values, place: Place) -> list[Control]:
    """Of the subject itself or of its account."""
    if place.subject == "account" and values.get("scope", "own") == "own":
        return []
    own = _("their own") if place.subject != "account" else _("of the account")
    options = (("own", own), ("account", _("of the account")))
    return [select(values, "scope", _("whose"), options)]


def first_record(place: Place) -> str:
    return next(iter(place.catalog.records), "")


def has_records(place: Place) -> bool:
    return bool(place.catalog.records) and not place.tests_only


def side(place: Place) -> str:
    """Whose records and people a new row is about."""
    return "own" if place.subject == "account" else "account"


# --- values kept over time ----------------------------------------------------------------------


def _read_extreme(node: t.MeasureTest | t.MeasureWithin) -> tuple[dict[str, str], Inner]:
    measure = node.measure
    if not isinstance(measure, t.Extreme):
        raise Awkward
    window = windows.window_values(measure.window, "w_")
    found = {"which": measure.which, "field": typed.shown(measure.field)}
    return found | window | _compared(node), None


def _write_extreme(values: Values, where: Inner) -> t.MeasureTest | t.MeasureWithin:
    which: Any = typed.choice(values, "which", ("highest", "lowest"))
    window = windows.window(values, "w_")
    if not isinstance(window, t.Last | t.LastCalendar):
        raise Unfinished("w_window", _("choose one"))
    return _compare(t.Extreme(which, typed.need(values, "field"), window), values)


def _extreme_controls(values: Values, place: Place) -> list[Control]:
    ends = (("highest", _("the highest")), ("lowest", _("the lowest")))
    spans = [("last", _("within the last")), ("last_calendar", _("within the last calendar"))]
    window = select(values, "w_window", _("when"), spans, shapes=True)
    return [
        select(values, "which", _("highest or lowest"), ends),
        number_field(values, place),
        window,
        *windows.span_controls(values, window.value, "w_"),
        *_compare_controls(values),
    ]


def number_field(values: Values, place: Place) -> Control:
    asked = query("field", ["number", place.subject])
    return text(values, "field", _("field"), asked, holder=_("choose a field"))


# --- ranks --------------------------------------------------------------------------------------


def _read_rank(node: t.Rank) -> tuple[dict[str, str], Inner]:
    where: Inner = None
    match node.measure:
        case t.Number(field):
            found = {"function": "value", "field": typed.shown(field)}
        case t.Change(field, length):
            found = {"function": "change", "field": typed.shown(field)}
            found |= windows.duration_values(length)
        case t.CountOf() | t.Aggregate():
            found, where = _values_of(node.measure), node.measure.events.where
        case _:
            raise Awkward
    size = {"size": typed.written(node.n), "percent": "1" if node.percent else ""}
    return events.EVER | found | size | {"end": node.end}, where


def _write_rank(values: Values, where: Inner) -> t.Rank:
    end: Any = typed.choice(values, "end", ("top", "bottom"))
    size = typed.number(values, "size")
    measure: t.Measure
    match values.get("function"):
        case "value":
            measure = t.Number(typed.need(values, "field"))
        case "change":
            measure = t.Change(typed.need(values, "field"), windows.duration(values))
        case _:
            measure = _over_events(values, where)
    return t.Rank(end, size, values.get("percent") == "1", measure)


def _rank_controls(values: Values, place: Place) -> list[Control]:
    offered = [("value", _("the value of")), ("change", _("the change of")), *_functions()]
    function = select(values, "function", _("ranked by"), offered, shapes=True)
    found = [
        word(_("among the")),
        select(values, "end", _("top or bottom"), (("top", _("top")), ("bottom", _("bottom")))),
        number(values, "size", _("how many")),
        select(values, "percent", _("share"), (("", _("of them")), ("1", _("percent")))),
        word(_("by")),
        function,
    ]
    if function.value not in RANKED:
        return [*found, *_event_controls(values, place)]
    found.append(number_field(values, place))
    if function.value == "change":
        found += [word(_("within the last")), *windows.duration_controls(values)]
    return found


def _rank_inner(values: Values, place: Place) -> Place | None:
    return None if values.get("function") in RANKED else events.place_of(values, place)


KINDS: Final = (
    Kind(
        key="measure",
        says=gettext_lazy("A count or sum of events"),
        icon="math-function",
        read=_read_measure,
        write=_write_measure,
        controls=_measure_controls,
        inner=events.place_of,
        inner_says=events.WHERE,
        fresh=lambda place: {**events.LATELY, "function": "count", "op": ">=", "value": "1"},
    ),
    Kind(
        key="records",
        says=gettext_lazy("A sum over records"),
        icon="database",
        read=_read_records,
        write=_write_records,
        controls=_record_controls,
        inner=lambda values, place: place.record(values.get("record", "")),
        inner_says=events.WHERE,
        fresh=lambda place: (
            {"function": "sum", "record": first_record(place), "op": ">="}
            | {"scope": side(place), "value": "1"}
        ),
        fits=has_records,
    ),
    Kind(
        key="extreme",
        says=gettext_lazy("The highest or lowest a number has been"),
        icon="trending-up",
        read=_read_extreme,
        write=_write_extreme,
        controls=_extreme_controls,
        fresh=lambda place: (
            {"which": "highest", "w_window": "last", "w_n": "30", "w_unit": "day"}
            | {"op": ">=", "value": "1"}
        ),
    ),
    Kind(
        key="rank",
        says=gettext_lazy("Among the top or bottom"),
        icon="chart-bar",
        read=_read_rank,
        write=_write_rank,
        controls=_rank_controls,
        inner=_rank_inner,
        inner_says=events.WHERE,
        fresh=lambda place: (
            {**events.LATELY, "end": "top", "size": "10", "percent": "1"}
            | {"function": "value", "n": "30", "unit": "day"}
        ),
        fits=lambda place: not place.tests_only and not place.inside,
    ),
)
