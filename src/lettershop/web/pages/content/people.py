"""Whose letter is shown: found while somebody types, the one beside, anybody."""

import secrets
from typing import Final, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lettershop.app.people import find_contacts, neighbour
from lettershop.app.running import running
from lettershop.engines.duckdb.search import Way
from lettershop.web.pages.content.asked import address, asked_of

FOUND: Final = 8
WAYS: Final = ("next", "back", "any")


def letter_people(request: HttpRequest, name: str) -> HttpResponse:
    """Contacts that match what is typed: links to their letters, or (`as=options`) choices of a
    field."""
    asked = asked_of(request.GET)
    with running().engine.read() as workspace:
        rows = [row for row, _ in find_contacts(workspace, asked.who, limit=FOUND)]
    known = {"rows": rows if asked.who else [], "name": name, "asked": asked}
    kind = "options" if request.GET.get("as") == "options" else "people"
    return render(request, f"content/{kind}.html", known)


def letter_beside(request: HttpRequest, name: str, way: str) -> HttpResponse:
    """The same view of somebody else's letter."""
    if way not in WAYS:
        raise Http404
    asked = asked_of(request.GET)
    with running().engine.read() as workspace:
        who = neighbour(workspace, asked.who, cast(Way, way), secrets.randbelow(2**31))
    there = asked.but(who=who or asked.who, account="", language="", named="")
    return redirect(address("content", name, there))
