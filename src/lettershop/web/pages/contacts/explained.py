"""Why somebody is, or is not, in a segment: evaluated when asked, as a part of the page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.explaining import pins_about
from lettershop.app.running import running
from lettershop.app.shop import LocalShop
from lettershop.app.workspace import Workspace
from lettershop.model.clock import parse_instant
from lettershop.model.errors import LettershopError
from lettershop.web.pages.contacts.asked import text


def explanation(request: HttpRequest, who: str) -> HttpResponse:
    segment = text(request.GET, "why")
    if not segment:
        return render(request, "contacts/explained.html", {})
    with running().engine.read() as shop:
        known = explained(shop, who.replace("\0", ""), segment)
    return render(request, "contacts/explained.html", known | {"why": segment})


def explained(shop: Workspace, who: str, segment: str) -> dict[str, Any]:
    """What the part shows: the explanation, or why there is none."""
    try:
        found = LocalShop(shop).explain(segment, who, shop.clock.now(), pins_about)
    except LettershopError as error:
        return {"unexplained": error}
    since = found.since.at if found.since else None
    upcoming = found.upcoming.at if found.upcoming else None
    return {
        "explanation": found,
        "since": parse_instant(since) if since else None,
        "upcoming": parse_instant(upcoming) if upcoming else None,
    }
