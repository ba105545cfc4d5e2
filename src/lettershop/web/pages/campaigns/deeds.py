"""What people do with a campaign. What can be taken back is done at once and offers it; what cannot
asks first, and says how many people it is about."""

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.app.running import running
from lettershop.campaigns.states import Move, after
from lettershop.model.errors import LettershopError
from lettershop.web.pages.campaigns.asked import address, back, campaign, desk, said
from lettershop.web.pages.campaigns.drawing import whom_rows
from lettershop.web.pages.campaigns.one import shown, state
from lettershop.web.pages.telling import Undo, tell
from lettershop.web.pages.words import number

Deed = Callable[[], CampaignAnswer]


def campaign_check(request: HttpRequest, name: str) -> HttpResponse:
    def deed() -> CampaignAnswer:
        found = desk(request).ask_check(name)
        running().campaigns.check(name)
        return found

    return _done(request, name, deed)


def campaign_check_cancel(request: HttpRequest, name: str) -> HttpResponse:
    text = _("The check is cancelled; the campaign is as it was.")
    return _done(request, name, lambda: desk(request).cancel_check(name), text)


def campaign_accept(request: HttpRequest, name: str) -> HttpResponse:
    key, reason = said(request, "key"), said(request, "reason")
    text = _("Noted, with your reason.")
    return _done(request, name, lambda: desk(request).accept(name, key, reason), text)


def campaign_approve(request: HttpRequest, name: str) -> HttpResponse:
    """Asks first: how many people, which letter, when, and whether it can be taken back."""
    found = campaign(request, name)
    if request.method == "POST":
        text = _approved(found)
        return _done(request, name, lambda: desk(request).approve(name), text)
    try:
        after(found.state, "approve", found.stage)
    except LettershopError as error:
        return shown(request, found, error)
    freeze = found.freeze
    known = state(request, found) | {
        "definition": found.definition,
        "letters": freeze.letters if freeze else 0,
        "whom": whom_rows(freeze) if freeze else (),
        "accepted": found.preflight.accepted if found.preflight else {},
    }
    return render(request, "campaigns/approve.html", known)


def campaign_start(request: HttpRequest, name: str) -> HttpResponse:
    """An approved one now, instead of at its time."""
    found = campaign(request, name)
    if request.method == "POST":
        return _done(request, name, lambda: desk(request).start(name), _("It starts now."))
    people = found.freeze.letters if found.freeze else 0
    text = ngettext(
        "%(n)s person gets this letter now instead of at its time.",
        "%(n)s people get this letter now instead of at its time.",
        people,
    )
    return _asked(request, found, "start", text, people, _("Send it now"), "start")


def campaign_undo(request: HttpRequest, name: str) -> HttpResponse:
    reason, text = said(request, "reason"), _("Taken back: nothing has left, it is a draft again.")
    return _done(request, name, lambda: desk(request).undo(name, reason), text)


def campaign_go(request: HttpRequest, name: str) -> HttpResponse:
    """The canary looks well: the others, too."""
    found = campaign(request, name)
    if request.method == "POST":
        return _done(request, name, lambda: desk(request).go(name), _("The others go, too."))
    people = found.figures.waiting if found.figures else 0
    text = ngettext(
        "%(n)s more person gets the letter. It cannot be taken back.",
        "%(n)s more people get the letter. It cannot be taken back.",
        people,
    )
    return _asked(request, found, "go", text, people, _("Send to the others"))


def campaign_pause(request: HttpRequest, name: str) -> HttpResponse:
    reason, undo = said(request, "reason"), Undo(address(name, "resume"), says=_("Resume"))
    text = _("Paused: nothing more leaves.")
    return _done(request, name, lambda: desk(request).pause(name, reason), text, undo)


def campaign_resume(request: HttpRequest, name: str) -> HttpResponse:
    undo = Undo(address(name, "pause"), says=_("Pause"))
    return _done(request, name, lambda: desk(request).resume(name), _("It goes on."), undo)


def campaign_abort(request: HttpRequest, name: str) -> HttpResponse:
    """For good, so it asks first how many will not get it."""
    found = campaign(request, name)
    if request.method == "POST":
        reason, text = said(request, "reason"), _("Ended for good: what had not left never leaves.")
        return _done(request, name, lambda: desk(request).abort(name, reason), text)
    people = found.figures.open if found.figures else found.freeze.letters if found.freeze else 0
    text = ngettext(
        "%(n)s person will never get this letter. This cannot be undone.",
        "%(n)s people will never get this letter. This cannot be undone.",
        people,
    )
    return _asked(request, found, "abort", text, people, _("End it for good"), "abort")


def campaign_discard(request: HttpRequest, name: str) -> HttpResponse:
    """A draft that nobody wants; it can be restored."""
    campaign(request, name)
    undo = Undo(address(name, "restore"))
    text = _("“%(name)s” is thrown away.") % {"name": name}
    return _done(request, name, lambda: desk(request).discard(name), text, undo)


def campaign_restore(request: HttpRequest, name: str) -> HttpResponse:
    return _done(request, name, lambda: desk(request).restore(name), _("It is a draft again."))


def _done(
    request: HttpRequest, name: str, deed: Deed, text: str = "", undo: Undo | None = None
) -> HttpResponse:
    """And said so; or the page again with what is against it. Http404."""
    campaign(request, name)
    try:
        deed()
    except LettershopError as error:
        return shown(request, campaign(request, name), error)
    if text:
        tell(request, text, undo=undo)
    return back(name)


TITLES: Final[Mapping[str, Promise]] = {
    "start": gettext_lazy("Send “%(name)s” now?"),
    "go": gettext_lazy("Release the others of “%(name)s”?"),
    "abort": gettext_lazy("End “%(name)s” for good?"),
}


def _asked(
    request: HttpRequest,
    found: CampaignAnswer,
    what: str,
    text: str,
    people: int,
    action: str,
    move: Move | None = None,
) -> HttpResponse:
    """A page that asks; or the campaign's, where it is not to be done now."""
    try:
        if move is not None:
            after(found.state, move, found.stage)
    except LettershopError as error:
        return shown(request, found, error)
    known = {
        "title": TITLES[what] % {"name": found.title or found.name},
        "text": text % {"n": number(people)},
        "address": address(found.name, what),
        "fields": {},
        "number": None,
        "action": action,
        "back": address(found.name),
    }
    return render(request, "confirm.html", known)


def _approved(found: CampaignAnswer) -> str:
    minutes = found.definition.hold_minutes
    if minutes:
        return ngettext(
            "Approved. For %(n)s minute it can still be taken back once it has started.",
            "Approved. For %(n)s minutes it can still be taken back once it has started.",
            minutes,
        ) % {"n": number(minutes)}
    return _("Approved.")
