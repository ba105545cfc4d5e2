"""A person asks: what is held about them, to take along or to be forgotten (GDPR 15, 17, 20)."""

import re
from typing import Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lettershop.app.persons import Held, compliance_of, held_about
from lettershop.app.running import running
from lettershop.compliance.person import Erasure
from lettershop.model.errors import LettershopError, UsageError
from lettershop.web.pages.roles import principal

WAIT: Final = 20.0
"""Seconds to wait for a long import before erasing is given up."""
LONGEST: Final = 500


def persons(request: HttpRequest) -> HttpResponse:
    who = _who(request.GET.get("who", ""))
    if not who:
        return _page(request)
    try:
        return _page(request, who, held=_held(who))
    except LettershopError as error:
        return _page(request, who, error=error)


def export_of_person(request: HttpRequest) -> HttpResponse:
    """Everything, as one JSON document; the trail notes that somebody took it."""
    who, server = _who(request.POST.get("who", "")), running()
    try:
        with server.engine.read() as workspace:
            found = compliance_of(server).export(workspace, who, principal(request))
    except LettershopError as error:
        return _page(request, who, error=error)
    body = msgspec.json.format(msgspec.json.encode(found), indent=2)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    name = re.sub(r"[^A-Za-z0-9]+", "-", who).strip("-")[:60] or "person"
    response["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


def erase_of_person(request: HttpRequest) -> HttpResponse:
    """GET says what goes; POST with the name typed once more does it, and says what remains."""
    said = request.POST if request.method == "POST" else request.GET
    who = _who(said.get("who", ""))
    try:
        held = _held(who)
        if request.method != "POST":
            return _sure(request, held)
        if not _is_meant(held, said.get("again", "")):
            error = UsageError("person.again", _("This is not the same address or id."))
            return _sure(request, held, error)
        return _receipt(request, held, _erase(request, who))
    except LettershopError as error:
        return _page(request, who, error=error)


def _held(who: str) -> Held:
    server = running()
    with server.engine.read() as workspace:
        return held_about(compliance_of(server), workspace, who)


def _erase(request: HttpRequest, who: str) -> Erasure:
    server = running()
    with server.engine.write(wait=WAIT) as workspace:
        return compliance_of(server).erase(workspace, who, principal(request))


def _is_meant(held: Held, again: str) -> bool:
    names = {held.who, held.contact, *held.addresses}
    plain = {name.removeprefix("email:").removeprefix("user:") for name in names if name}
    return again.strip().casefold() in {name.casefold() for name in names | plain if name}


def _sure(request: HttpRequest, held: Held, error: LettershopError | None = None) -> HttpResponse:
    known = {"held": held, "error": error}
    return render(request, "settings/erase.html", known, status=400 if error else 200)


def _receipt(request: HttpRequest, held: Held, done: Erasure) -> HttpResponse:
    return render(request, "settings/erased.html", {"held": held, "done": done})


def _page(
    request: HttpRequest,
    who: str = "",
    *,
    held: Held | None = None,
    error: LettershopError | None = None,
) -> HttpResponse:
    known = {"who": who, "held": held, "error": error}
    return render(request, "settings/persons.html", known, status=400 if error else 200)


def _who(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]
