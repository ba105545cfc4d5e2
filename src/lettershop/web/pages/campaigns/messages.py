"""Messages that programs asked for one by one: receipts, new passwords."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.messaging.answers import MessageAnswer, messages_to, newest_messages
from lettershop.model.clock import parse_instant
from lettershop.web.pages.campaigns import said

MOST: Final = 50
LONGEST: Final = 320


def campaign_messages(request: HttpRequest) -> HttpResponse:
    """The newest; with `to`, all to that address, of campaigns too."""
    to = request.GET.get("to", "").replace("\0", "").strip()[:LONGEST]
    found = messages_to(to, MOST) if to else newest_messages(MOST)
    known = {"rows": [_row(one) for one in found], "to": to}
    return render(request, "campaigns/messages.html", known)


def _row(one: MessageAnswer) -> dict[str, object]:
    return {
        "one": one,
        "says": said.OUTCOMES[one.state],
        "why": said.reason(one.reason) if one.reason else one.text,
        "at": parse_instant(one.settled_at or one.planned_at),
    }
