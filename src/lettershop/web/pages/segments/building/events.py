"""Rows of events: did, then, first and last, time since, the first and last value."""

from typing import Any, Final, cast, get_args

from django.utils.translation import gettext as _, gettext_lazy

from lettershop.language import tree as t
from lettershop.web.pages.segments.building import tests, typed, windows
from lettershop.web.pages.segments.building.controls import (
    Control,
    number,
    query,
    select,
    text,
    word,
)
from lettershop.web.pages.segments.building.kind import Inner, Kind
from lettershop.web.pages.segments.building.labels import COMPARED, COUNTS, pairs
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.rows import Awkward, Unfinished, Values

EVER: Final = {"names": "", "scope": "own", "w_window": ""}
LATELY: Final = {**EVER, "w_window": "last", "w_n": "30", "w_unit": "day"}
EDGES: Final = ("first", "last")
LONGER: Final = ("<", "<=", ">", ">=")
WHERE: Final = gettext_lazy("where")
_EDGE_TESTS: Final = get_args(t.EdgeValue.__annotations__["test"])


# --- which events -------------------------------------------------------------------------------


def values_of(node: t.Events) -> dict[str, str]:
    """Names, whose, when; its `where` are the inner rows."""
    window = windows.window_values(node.window, "w_")
    return {"names": typed.listed(node.names), "scope": node.scope} | window


def events_of(values: Values, where: Inner, *, window: bool = True) -> t.Events:
    scope = typed.choice(values, "scope", get_args(t.Scope), "own")
    when = windows.window(values, "w_") if window else None
    return t.Events(typed.items(values, "names"), cast("t.Scope", scope), when, where)


def names_of(values: Values) -> tuple[str, ...]:
    """As far as they can be read."""
    try:
        return typed.items(values, "names")
    except Unfinished:
        return ()


def place_of(values: Values, place: Place) -> Place:
    """Where the tests of the event stand."""
    return place.event(names_of(values))


def names_control(values: Values, *, holder: str = "") -> Control:
    says = holder or _("anything")
    return text(values, "names", _("event"), query("event"), many=True, shapes=True, holder=says)


def scope_controls(values: Values, place: Place) -> list[Control]:
    """Whose events; an account has only its own."""
    if place.subject == "account" and values.get("scope", "own") == "own":
        return []
    own = _("in any account") if place.subject != "account" else _("of the account")
    options = (("own", own), ("here", _("in this account")), ("account", _("by anybody in it")))
    return [select(values, "scope", _("whose"), options)]


def property_control(values: Values, name: str, place: Place) -> Control:
    asked = query("field", ["event", *names_of(values)])
    return text(values, name, _("property"), asked, holder=_("choose a property"))


# --- did ----------------------------------------------------------------------------------------


def _read_did(node: t.Did) -> tuple[dict[str, str], Inner]:
    times = "same" if node.same is not None else "days" if node.days else "times"
    if node.same is not None and node.days:
        raise Awkward
    found = {
        "verb": "did not" if node.negated else "did",
        "count": node.count,
        "n": str(node.n),
        "times": times,
        "same": node.same or "",
    }
    return values_of(node.events) | found, node.events.where


def _write_did(values: Values, where: Inner) -> t.Did:
    times = typed.choice(values, "times", ("times", "days", "same"))
    return t.Did(
        events_of(values, where),
        cast("t.Count", typed.choice(values, "count", COUNTS)),
        typed.whole(values, "n"),
        times == "days",
        typed.need(values, "same") if times == "same" else None,
        typed.choice(values, "verb", ("did", "did not")) == "did not",
    )


def _did_controls(values: Values, place: Place) -> list[Control]:
    verbs = (("did", _("did")), ("did not", _("did not do")))
    times = (
        ("times", _("times")),
        ("days", _("different days")),
        ("same", _("times with the same")),
    )
    found = [
        select(values, "verb", _("did or did not"), verbs),
        names_control(values),
        select(values, "count", _("how often"), pairs(COUNTS)),
        number(values, "n", _("how many")),
        select(values, "times", _("counted as"), times, shapes=True),
    ]
    if values.get("times") == "same":
        found.append(property_control(values, "same", place))
    return [*found, *windows.window_controls(values, "w_"), *scope_controls(values, place)]


# --- one thing after another --------------------------------------------------------------------


def _read_sequence(node: t.Sequence) -> tuple[dict[str, str], Inner]:
    if len(node.steps) != 1 or node.steps[0].where is not None or not node.steps[0].names:
        raise Awkward
    step = node.steps[0]
    gap = {"gap_n": "", "gap_unit": "day"}
    if step.gap is not None:
        gap = windows.duration_values(step.gap, "gap_")
    found = {
        "verb": "did not" if node.negated else "did",
        "then": typed.listed(step.names),
        "without": typed.listed(node.without),
    }
    return values_of(node.first) | gap | found, node.first.where


def _write_sequence(values: Values, where: Inner) -> t.Sequence:
    then = typed.items(values, "then")
    if not then:
        raise Unfinished("then", _("choose an event"))
    gap = windows.duration(values, "gap_") if values.get("gap_n", "").strip() else None
    return t.Sequence(
        events_of(values, where),
        (t.Step(then, gap),),
        typed.items(values, "without"),
        typed.choice(values, "verb", ("did", "did not")) == "did not",
    )


