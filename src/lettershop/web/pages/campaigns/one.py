"""A campaign's page: where it stands, its preflight as a checklist, its letters, who did what."""

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.app.campaigning.overview import RESTORED
from lettershop.app.running import running
from lettershop.model.clock import parse_instant
from lettershop.model.errors import LettershopError
from lettershop.web.pages.campaigns import progress, said
from lettershop.web.pages.campaigns.asked import address, campaign
from lettershop.web.pages.campaigns.checklist import checklist
from lettershop.web.pages.campaigns.drawing import whom_rows
from lettershop.web.pages.roles import principal

ACCEPTING: Final = ("draft", "checked", "paused")
"""States in which warnings can be accepted."""


def campaign_page(request: HttpRequest, name: str) -> HttpResponse:
    return shown(request, campaign(request, name))


def campaign_state(request: HttpRequest, name: str) -> HttpResponse:
    """The part that moves. Where more than it has changed, the whole page is asked for anew."""
    found = campaign(request, name)
    response = render(request, "campaigns/state_part.html", state(request, found))
    if request.GET.get("mark", progress.mark(found)) != progress.mark(found):
        response["HX-Refresh"] = "true"
    return response


def shown(
    request: HttpRequest, found: CampaignAnswer, error: LettershopError | None = None
) -> HttpResponse:
    """With what went wrong with a deed, if anything did."""
    report, freeze = found.preflight, found.freeze
    settings = running().engine.workspace.settings
    known = state(request, found) | {
        "error": error,
        "definition": found.definition,
        "letters": found.definition.letters,
        "whom": whom_rows(freeze) if freeze else (),
        "freeze": freeze,
        "checklist": checklist(report, may_accept=found.state in ACCEPTING) if report else None,
        "proof": progress.proof(found.send) if found.send else None,
        "moves": [
            (one, said.MOVES.get(one.move, one.move), parse_instant(one.at))
            for one in reversed(found.moves)
        ],
        "seeds": settings.seeds,
        "zone": settings.timezone,
    }
    return render(request, "campaigns/one.html", known, status=400 if error else 200)


def state(request: HttpRequest, found: CampaignAnswer) -> dict[str, object]:
    """What its moving part shows."""
    settings = running().engine.workspace.settings
    figures = found.figures
    return {
        "found": found,
        "address": address(found.name),
        "way": progress.way(found),
        "says": said.STATES[found.state],
        "colour": said.COLOURS[found.state],
        "stage": said.STAGES[found.stage],
        "deeds": progress.deeds(found),
        "moving": progress.moving(found),
        "mark": progress.mark(found),
        "work": said.work(found.working.what) if found.working else "",
        "to_send": figures.planned - figures.suppressed if figures else 0,
        "over": (figures.planned - figures.suppressed - figures.open) if figures else 0,
        "at": _instants(found),
        "ends_at": parse_instant(figures.ends_at) if figures and figures.ends_at else None,
        "mine": settings.second_approval and principal(request).name == found.author,
        "second": settings.second_approval,
        "held_back": found.reason.startswith(RESTORED),
        "results": bool(found.send),
    }


def _instants(found: CampaignAnswer) -> Mapping[str, int | None]:
    """In ms, by name; None for never."""
    names = ("created", "changed", "checked", "approved", "start", "started", "canary", "ended")
    told = {name: getattr(found, f"{name}_at") for name in names} | {"hold": found.hold_until}
    return {name: parse_instant(at) if at else None for name, at in told.items()}
