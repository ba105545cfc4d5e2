"""Rows of everything else: values, states that last, changes, segments, people, records, text."""

from typing import Any, Final, cast, get_args

from django.utils.translation import gettext as _, gettext_lazy

from lettershop.language import parse, render, tree as t
from lettershop.model.errors import DefinitionError
from lettershop.web.pages.segments.building import tests, typed, windows
from lettershop.web.pages.segments.building.controls import (
    Control,
    hidden,
    number,
    query,
    select,
    text,
    word,
)
from lettershop.web.pages.segments.building.kind import Inner, Kind
from lettershop.web.pages.segments.building.labels import COUNTS, pairs
from lettershop.web.pages.segments.building.measures import (
    first_record,
    has_records,
    number_field,
    owner_controls,
    record_control,
    side,
)
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.rows import Unfinished, Values

MOVES: Final = ("in", "stayed", "entered", "left")
_HELD_TESTS: Final = get_args(t.Held.__annotations__["test"])
ADVANCED: Final = "text"
"""The kind that can hold any condition."""


# --- values -------------------------------------------------------------------------------------


def _read_test(node: t.ValueTest) -> tuple[dict[str, str], Inner]:
    return tests.values_of(node), None


def _write_test(values: Values, inner: Inner) -> t.ValueTest:
    return tests.test_of(values)


def _read_held(node: t.Held) -> tuple[dict[str, str], Inner]:
    return tests.values_of(node.test) | windows.duration_values(node.duration, "held_"), None


def _write_held(values: Values, inner: Inner) -> t.Held:
    test = tests.test_of(values)
    if not isinstance(test, _HELD_TESTS):
        raise Unfinished("op", _("this does not fit here"))
    return t.Held(cast("Any", test), windows.duration(values, "held_"))


def _held_controls(values: Values, place: Place) -> list[Control]:
    lasting = windows.duration_controls(values, "held_")
    return [*tests.controls(values, place), word(_("for at least")), *lasting]


def _read_moved(node: t.Moved) -> tuple[dict[str, str], Inner]:
    found = {
        "field": typed.shown(node.field),
        "direction": node.direction,
        "by": "" if node.by is None else typed.written(node.by),
    }
    return found | windows.duration_values(node.duration), None


def _write_moved(values: Values, inner: Inner) -> t.Moved:
    direction: Any = typed.choice(values, "direction", ("rose", "fell"))
    by = typed.number(values, "by") if values.get("by", "").strip() else None
    return t.Moved(typed.need(values, "field"), direction, windows.duration(values), by)


def _moved_controls(values: Values, place: Place) -> list[Control]:
    directions = (("rose", _("rose")), ("fell", _("fell")))
    return [
        number_field(values, place),
        select(values, "direction", _("which way"), directions),
        word(_("by at least")),
        number(values, "by", _("by how much; empty for any")),
        word(_("within the last")),
        *windows.duration_controls(values),
    ]


# --- since when, and where they are ---------------------------------------------------------------


def _read_known(node: t.KnownFor) -> tuple[dict[str, str], Inner]:
    return windows.duration_values(node.duration) | {"scope": node.scope}, None


def _write_known(values: Values, inner: Inner) -> t.KnownFor:
    return t.KnownFor(windows.duration(values), _scope(values))


def _scope(values: Values) -> Any:
    return typed.choice(values, "scope", ("own", "account"), "own")


def _known_controls(values: Values, place: Place) -> list[Control]:
    found = [word(_("known for at least")), *windows.duration_controls(values)]
    return [*_who(values, place), *found]


def _who(values: Values, place: Place) -> list[Control]:
    """They themselves, or their account."""
    if place.subject == "account" and values.get("scope", "own") == "own":
        return []
    own = _("they are") if place.subject != "account" else _("it is")
    options = (("own", own), ("account", _("the account is")))
    return [select(values, "scope", _("who"), options, shapes=True)]


def _read_segment(node: t.InSegment | t.SegmentHistory) -> tuple[dict[str, str], Inner]:
    found = {"segment": typed.shown(node.name), "scope": node.scope, "move": "in"}
    if isinstance(node, t.SegmentHistory):
        found |= windows.duration_values(node.duration) | {"move": node.move}
    return found, None


