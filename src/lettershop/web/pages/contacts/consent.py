"""Consent and suppression said by hand: each written down with who said it, and undone where it
can be."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lettershop.app.compliance import Compliance
from lettershop.app.portrait import consents, deciding
from lettershop.app.running import running
from lettershop.compliance.consent import history
from lettershop.compliance.suppression import of_person
from lettershop.compliance.words import EVERYTHING
from lettershop.model.clock import to_ms
from lettershop.model.errors import InputError, LettershopError, NotFound, UsageError
from lettershop.web.pages.contacts.asked import contact_address, text
from lettershop.web.pages.contacts.contact import contact_shown
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import Undo, tell

LONG = 2_000


def give_consent(request: HttpRequest, contact: str) -> HttpResponse:
    said, purpose = _said(request), text(request.POST, "purpose")

    def act(desk: Compliance, address: str) -> None:
        deciding.give(
            desk,
            principal(request),
            address,
            purpose,
            method=said["method"],
            at=_moment(said["at"]),
            source=said["source"],
            evidence=said["evidence"],
        )
        undo = Undo(
            f"/contacts/withdraw/{quote(contact)}",
            {"address": address, "purpose": purpose, "evidence": _("undone on the page")},
        )
        tell(request, _("Consent for “%(purpose)s” is written down.") % said, undo=undo)

    return _acted(request, contact, act)


def withdraw_consent(request: HttpRequest, contact: str) -> HttpResponse:
    said = _said(request)

    def act(desk: Compliance, address: str) -> None:
        purpose = said["purpose"]
        before = [one for one in history(desk.book.hashed(address)) if one.purpose == purpose]
        deciding.withdraw(desk, principal(request), address, purpose, said["evidence"])
        undo = None
        if before and before[-1].state == "given":
            undo = Undo(
                f"/contacts/consent/{quote(contact)}",
                {
                    "address": address,
                    "purpose": purpose,
                    "method": before[-1].method,
                    "source": before[-1].source,
                    "evidence": _("undone on the page"),
                },
            )
        tell(request, _("Consent for “%(purpose)s” is withdrawn.") % said, undo=undo)

    return _acted(request, contact, act)


def stop_letters(request: HttpRequest, contact: str) -> HttpResponse:
    """No more letters. An objection is asked about first: only the person can end it."""
    said = _said(request)
    scope = said["scope"] or EVERYTHING
    if said["why"] == "objection" and said["confirmed"] != "1":
        return _confirm(request, contact, said)

    def act(desk: Compliance, address: str) -> None:
        number = deciding.stop(
            desk, principal(request), address, scope=scope, why=said["why"], note=said["note"]
        )
        undo = None
        if number is not None:
            fields = {"number": str(number), "note": _("undone on the page")}
            undo = Undo(f"/contacts/lift/{quote(contact)}", fields)
        elif said["why"] == "unsubscribe":
            fields = {"address": address, "scope": scope}
            undo = Undo(f"/contacts/again/{quote(contact)}", fields)
        tell(request, _("No more letters to %(address)s.") % {"address": address}, undo=undo)

    return _acted(request, contact, act)


def write_again(request: HttpRequest, contact: str) -> HttpResponse:
    """Undo of what was written down as their leaving."""
    said = _said(request)

    def act(desk: Compliance, address: str) -> None:
        deciding.again(desk, principal(request), address, said["scope"] or EVERYTHING)
        tell(request, _("As before: letters may go to %(address)s.") % {"address": address})

    return _acted(request, contact, act)


def lift_suppression(request: HttpRequest, contact: str) -> HttpResponse:
    said = _said(request)

    def act(desk: Compliance, address: str) -> None:
        number = int(said["number"]) if said["number"].isdecimal() else 0
        known = {one.id: one for one in of_person(desk.book.hashed(address).hash)}
        if number not in known:
            raise NotFound("suppression.unknown", f"there is no suppression {number} of theirs")
        force = text(request.POST, "force") == "1"
        deciding.lift(desk, principal(request), number, said["note"], force=force)
        one = known[number]
        undo = None
        if one.reason == "manual":
            fields = {"address": address, "scope": one.scope, "why": "manual", "note": one.note}
            undo = Undo(f"/contacts/stop/{quote(contact)}", fields)
        tell(request, _("The suppression is undone."), undo=undo)

    return _acted(request, contact, act)


def _acted(
    request: HttpRequest, contact: str, act: Callable[[Compliance, str], None]
) -> HttpResponse:
    """Do it for an address of this contact; 404 for nobody."""
    contact = contact.replace("\0", "")
    try:
        with running().engine.read() as shop:
            number = shop.subject_id("contact", contact)
            desk = consents.desk_of(shop, running().clock)
            addresses = consents.addresses_of(shop, number)
    except NotFound as missing:
        raise Http404 from missing
    except LettershopError as error:
        return contact_shown(request, contact, "consent", error=error, typed=request.POST)
    address = text(request.POST, "address") or next(iter(addresses), "")
    try:
        if address not in addresses:
            raise UsageError("contact.address", f"“{address}” is no address of this contact")
        act(desk, address)
    except LettershopError as error:
        return contact_shown(request, contact, "consent", error=error, typed=request.POST)
    return redirect(contact_address(contact, "consent"))


def _said(request: HttpRequest) -> dict[str, str]:
    names = ("purpose", "method", "at", "source", "scope", "why", "number", "confirmed")
    said = {name: text(request.POST, name) for name in names}
    return said | {name: text(request.POST, name, LONG) for name in ("evidence", "note", "address")}


def _moment(said: str) -> int | None:
    """Of a field for day and time, in the viewer's zone. InputError `time.unreadable`."""
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said)
        if found.tzinfo is None:
            found = found.replace(tzinfo=timezone.get_current_timezone())
        return to_ms(found)
    except (ValueError, OverflowError):
        message = f"“{said[:40]}” is no day and time"
        raise InputError("time.unreadable", message, where="at") from None


def _confirm(request: HttpRequest, contact: str, said: dict[str, str]) -> HttpResponse:
    fields = {name: said[name] for name in ("address", "scope", "why", "note")}
    known = {
        "title": _("An objection to all marketing?"),
        "text": _(
            "1 person: %(address)s. An objection wins over everything, and only their own "
            "confirmed opt-in ends it; this cannot be undone here."
        )
        % {"address": said["address"] or contact},
        "address": f"/contacts/stop/{quote(contact)}",
        "fields": fields | {"confirmed": "1"},
        "action": _("Write down the objection"),
        "back": contact_address(contact, "consent"),
    }
    return render(request, "confirm.html", known)
