"""A letter as it was received: its page, and the frame that shows it without any script."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app import people
from lettershop.app.portrait.letters import Letter, letter, returns_of
from lettershop.app.portrait.received import received
from lettershop.app.running import running
from lettershop.content.letter import Rendered
from lettershop.content.preview.inert import POLICY, inert
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.pages.contacts import words
from lettershop.web.pages.contacts.asked import text
from lettershop.web.pages.contacts.drawn import drawn
from lettershop.web.pages.contacts.story import ICONS

LARGEST: Final = 2**63 - 1
VIEWS: Final = ("html", "text")


def received_letter(request: HttpRequest, row: int) -> HttpResponse:
    found = _letter(row)
    made: Rendered | None = None
    problem: LettershopError | None = None
    with running().engine.read() as shop:
        try:
            made = received(shop, row, running().clock)
        except LettershopError as error:
            problem = error
        came = returns_of(shop, found)
        try:
            name = people.contact(shop, found.contact).name if found.contact else None
        except NotFound:
            name = None
    view = text(request.GET, "view")
    known = {
        "letter": found,
        "made": made,
        "problem": problem,
        "name": name,
        "view": view if view in VIEWS else "html",
        "state": words.word(words.STATE, found.state),
        "colour": words.STATE_COLOUR.get(found.state, "blue"),
        "came": [
            {
                "icon": ICONS.get(one.name, "activity"),
                "one": one,
                "grade": words.word(words.GRADE, one.grade),
                "colour": words.GRADE_COLOUR.get(one.grade, "secondary"),
                "url": drawn(one.url),
            }
            for one in came
        ],
    }
    return render(request, "contacts/letter.html", known)


def received_frame(request: HttpRequest, row: int) -> HttpResponse:
    """The letter's HTML and nothing else, for the sandboxed frame of the page."""
    _letter(row)
    try:
        with running().engine.read() as shop:
            made = received(shop, row, running().clock)
    except LettershopError as error:
        raise Http404 from error
    response = HttpResponse(inert(made.html))
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _letter(row: int) -> Letter:
    if row > LARGEST:
        raise Http404
    try:
        return letter(row)
    except NotFound as missing:
        raise Http404 from missing