def _write_segment(values: Values, inner: Inner) -> t.InSegment | t.SegmentHistory:
    name, move = typed.need(values, "segment"), typed.choice(values, "move", MOVES)
    if move == "in":
        return t.InSegment(name, _scope(values))
    return t.SegmentHistory(name, cast("Any", move), windows.duration(values), _scope(values))


def _segment_controls(values: Values, place: Place) -> list[Control]:
    moves = (
        ("in", _("in the segment")),
        ("stayed", _("for a while in the segment")),
        ("entered", _("newly in the segment")),
        ("left", _("no longer in the segment")),
    )
    move = select(values, "move", _("in or not"), moves, shapes=True)
    of = "account" if values.get("scope") == "account" else place.subject
    asked = query("segment", [of])
    named = text(values, "segment", _("segment"), asked, holder=_("choose a segment"))
    found = [*_who(values, place), move, named]
    if move.value != "in":
        says = _("for at least") if move.value == "stayed" else _("within the last")
        found += [word(says), *windows.duration_controls(values)]
    return found


# --- people and records ---------------------------------------------------------------------------


def _read_people(node: t.People) -> tuple[dict[str, str], Inner]:
    found = {
        "quantity": node.quantity,
        "count": node.count,
        "n": typed.written(node.n),
        "roles": typed.listed(node.roles),
        "scope": node.scope,
    }
    return found, node.who


def _write_people(values: Values, who: Inner) -> t.People:
    quantity = typed.choice(values, "quantity", ("count", "percent", "all"))
    roles, scope = typed.items(values, "roles"), _scope(values)
    if quantity == "all":
        return t.People("all", roles=roles, who=who, scope=scope)
    count: Any = typed.choice(values, "count", COUNTS)
    n = typed.whole(values, "n") if quantity == "count" else typed.number(values, "n")
    return t.People(cast("Any", quantity), count, n, roles, who, scope)


def _people_controls(values: Values, place: Place) -> list[Control]:
    kinds = (
        ("count", _("people")),
        ("percent", _("percent of people")),
        ("all", _("all people")),
    )
    chosen = select(values, "quantity", _("counted as"), kinds, shapes=True)
    roles = query("value", ["membership"], "role")
    size = [select(values, "count", _("how many"), pairs(COUNTS)), number(values, "n", _("number"))]
    return [
        hidden(values, "scope"),
        word(_("the account has")),
        *(() if chosen.value == "all" else size),
        chosen,
        word(_("with the role")),
        text(values, "roles", _("roles"), roles, many=True, holder=_("any role")),
    ]


def _settle_people(values: Values, place: Place) -> dict[str, str]:
    """Contacts have no people: their account has."""
    scope = values.get("scope", "own")
    return {**values, "scope": scope if place.subject == "account" else "account"}


def _read_record(node: t.HasRecord) -> tuple[dict[str, str], Inner]:
    found = {"record": node.kind, "count": node.count, "n": str(node.n), "scope": node.scope}
    return found, node.where


def _write_record(values: Values, where: Inner) -> t.HasRecord:
    count: Any = typed.choice(values, "count", COUNTS)
    kind = typed.need(values, "record")
    return t.HasRecord(kind, count, typed.whole(values, "n"), where, _scope(values))


def _has_record_controls(values: Values, place: Place) -> list[Control]:
    return [
        word(_("has")),
        select(values, "count", _("how many"), pairs(COUNTS)),
        number(values, "n", _("number")),
        record_control(values, place),
        *owner_controls(values, place),
    ]


# --- the rest -----------------------------------------------------------------------------------


def _read_everyone(node: t.Everyone) -> tuple[dict[str, str], Inner]:
    return {}, None


def _write_everyone(values: Values, inner: Inner) -> t.Everyone:
    return t.Everyone()


def _read_random(node: t.Random) -> tuple[dict[str, str], Inner]:
    return {"percent": typed.written(node.percent), "name": typed.shown(node.name)}, None


