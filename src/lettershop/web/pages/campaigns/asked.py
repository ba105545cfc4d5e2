"""What pages of campaigns share: the desk of whoever asks, a campaign by its name, its address."""

from urllib.parse import quote

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.app.campaigning.desk import Desk
from lettershop.app.running import running
from lettershop.model.errors import NotFound
from lettershop.web.pages.roles import principal

LONGEST = 2_000
"""Characters of a reason."""
PART = "X-Part"
"""On an answer of 4xx that htmx is to show in its place."""


def desk(request: HttpRequest) -> Desk:
    server = running()
    workspace = server.engine.workspace
    return Desk(workspace.path, workspace.settings, principal(request), server.clock)


def campaign(request: HttpRequest, name: str) -> CampaignAnswer:
    """With what is being done with it at this moment. Http404."""
    try:
        found = desk(request).show(name)
    except NotFound as error:
        raise Http404 from error
    return msgspec.structs.replace(found, working=running().campaigns.working(name))


def address(name: str, what: str = "") -> str:
    """`/campaigns/spring/offers`, `/campaigns/spring/offers/results`."""
    return f"/campaigns/{quote(name)}" + (f"/{what}" if what else "")


def back(name: str) -> HttpResponse:
    return redirect(address(name))


def said(request: HttpRequest, key: str, longest: int = LONGEST) -> str:
    """A text of the form, without what no database takes."""
    return request.POST.get(key, "").replace("\0", "").strip()[:longest]
