"""`/u/TOKEN`: a POST unsubscribes at once (RFC 8058), a GET only shows the page with its button.

No cookie and no CSRF token: whoever has the address of this letter may do this and nothing else,
and a site elsewhere cannot know it.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from lettershop.delivery.said import EmailEvent
from lettershop.delivery.tracking.hits import AGENT
from lettershop.delivery.tracking.parties import Addressee, Scope
from lettershop.web.public.parties import Public, public
from lettershop.web.public.shown import (
    Done,
    guessing,
    language_of,
    left_page,
    lost,
    topics_page,
    wait,
)

ONE_CLICK: Final = "List-Unsubscribe"
_SCOPES: Final[dict[str, Scope]] = {"stream": "stream", "all": "all"}


@csrf_exempt
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """A POST that says nothing of what it wants means what the address is for."""
    parties = public()
    who = _who(parties, token)
    if who is None:
        return guessing(request) or lost(request)
    if request.method != "POST":
        return left_page(request, token, who)
    seconds = parties.changes.count(str(who.row))
    if ONE_CLICK in request.POST:  # never asked to wait: mailbox providers send it for people
        _leave(request, parties, who, "stream", "one-click")
        return HttpResponse("unsubscribed\n", content_type="text/plain; charset=utf-8")
    if seconds:
        return wait(request, seconds)
    scope = _SCOPES.get(request.POST.get("scope", ""), "stream")
    done: Done
    if request.POST.get("act") == "undo":
        parties.wishes.undo(who, scope)
        parties.tell(_event(request, parties, who, "Resubscribed", scope))
        done = "undone"
    else:
        _leave(request, parties, who, scope, "link")
        done = "left_all" if scope == "all" else "left"
    return left_page(request, token, who, done)


@csrf_exempt
def topics(request: HttpRequest, token: str) -> HttpResponse:
    parties = public()
    who = _who(parties, token)
    if who is None:
        return guessing(request) or lost(request)
    language = language_of(request, who)
    before = None
    if request.method == "POST":
        if seconds := parties.changes.count(str(who.row)):
            return wait(request, seconds)
        ticked = set(request.POST.getlist("topic"))
        known = parties.wishes.topics(who, language)
        before = [one.name for one in known if one.wanted]
        parties.wishes.choose(who, {one.name: one.name in ticked for one in known})
    return topics_page(request, token, who, parties.wishes.topics(who, language), before)


def _who(parties: Public, token: str) -> Addressee | None:
    signed = parties.tokens.read("leave", token)
    return None if signed is None else parties.addressee(signed.row)


def _leave(
    request: HttpRequest, parties: Public, who: Addressee, scope: Scope, source: str
) -> None:
    proof = {
        "row": str(who.row),
        "ip": request.META.get("REMOTE_ADDR") or "",
        "user_agent": request.headers.get("User-Agent", "")[:AGENT],
    }
    if parties.wishes.leave(who, scope, source, proof):
        parties.tell(_event(request, parties, who, "Unsubscribed", scope, source))


def _event(
    request: HttpRequest,
    parties: Public,
    who: Addressee,
    name: str,
    scope: Scope,
    source: str = "link",
) -> EmailEvent:
    at = parties.clock.now()
    return EmailEvent(
        name=name,
        contact=who.contact,
        account=who.account,
        at=at,
        message_id=f"{name.lower()}-{who.row}-{scope}-{at}",
        properties={
            "send": who.key,
            "campaign": who.name,
            "message": who.row,
            "stream": who.stream,
            "email": who.address,
            "scope": scope,
            "source": source,
            "grade": "human",
        },
    )
