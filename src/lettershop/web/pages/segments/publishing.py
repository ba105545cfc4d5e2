"""Putting a version in force, and taking a segment out of force; each can be taken back."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from lettershop.app.building import around, counted, said
from lettershop.app.plans import Applied, InForceAnswer
from lettershop.app.publishing import Publisher
from lettershop.app.running import running
from lettershop.app.workspace import Workspace
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.pages.roles import principal
from lettershop.web.pages.segments.building.saving import draft_address, segment_address
from lettershop.web.pages.segments.drafts import draft_page
from lettershop.web.pages.telling import Undo, tell
from lettershop.web.pages.words import number as written


def publish_draft(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """`revision`: what the page was made of; `allow`: segments whose size may move further than the
    guard; `back`: an undo, which nobody has to be asked about again."""
    form = request.POST
    allowed = form.getlist("allow")
    try:
        with running().engine.read() as workspace:
            publisher = Publisher(workspace, principal(request))
            before = _in_force(publisher, name)
            if form.get("back"):
                allowed = [*publisher.difference(name, number, 0).guarded]
            done = publisher.publish(
                name,
                number,
                allow_size=allowed,
                revision=_revision(form.get("revision", "")),
                note=form.get("note", "")[:2_000],
            )
    except NotFound as missing:
        raise Http404 from missing
    except LettershopError as error:
        return draft_page(request, name, number, error)
    tell(request, _done(name, done), undo=_undo(name, before))
    return redirect(segment_address(name))


def withdraw_segment(request: HttpRequest, name: str) -> HttpResponse:
    """Take a segment out of force; its versions stay, and publishing one brings it back."""
    error: LettershopError | None = None
    with running().engine.read() as workspace:
        publisher = Publisher(workspace, principal(request))
        before = _in_force(publisher, name)
        if before is None:
            raise Http404
        if request.method == "POST":
            try:
                publisher.remove(name)
            except LettershopError as refused:
                error = refused
            else:
                undo = _undo(name, before)
                tell(request, _("“%(name)s” is out of force.") % {"name": name}, undo=undo)
                return redirect("/segments")
        size = _size(workspace, name)
    return _confirm(request, name, size, error)


def _confirm(
    request: HttpRequest, name: str, size: int, error: LettershopError | None
) -> HttpResponse:
    text = ngettext(
        "%(count)s member leaves it. Its pins are removed; its versions stay.",
        "%(count)s members leave it. Its pins are removed; its versions stay.",
        size,
    ) % {"count": written(size)}
    known: dict[str, object] = {
        "title": _("Take “%(name)s” out of force?") % {"name": name},
        "text": text,
        "address": f"{segment_address(name)}/withdraw",
        "fields": {},
        "action": _("Take it out of force"),
        "back": f"{segment_address(name)}/versions",
        "number": None,
        "error": error,
    }
    return render(request, "confirm.html", known, status=400 if error else 200)


def _in_force(publisher: Publisher, name: str) -> InForceAnswer | None:
    return next((one for one in publisher.in_force() if one.name == name), None)


def _size(workspace: Workspace, name: str) -> int:
    """Its members now; 0 where they cannot be counted any more."""
    known = around(workspace)
    own = known.now.definitions()[name]
    told = said(own.text, own.subject, known)
    try:
        found = counted(
            workspace, known, told, name=name, subject=own.subject, mode=own.mode, sample=0
        )
    except LettershopError:
        return 0
    return found.size


def _undo(name: str, before: InForceAnswer | None) -> Undo:
    """The former version again; a segment that was not there goes."""
    if before is None:
        return Undo(f"{segment_address(name)}/withdraw")
    note = _("taken back")
    address = draft_address(name, before.version)
    return Undo(f"{address}/publish", {"back": "1", "note": note})


def _done(name: str, done: Applied) -> str:
    change = next((one for one in done.plan.changes if one.name == name), None)
    version = done.versions.get(name)
    if change is None or version is None:
        return _("“%(name)s” is in force.") % {"name": name}
    return _(
        "“%(name)s” is in force as version %(version)s: %(entering)s enter, %(leaving)s leave."
    ) % {
        "name": name,
        "version": version,
        "entering": written(change.entering),
        "leaving": written(change.leaving),
    }


def _revision(text: str) -> int | None:
    plain = text.isascii() and text.isdecimal() and len(text) < 12
    return int(text) if plain else None
