"""A version beside what is in force: what publishing it would change; all versions; discard."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.publishing import Publisher
from lettershop.app.running import running
from lettershop.model.errors import LettershopError, NotFound
from lettershop.segments.register import versions
from lettershop.web.pages.roles import principal
from lettershop.web.pages.segments.building.saving import draft_address, segment_address
from lettershop.web.pages.segments.building.words import MODES, SUBJECTS
from lettershop.web.pages.segments.drafts_shown import STATES, shown
from lettershop.web.pages.telling import Undo, tell


def segment_draft(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """What publishing a version would change: a draft, or an old one once more."""
    return draft_page(request, name, number)


def draft_page(
    request: HttpRequest, name: str, number: int, error: LettershopError | None = None
) -> HttpResponse:
    with running().engine.read() as workspace:
        publisher = Publisher(workspace, principal(request))
        try:
            found = shown(publisher, name, number)
        except NotFound as missing:
            raise Http404 from missing
    known = {
        "shown": found,
        "row": found.version,
        "error": error,
        "subject": SUBJECTS[found.version.subject],
        "mode": MODES[found.version.mode],
        "state": STATES[found.version.state],
        "address": draft_address(name, number),
        "segment": segment_address(name),
    }
    return render(request, "segments/draft.html", known, status=400 if error else 200)


def segment_versions(request: HttpRequest, name: str) -> HttpResponse:
    """Every version there has been, the newest first."""
    try:
        found = versions(name)
    except NotFound as missing:
        raise Http404 from missing
    rows = [(one, STATES[one.state], draft_address(name, one.number)) for one in found]
    in_force = any(one.state == "published" for one in found)
    known = {"name": name, "rows": rows, "segment": segment_address(name), "in_force": in_force}
    return render(request, "segments/draft_versions.html", known)


def discard_draft(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Forget a draft; undo writes it down again."""
    try:
        with running().engine.read() as workspace:
            gone = Publisher(workspace, principal(request)).discard(name, number)
            kept = bool(Publisher(workspace, principal(request)).versions(name))
    except NotFound as missing:
        raise Http404 from missing
    except LettershopError as error:
        return draft_page(request, name, number, error)
    again = {
        "do": "save",
        "name": name,
        "title": gone.title,
        "description": gone.description,
        "subject": gone.subject,
        "mode": gone.mode,
        "text": gone.text,
        "note": gone.note,
    }
    undo = Undo(f"{segment_address(name)}/edit" if kept else "/segments/new", again)
    tell(request, _("Draft %(number)s is discarded.") % {"number": number}, undo=undo)
    return redirect(f"{segment_address(name)}/versions" if kept else "/segments")
