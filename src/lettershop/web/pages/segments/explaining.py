"""Why somebody is in a segment or not."""

from typing import Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.people import find_accounts, find_contacts, memberships
from lettershop.app.segment_pages.standing import Segments
from lettershop.language.tree import Subject
from lettershop.model.errors import LettershopError
from lettershop.planning.explain import Explanation, Line
from lettershop.web.pages.segments import asked
from lettershop.web.pages.segments.segment import above, segments_read, shown

FOUND: Final = 8
DEEPEST: Final = 6
"""Levels that are indented further than the one before."""


class Match(msgspec.Struct, frozen=True):
    """Somebody who fits what was typed; `who` names them for explanations and pins."""

    who: str
    says: str
    more: str


class Condition(msgspec.Struct, frozen=True):
    """A line of an explanation, `level` 0 to DEEPEST."""

    line: Line
    level: int


def explain(request: HttpRequest, name: str) -> HttpResponse:
    """The explanation of `who`; or of what was typed, if only one fits."""
    who, typed = asked.text(request.GET, "who", 500), asked.text(request.GET, "q")
    told: Explanation | None = None
    error: LettershopError | None = None
    with segments_read() as segments:
        known = above(segments, name, "explain")
        matches = found_people(segments, segments.standing(name).subject, typed) if typed else []
        if typed and not who and len(matches) == 1:
            who = matches[0].who
        if who:
            try:
                told = segments.explain(name, who)
            except LettershopError as wrong:
                error = wrong
    known |= {
        "q": typed or who,
        "who": who,
        "matches": [] if told else matches,
        "searched": bool(typed),
        "answer": told,
        "lines": [Condition(line, min(line.depth, DEEPEST)) for line in told.lines] if told else (),
    }
    return shown(request, "explain", known, error)


def explain_found(request: HttpRequest, name: str) -> HttpResponse:
    """Who fits what is being typed: a part of the page."""
    typed = asked.text(request.GET, "q")
    with segments_read() as segments:
        subject = segments.standing(name).subject
        matches = found_people(segments, subject, typed) if typed else []
    known = {"matches": matches, "searched": bool(typed), "base": f"segments/{name}"}
    return render(request, "segments/explain_found.html", known)


def found_people(segments: Segments, subject: Subject, typed: str) -> list[Match]:
    """Contacts or accounts, the best matches first; people with each of their accounts."""
    workspace = segments.workspace
    if subject == "account":
        accounts = find_accounts(workspace, typed, limit=FOUND)
        return [Match(one.account, one.name or one.account, one.account) for one, _ in accounts]
    contacts = find_contacts(workspace, typed, limit=FOUND)
    found = []
    for one, _ in contacts:
        says = one.name or one.email or one.contact
        if subject == "contact":
            found.append(Match(one.contact, says, one.email or one.contact))
            continue
        for place in memberships(workspace, one.contact):
            found.append(Match(f"{one.contact}/{place.account}", says, place.name or place.account))
    return found[:FOUND]
