"""A campaign is written: one form in steps, and its text beside it.

Without JavaScript the button “Look” shows both sides in step; with it every change does
(`campaign_step`), and whom it reaches is counted at once.
"""

from typing import Final, cast

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.campaigning.desk import Desk, Draft
from lettershop.app.campaigning.reach import Reach, planned_at, reach
from lettershop.app.running import running
from lettershop.app.workspace import Workspace
from lettershop.campaigns import records
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.reading import bad_name, plain
from lettershop.campaigns.said import FreezeReport
from lettershop.campaigns.states import BEFORE
from lettershop.campaigns.writing import written
from lettershop.model.errors import InputError, LettershopError, NotFound, UsageError
from lettershop.web.pages.campaigns import choices
from lettershop.web.pages.campaigns.asked import PART, address, desk, said
from lettershop.web.pages.campaigns.drawing import composed, whom_rows
from lettershop.web.pages.campaigns.fields import posted
from lettershop.web.pages.campaigns.sheet import (
    Sheet,
    Side,
    edited,
    judged,
    opened,
    source_of,
)
from lettershop.web.pages.telling import tell

TAKEN: Final = frozenset({"new", "step", "count", "messages"})
"""Names that are addresses already."""


def campaign_new(request: HttpRequest) -> HttpResponse:
    """`?from=`: as another one says it."""
    if request.method == "POST":
        return _sent_back(request, "")
    text = ""
    if request.GET.get("from"):
        text = _text_of(_record(request.GET["from"]))
    return _page(request, opened("", text), new=True)


def campaign_edit(request: HttpRequest, name: str) -> HttpResponse:
    record = _record(name)
    if record.state not in BEFORE:
        text = _("It cannot be changed any more. Copy it to write another one.")
        tell(request, text, mood="note")
        return redirect(address(name))
    if request.method == "POST":
        return _sent_back(request, name)
    return _page(request, opened(name, _text_of(record)), new=False)


def campaign_step(request: HttpRequest) -> HttpResponse:
    """Both sides in step, as parts that htmx puts in their places."""
    sheet = _sheet(request, said(request, "name"))
    with running().engine.read() as workspace:
        fields = sheet.won == "text" and sheet.readable and not sheet.conflict
        known = _known(workspace, judged(workspace, sheet), fields=fields)
    return render(request, "campaigns/compose_step.html", known)


def campaign_count(request: HttpRequest) -> HttpResponse:
    """Who of them would get a letter now, and who not and why."""
    sheet = _sheet(request, said(request, "name"))
    status, known = 200, dict[str, object]()
    with running().engine.read() as workspace:
        try:
            known["whom"] = whom_rows(_audience(workspace, judged(workspace, sheet)))
        except LettershopError as error:
            status, known["error"] = 400, error
    response = render(request, "campaigns/compose_count.html", known, status=status)
    response[PART] = "1"
    return response


def _sent_back(request: HttpRequest, name: str) -> HttpResponse:
    """Saved as a draft, or only looked at."""
    new, name = not name, name or said(request, "name", 200)
    sheet = _sheet(request, name)
    looked = request.POST.get("do") in ("look", "form", "text")
    if looked:
        return _page(request, sheet, new=new, counted=True)
    try:
        _save(desk(request), sheet, new=new)
    except LettershopError as error:
        return _page(request, sheet, new=new, error=error)
    tell(request, _("“%(name)s” is kept as a draft.") % {"name": name})
    return redirect(address(name))


def _save(desk: Desk, sheet: Sheet, *, new: bool) -> None:
    """InputError `campaign.name`, `campaign.both`; UsageError `campaign.exists`; those of
    Desk.draft."""
    if sheet.conflict:
        message = _("form and text were both changed, and differ")
        raise InputError("campaign.both", message, hint=_("say below which one counts"))
    problem = bad_name(sheet.name)
    if problem or sheet.name in TAKEN:
        problem = problem or "that is an address already"
        raise InputError("campaign.name", f"a name {problem}", hint="short-names-like-this")
    if new and CampaignRecord.objects.filter(name=sheet.name).exists():
        message = f"there is a campaign “{sheet.name}” already"
        raise UsageError("campaign.exists", message, hint="choose another name")
    draft = Draft(text=sheet.text or "\n", source=source_of(sheet.name))
    with running().engine.read() as workspace:
        desk.draft(workspace, sheet.name, draft)


def _sheet(request: HttpRequest, name: str) -> Sheet:
    zone = running().engine.workspace.settings.timezone
    fields = posted(request.POST, lambda at, typed: choices.workspace_at(at, typed, zone))
    prefer = request.POST.get("do")
    side = cast(Side, prefer) if prefer in ("form", "text") else None
    text, before = (request.POST.get(key, "").replace("\0", "") for key in ("text", "before"))
    return edited(name, fields, text, before, side)


def _page(
    request: HttpRequest,
    sheet: Sheet,
    *,
    new: bool,
    error: LettershopError | None = None,
    counted: bool = False,
) -> HttpResponse:
    with running().engine.read() as workspace:
        found = judged(workspace, sheet)
        known = _known(workspace, found) | {
            "new": new,
            "error": _own(error),
        }
        if counted and found.campaign is not None:
            known["whom"] = whom_rows(_audience(workspace, found))
    return render(request, "campaigns/compose.html", known, status=400 if error else 200)


def _own(error: LettershopError | None) -> LettershopError | None:
    """Findings stand in their places."""
    if error is not None and hasattr(error, "findings"):
        message = _("It is not kept yet: something is wrong with it.")
        return UsageError(error.code, message)
    return error


def _known(workspace: Workspace, sheet: Sheet, *, fields: bool = True) -> dict[str, object]:
    """`fields`: whether the form is shown anew."""
    offered = choices.offered(workspace, sheet.fields, segments=fields)
    return composed(workspace, sheet, offered, _reach(workspace, sheet)) | {"with_fields": fields}


def _reach(workspace: Workspace, sheet: Sheet) -> Reach:
    campaign = sheet.campaign
    at = planned_at(campaign, workspace.settings.timezone) if campaign else 0
    fields = sheet.fields
    return reach(workspace, fields.include, fields.exclude, at or running().clock.now(), sheet.name)


def _audience(workspace: Workspace, sheet: Sheet) -> FreezeReport:
    """UsageError `campaign.unsound` while something is wrong with it."""
    if sheet.campaign is None:
        raise UsageError("campaign.unsound", _("settle the findings first, then it can be counted"))
    crew = running().campaigns.crew
    return crew.audience(workspace, sheet.campaign, lambda what, done, total: None)


def _record(name: str) -> CampaignRecord:
    try:
        return records.named(name)
    except NotFound as error:
        raise Http404 from error


def _text_of(record: CampaignRecord) -> str:
    if record.form == "toml":
        return record.text
    return written(plain(msgspec.json.decode(record.text)))
