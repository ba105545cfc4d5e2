"""Pins: somebody put into a segment, or kept out of it, by hand."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from lettershop.app.pinning import Pinboard
from lettershop.app.plans import PinAnswer
from lettershop.app.running import running
from lettershop.model.clock import parse_instant
from lettershop.model.errors import LettershopError, UsageError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.segments import asked
from lettershop.web.pages.segments.segment import above, segments_read, shown
from lettershop.web.pages.telling import Undo, tell

LONGEST = 2_000


def pins(request: HttpRequest, name: str) -> HttpResponse:
    """Those in force, those that have ended, and a form for another."""
    typed = {"who": asked.text(request.GET, "who", 500)}
    return _page(request, name, typed)


def _page(
    request: HttpRequest, name: str, typed: dict[str, str], error: LettershopError | None = None
) -> HttpResponse:
    with segments_read() as segments:
        known = above(segments, name, "pins")
        board = Pinboard(segments.workspace, principal(request))
        every = board.pins(name, ended=True) if segments.standing(name).in_force else []
        at = segments.at
    current = [one for one in every if _running(one, at)]
    known |= {
        "pins": current,
        "ended": [one for one in reversed(every) if one not in current],
        "typed": typed,
    }
    return shown(request, "pins", known, error)


def _running(one: PinAnswer, at: int) -> bool:
    ended = one.expires_at is not None and parse_instant(one.expires_at) <= at
    return one.removed_at is None and not ended


def pin_add(request: HttpRequest, name: str) -> HttpResponseBase:
    """`who` in or out, with a `reason`, for good or until the end of a day; or `until` an instant,
    when a pin that was removed comes back."""
    form = request.POST
    typed = {key: form.get(key, "")[:LONGEST] for key in ("who", "reason", "expires", "include")}
    include = typed["include"] != "no"
    try:
        until = form.get("until", "")
        ends = parse_instant(until) if until else asked.end_of_day(typed["expires"])
        who = asked.text(form, "who", 500)
        if not who:
            raise UsageError("pin.who", "a pin is about somebody", where="who")
        with running().engine.read() as workspace:
            board = Pinboard(workspace, principal(request))
            made = board.pin(name, who, typed["reason"], include=include, expires_at=ends)
    except LettershopError as error:
        return _page(request, name, typed, error)
    said = _("%(who)s is put in by hand.") if include else _("%(who)s is kept out by hand.")
    undo = Undo(f"/segments/{name}/pins/{made.id}/remove", {"quiet": "yes"})
    tell(request, said % {"who": made.who}, undo=undo)
    return redirect(f"/segments/{name}/pins")


def pin_remove(request: HttpRequest, name: str, number: int) -> HttpResponseBase:
    try:
        with running().engine.read() as workspace:
            gone = Pinboard(workspace, principal(request)).unpin(number)
    except LettershopError as error:
        return _page(request, name, {}, error)
    who = f"{gone.who}/{gone.account}" if gone.account else gone.who
    back = {"who": who, "reason": gone.reason, "include": "yes" if gone.include else "no"}
    if gone.expires_at:
        back["until"] = gone.expires_at
    undo = Undo(f"/segments/{name}/pins/add", back)
    tell(request, _("The pin of %(who)s is removed.") % {"who": gone.who}, undo=undo)
    return redirect(f"/segments/{name}/pins")
