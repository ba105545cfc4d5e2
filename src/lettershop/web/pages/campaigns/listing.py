"""The list of campaigns."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lettershop.app.campaigning.overview import Line, overview
from lettershop.app.running import running
from lettershop.campaigns.states import BEFORE, UNDER_WAY
from lettershop.web.pages.campaigns import said
from lettershop.web.pages.campaigns.asked import address

MOST: Final = 200
SHOWN: Final = 50
VIEWS: Final[dict[str, tuple[Promise, tuple[str, ...]]]] = {
    "": (_("All"), (*BEFORE, *UNDER_WAY, "done", "aborted")),
    "open": (_("To come"), BEFORE),
    "sending": (_("Under way"), UNDER_WAY),
    "ended": (_("Ended"), ("done", "aborted")),
}


def campaign_list(request: HttpRequest) -> HttpResponse:
    view = request.GET.get("show", "")
    view = view if view in VIEWS else ""
    with running().engine.read() as workspace:
        found = overview(workspace, MOST)
    chosen = [one for one in found if one.state in VIEWS[view][1]]
    known = {
        "lines": [_row(one) for one in chosen[:SHOWN]],
        "beyond": len(chosen[SHOWN:]),
        "any": bool(found),
        "views": [
            (key, words, sum(one.state in states for one in found))
            for key, (words, states) in VIEWS.items()
        ],
        "view": view,
    }
    return render(request, "campaigns/list.html", known)


def _row(line: Line) -> dict[str, object]:
    """A line with its words."""
    return {
        "one": line,
        "address": address(line.name),
        "says": said.STATES[line.state],
        "stage": said.STAGES[line.stage],
        "colour": said.COLOURS[line.state],
        "next": _next(line),
    }


_NEXT: Final[dict[str, Promise]] = {
    "draft": _("Check it"),
    "checked": _("Approve it"),
    "approved": _("Leaves by itself"),
    "sending": _("Watch it"),
    "paused": _("Resume it, or end it"),
    "done": _("Read its results"),
    "aborted": _("Copy it to begin anew"),
}


def _next(line: Line) -> Promise:
    if line.checking:
        return _("Being checked")
    if line.state == "draft" and line.blocking:
        return _("Settle what preflight says")
    return _NEXT[line.state]
