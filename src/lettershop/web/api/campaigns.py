"""Campaigns: written, checked, approved, sent; watched, paused, ended."""

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from ninja import Query, Router

from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.app.campaigning.desk import Desk, Draft
from lettershop.app.running import running
from lettershop.campaigns.reading import plain
from lettershop.campaigns.said import FreezeReport
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import read_body, whole
from lettershop.web.api.operations import operation

router = Router()
Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Name = str


class DraftBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`definition`: the words of a campaign file as JSON; or `text`: the file itself (TOML), and
    `source`, how findings are to call it."""

    definition: dict[str, Any] = {}
    text: Annotated[str, msgspec.Meta(max_length=1_048_576)] = ""
    source: Text = ""


class AcceptBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key`: of a warning of preflight."""

    key: Text
    reason: Text


class ReasonBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Text = ""


class CampaignList(msgspec.Struct, frozen=True):
    items: list[CampaignAnswer]


@operation(router, "GET", "/campaigns", answer=CampaignList)
def list_campaigns(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=200, description="how many")] = 50,
) -> CampaignList:
    """Campaigns, the newest first, without reports."""
    return CampaignList(list(_desk(request).all(limit)))


@operation(router, "GET", "/campaigns/{path:name}/audience", answer=FreezeReport)
def campaign_audience(request: HttpRequest, name: Name) -> FreezeReport:
    """Who would get it now, and who not and why, in numbers; nothing is kept."""
    with running().engine.read() as workspace:
        crew = running().campaigns.crew
        return _desk(request).audience(workspace, name, crew, lambda what, done, total: None)


@operation(router, "POST", "/campaigns/{path:name}/check", answer=CampaignAnswer, status=202)
def check_campaign(request: HttpRequest, name: Name) -> CampaignAnswer:
    """Begin to look at everybody's letter; ask for the campaign until `checking` is false."""
    found = _desk(request).ask_check(name)
    running().campaigns.check(name)
    return found


@operation(router, "POST", "/campaigns/{path:name}/accept", answer=CampaignAnswer, body=AcceptBody)
def accept_warning(request: HttpRequest, name: Name) -> CampaignAnswer:
    """Say of a warning that it is meant, with a reason that is kept."""
    said = read_body(request, AcceptBody)
    return _desk(request).accept(name, said.key, said.reason)


@operation(router, "POST", "/campaigns/{path:name}/approve", answer=CampaignAnswer)
def approve_campaign(request: HttpRequest, name: Name) -> CampaignAnswer:
    """It leaves at its time, or at once where it has none."""
    return _desk(request).approve(name)


@operation(router, "POST", "/campaigns/{path:name}/start", answer=CampaignAnswer)
def start_campaign(request: HttpRequest, name: Name) -> CampaignAnswer:
    """Send an approved one now, instead of at its time."""
    return _desk(request).start(name)


@operation(router, "POST", "/campaigns/{path:name}/undo", answer=CampaignAnswer, body=ReasonBody)
def undo_campaign(request: HttpRequest, name: Name) -> CampaignAnswer:
    """Within its hold window, before anything has left: it is a draft again."""
    return _desk(request).undo(name, _reason(request))


@operation(router, "POST", "/campaigns/{path:name}/go", answer=CampaignAnswer)
def release_canary(request: HttpRequest, name: Name) -> CampaignAnswer:
    """The canary looks well: the others, too."""
    return _desk(request).go(name)


@operation(router, "POST", "/campaigns/{path:name}/pause", answer=CampaignAnswer, body=ReasonBody)
def pause_campaign(request: HttpRequest, name: Name) -> CampaignAnswer:
    """Stop between two letters, within a second."""
    return _desk(request).pause(name, _reason(request))


@operation(router, "POST", "/campaigns/{path:name}/resume", answer=CampaignAnswer)
def resume_campaign(request: HttpRequest, name: Name) -> CampaignAnswer:
    """Go on where it was."""
    return _desk(request).resume(name)


@operation(router, "POST", "/campaigns/{path:name}/abort", answer=CampaignAnswer, body=ReasonBody)
def abort_campaign(request: HttpRequest, name: Name) -> CampaignAnswer:
    """End it for good: what has not left never leaves."""
    return _desk(request).abort(name, _reason(request))


@operation(router, "GET", "/campaigns/{path:name}", answer=CampaignAnswer)
def show_campaign(request: HttpRequest, name: Name) -> CampaignAnswer:
    """A campaign with its reports, its figures and every move it has made."""
    found = _desk(request).show(name)
    return msgspec.structs.replace(found, working=running().campaigns.working(name))


@operation(router, "PUT", "/campaigns/{path:name}", answer=CampaignAnswer, body=DraftBody)
def draft_campaign(request: HttpRequest, name: Name) -> CampaignAnswer:
    """Write a campaign, or write it anew; everything that is wrong with it is told at once."""
    said = read_body(request, DraftBody)
    draft = Draft(definition=plain(said.definition), text=said.text, source=said.source)
    with running().engine.read() as workspace:
        return _desk(request).draft(workspace, name, draft)


def _reason(request: HttpRequest) -> str:
    """The body may be left out."""
    return read_body(request, ReasonBody).reason if whole(request) else ""


def _desk(request: HttpRequest) -> Desk:
    server = running()
    workspace = server.engine.workspace
    return Desk(workspace.path, workspace.settings, principal_of(request), server.clock)