def _write_random(values: Values, inner: Inner) -> t.Random:
    return t.Random(typed.number(values, "percent"), typed.need(values, "name"))


def _random_controls(values: Values, place: Place) -> list[Control]:
    return [
        word(_("in a random")),
        number(values, "percent", _("percent")),
        word(_("percent of")),
        text(values, "name", _("name of the draw"), holder=_("name of the draw")),
    ]


def read_text(node: t.Condition) -> tuple[dict[str, str], Inner]:
    """Any condition, as it is written."""
    return {"text": render(node)}, None


def _write_text(values: Values, inner: Inner) -> t.Condition:
    try:
        return parse(typed.need(values, "text")).tree
    except DefinitionError as error:
        first = error.findings[0]
        raise Unfinished("text", first.message) from None


def _text_controls(values: Values, place: Place) -> list[Control]:
    says = _("condition as text")
    return [Control(name="text", shape="area", says=says, value=values.get("text", ""))]


KINDS: Final = (
    Kind(
        key="test",
        says=gettext_lazy("A field"),
        icon="id",
        read=_read_test,
        write=_write_test,
        controls=tests.controls,
        fresh=lambda place: {**tests.EMPTY},
        fits=lambda place: True,
        settle=tests.settled,
    ),
    Kind(
        key="segment",
        says=gettext_lazy("A segment they are in"),
        icon="chart-pie",
        read=_read_segment,
        write=_write_segment,
        controls=_segment_controls,
        fresh=lambda place: {"move": "in", "scope": "own", "n": "7", "unit": "day"},
    ),
    Kind(
        key="people",
        says=gettext_lazy("People of the account"),
        icon="users",
        read=_read_people,
        write=_write_people,
        controls=_people_controls,
        inner=lambda values, place: place.people(),
        inner_says=gettext_lazy("who"),
        fresh=lambda place: (
            {"quantity": "count", "count": "at least", "n": "3"} | {"scope": side(place)}
        ),
        fits=lambda place: not place.tests_only and not place.inside,
        settle=_settle_people,
    ),
    Kind(
        key="record",
        says=gettext_lazy("A record: a deal, a ticket"),
        icon="database",
        read=_read_record,
        write=_write_record,
        controls=_has_record_controls,
        inner=lambda values, place: place.record(values.get("record", "")),
        inner_says=gettext_lazy("where"),
        fresh=lambda place: (
            {"record": first_record(place), "count": "at least", "n": "1"} | {"scope": side(place)}
        ),
        fits=has_records,
    ),
    Kind(
        key="moved",
        says=gettext_lazy("A number that rose or fell"),
        icon="trending-up",
        read=_read_moved,
        write=_write_moved,
        controls=_moved_controls,
        fresh=lambda place: {"direction": "rose", "n": "30", "unit": "day"},
    ),
    Kind(
        key="held",
        says=gettext_lazy("A field, for a while"),
        icon="clock",
        read=_read_held,
        write=_write_held,
        controls=_held_controls,
        fresh=lambda place: {**tests.EMPTY, "held_n": "10", "held_unit": "day"},
        settle=tests.settled,
    ),
    Kind(
        key="known_for",
        says=gettext_lazy("Known for a while"),
        icon="calendar",
        read=_read_known,
        write=_write_known,
        controls=_known_controls,
        fresh=lambda place: {"n": "14", "unit": "day", "scope": "own"},
    ),
    Kind(
        key="random",
        says=gettext_lazy("A random share"),
        icon="percentage",
        read=_read_random,
        write=_write_random,
        controls=_random_controls,
        fresh=lambda place: {"percent": "10"},
    ),
    Kind(
        key="everyone",
        says=gettext_lazy("Everyone"),
        icon="world",
        read=_read_everyone,
        write=_write_everyone,
        controls=lambda values, place: [word(_("everyone"))],
        fits=lambda place: False,
    ),
    Kind(
        key=ADVANCED,
        says=gettext_lazy("Advanced: as text"),
        icon="code",
        read=read_text,
        write=_write_text,
        controls=_text_controls,
    ),
)