def _sequence_controls(values: Values, place: Place) -> list[Control]:
    verbs = (("did", _("did")), ("did not", _("did not do")))
    asked = query("event")
    then = text(values, "then", _("then"), asked, many=True, holder=_("choose an event"))
    without = text(values, "without", _("without"), asked, many=True, holder=_("nothing"))
    return [
        select(values, "verb", _("did or did not"), verbs),
        names_control(values),
        *windows.window_controls(values, "w_"),
        *scope_controls(values, place),
        word(_("then")),
        then,
        word(_("within")),
        *windows.duration_controls(values, "gap_"),
        word(_("and in between not")),
        without,
    ]


# --- first and last -----------------------------------------------------------------------------


def _edge(values: Values) -> Any:
    return typed.choice(values, "edge", EDGES)


def _edge_control(values: Values) -> Control:
    options = (("first", _("the first")), ("last", _("the last")))
    return select(values, "edge", _("first or last"), options)


def _read_edge_time(node: t.EdgeTime) -> tuple[dict[str, str], Inner]:
    if node.events.window is not None:
        raise Awkward
    window = windows.window_values(node.window, "w_")
    return values_of(node.events) | window | {"edge": node.edge}, node.events.where


def _write_edge_time(values: Values, where: Inner) -> t.EdgeTime:
    when = windows.window(values, "w_")
    if when is None:
        raise Unfinished("w_window", _("choose one"))
    return t.EdgeTime(_edge(values), events_of(values, where, window=False), when)


def _edge_time_controls(values: Values, place: Place) -> list[Control]:
    return [
        _edge_control(values),
        names_control(values),
        word(_("was")),
        *windows.window_controls(values, "w_", always=True),
        *scope_controls(values, place),
    ]


def _read_since(node: t.TimeSince) -> tuple[dict[str, str], Inner]:
    found = {"edge": node.edge, "op": node.op} | windows.duration_values(node.duration)
    return values_of(node.events) | found, node.events.where


def _write_since(values: Values, where: Inner) -> t.TimeSince:
    op: Any = typed.choice(values, "op", LONGER)
    return t.TimeSince(_edge(values), events_of(values, where), op, windows.duration(values))


def _since_controls(values: Values, place: Place) -> list[Control]:
    compared = [(key, says) for key, says in pairs(COMPARED) if key in LONGER]
    return [
        word(_("the time since")),
        _edge_control(values),
        names_control(values),
        select(values, "op", _("how"), compared),
        *windows.duration_controls(values),
        *scope_controls(values, place),
        word(_("of events")),
        *windows.window_controls(values, "w_"),
    ]


def _read_edge_value(node: t.EdgeValue) -> tuple[dict[str, str], Inner]:
    found = tests.values_of(node.test) | {"edge": node.edge}
    return values_of(node.events) | found, node.events.where


def _write_edge_value(values: Values, where: Inner) -> t.EdgeValue:
    test = tests.test_of(values)
    if not isinstance(test, _EDGE_TESTS):
        raise Unfinished("op", _("this does not fit here"))
    return t.EdgeValue(_edge(values), events_of(values, where), cast("Any", test))


def _edge_value_controls(values: Values, place: Place) -> list[Control]:
    own = tests.controls(values, place_of(values, place))
    return [
        _edge_control(values),
        names_control(values),
        *windows.window_controls(values, "w_"),
        *scope_controls(values, place),
        word(_("says")),
        *own,
    ]


def _settle_edge_value(values: Values, place: Place) -> dict[str, str]:
    return tests.settled(values, place_of(values, place))


KINDS: Final = (
    Kind(
        key="did",
        says=gettext_lazy("Something done, or not done"),
        icon="activity",
        read=_read_did,
        write=_write_did,
        controls=_did_controls,
        inner=place_of,
        inner_says=WHERE,
        fresh=lambda place: (
            {**LATELY, "verb": "did", "count": "at least", "n": "1"} | {"times": "times"}
        ),
    ),
    Kind(
        key="sequence",
        says=gettext_lazy("One thing after another"),
        icon="git-branch",
        read=_read_sequence,
        write=_write_sequence,
        controls=_sequence_controls,
        inner=place_of,
        inner_says=gettext_lazy("where of the first"),
        fresh=lambda place: {**LATELY, "verb": "did", "gap_n": "14", "gap_unit": "day"},
    ),
    Kind(
        key="edge_time",
        says=gettext_lazy("When something was first or last done"),
        icon="history",
        read=_read_edge_time,
        write=_write_edge_time,
        controls=_edge_time_controls,
        inner=place_of,
        inner_says=WHERE,
        fresh=lambda place: {**LATELY, "edge": "first"},
    ),
    Kind(
        key="time_since",
        says=gettext_lazy("How long ago something was done"),
        icon="hourglass",
        read=_read_since,
        write=_write_since,
        controls=_since_controls,
        inner=place_of,
        inner_says=WHERE,
        fresh=lambda place: {**EVER, "edge": "last", "op": ">", "n": "60", "unit": "day"},
    ),
    Kind(
        key="edge_value",
        says=gettext_lazy("What an event said first or last"),
        icon="file-text",
        read=_read_edge_value,
        write=_write_edge_value,
        controls=_edge_value_controls,
        inner=place_of,
        inner_says=WHERE,
        fresh=lambda place: {**EVER, **tests.EMPTY, "edge": "last"},
        settle=_settle_edge_value,
    ),
)
