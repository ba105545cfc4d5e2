"""Type-ahead: fields, events, segments, and values with how often they occur."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from lettershop.app.building import Around, around
from lettershop.app.running import running
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.frequent import frequent
from lettershop.language.tree import Subject
from lettershop.web.pages.segments.building.asked import SUBJECTS
from lettershop.web.pages.segments.building.labels import Words
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.words import SUBJECTS as SUBJECT_WORDS

MOST: Final = 40
LONGEST: Final = 200
SCOPES: Final = 20
TYPES: Final[Words] = {
    "text": _("text"),
    "number": _("number"),
    "boolean": _("yes or no"),
    "time": _("time"),
    "date": _("date"),
    "list": _("list"),
    "location": _("place"),
}


class Choice(msgspec.Struct, frozen=True):
    """`value`: what is put into the control; `says`: beside it; `count`: how many have it."""

    value: str
    says: str = ""
    count: int | None = None


def find_choices(request: HttpRequest) -> HttpResponse:
    """`?of=field|event|segment|value&scope=…&field=…&q=…`: a list to choose from."""
    asked = request.GET
    scopes = asked.getlist("scope")[:SCOPES]
    typed = asked.get("q", "")[:LONGEST].strip()
    with running().engine.read() as workspace:
        found = _choices(workspace, asked.get("of", ""), scopes, asked.get("field", ""), typed)
    return render(request, "segments/build_choices.html", {"choices": found[:MOST]})


def _choices(
    workspace: Workspace, of: str, scopes: Sequence[str], field: str, typed: str
) -> list[Choice]:
    match of:
        case "field":
            return _fields(around(workspace), scopes, typed)
        case "event":
            events = workspace.store.catalog().events.values()
            found = sorted(events, key=lambda event: -event.rows)
            return _holding((Choice(e.name, count=e.rows) for e in found), typed)
        case "segment":
            return _segments(around(workspace), scopes, typed)
        case "value":
            return _values(workspace, scopes, field, typed)
        case _:
            return []


def _fields(known: Around, scopes: Sequence[str], typed: str) -> list[Choice]:
    """Of a subject, of events, of a kind of record; `number`: only numbers of a subject."""
    first, rest = (scopes[0], scopes[1:]) if scopes else ("", [])
    own: Subject = next((s for s in SUBJECTS if s in rest), "contact")
    place = Place(catalog=known.catalog, subject=own)
    if first == "event":
        place = place.event(tuple(rest))
    elif first == "record":
        place = place.record(rest[0] if rest else "")
    elif first not in ("subject", "number"):
        return []
    fields = sorted(place.fields().values(), key=lambda f: (f.scope != own, -f.info.known))
    wanted = [f for f in fields if first != "number" or f.info.type == "number"]
    if own == "account" and place.of == "subject":
        wanted = [f for f in wanted if not f.path.startswith("account.")]
    offered = (Choice(f.path, str(TYPES[f.info.type])) for f in wanted)
    return _holding(offered, typed)


def _segments(known: Around, scopes: Sequence[str], typed: str) -> list[Choice]:
    account = "account" in scopes
    definitions = known.now.definitions()
    found = (
        Choice(name, definitions[name].title or str(SUBJECT_WORDS[subject]))
        for name, subject in sorted(known.segments.items())
        if (subject == "account") == account
    )
    return _holding(found, typed)


def _values(workspace: Workspace, scopes: Sequence[str], field: str, typed: str) -> list[Choice]:
    """The values of all the scopes, the most frequent first."""
    catalog = workspace.store.catalog()
    counts: dict[str, int] = {}
    for scope in scopes:
        for one in frequent(workspace.store, catalog, scope, field, typed, MOST):
            counts[one.value] = counts.get(one.value, 0) + one.count
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Choice(value, count=count) for value, count in ordered]


def _holding(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """Those that hold what was typed, those that begin with it first."""
    wanted = typed.casefold()
    found = [c for c in choices if wanted in c.value.casefold() or wanted in c.says.casefold()]
    return sorted(found, key=lambda c: not c.value.casefold().startswith(wanted))
