"""Notices: who answered, complained, or cannot be reached; open until somebody dealt with it."""

from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.running import running
from lettershop.delivery.returns.noticeboard import posted, put_back, take_down
from lettershop.model.errors import NotFound
from lettershop.web.pages.deliverability import asked
from lettershop.web.pages.deliverability.said import KINDS, word
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import Undo, tell

SHOWN: Final = 50
PLACE: Final = "/deliverability/notices"


def notices(request: HttpRequest) -> HttpResponse:
    query = request.GET
    done, owner, before = (
        asked.flag(query, "done"),
        asked.text(query, "owner"),
        asked.number(query, "before"),
    )
    rows = posted(done=done, owner=owner, limit=SHOWN + 1, before=before)
    kept = {
        name: value for name, value in (("done", "1" if done else ""), ("owner", owner)) if value
    }
    later = f"?{urlencode(kept | {'before': rows[SHOWN - 1].id})}" if len(rows) > SHOWN else ""
    known = {
        "tab": "notices",
        "rows": [(one, word(KINDS, one.kind)) for one in rows[:SHOWN]],
        "done": done,
        "owner": owner,
        "later": later,
        "earlier": f"?{urlencode(kept)}" if before else "",
    }
    return render(request, "deliverability/notices.html", known)


def notice_done(request: HttpRequest, number: int) -> HttpResponse:
    try:
        new = take_down(number, by=principal(request).name, at=running().clock.now())
    except NotFound:
        raise Http404 from None
    if new:
        tell(request, _("Dealt with."), undo=Undo(f"{PLACE}/{number}/open", {}))
    return redirect(PLACE)


def notice_open(request: HttpRequest, number: int) -> HttpResponse:
    try:
        put_back(number)
    except NotFound:
        raise Http404 from None
    tell(request, _("It waits again to be dealt with."), mood="note")
    return redirect(PLACE)
