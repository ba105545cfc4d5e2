"""The page of a contact: who they are, may we write, and one tab of everything known."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy as _

from lettershop.app import people
from lettershop.app.people import Contact
from lettershop.app.portrait import consents
from lettershop.app.portrait.consents import Light, PurposeStanding
from lettershop.app.portrait.letters import identities_of
from lettershop.app.running import running
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.activity import last_active
from lettershop.model.errors import DefinitionError, LettershopError, NotFound
from lettershop.web.pages.contacts import tabs
from lettershop.web.pages.contacts.asked import text
from lettershop.web.pages.contacts.drawn import Pair, drawn
from lettershop.web.pages.contacts.words import LIGHT, word

Gather = Callable[[tabs.Asked], dict[str, Any]]

TABS: Final[Mapping[str, tuple[Promise, Gather]]] = {
    "story": (_("Timeline"), tabs.story),
    "traits": (_("Traits"), tabs.traits),
    "segments": (_("Segments"), tabs.segments),
    "scores": (_("Scores and interests"), tabs.scores),
    "consent": (_("Consent"), tabs.consent),
    "letters": (_("Letters"), tabs.letters),
    "records": (_("Records"), tabs.records),
    "identity": (_("Identities"), tabs.identity),
}
FACTS: Final = ("title", "phone", "city", "country", "language", "timezone", "lifecycle_stage")
"""Traits that the head shows, where they are known."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What every tab shows of a contact. `light` None: consent.toml cannot be read (`problem`)."""

    found: Contact
    called: str
    address: str | None
    last_seen: int | None
    facts: tuple[Pair, ...]
    purposes: tuple[PurposeStanding, ...] = ()
    light: Light | None = None
    problem: str = ""


def contact_page(request: HttpRequest, contact: str) -> HttpResponse:
    return contact_shown(request, contact, text(request.GET, "tab"))


def contact_shown(
    request: HttpRequest,
    who: str,
    tab: str,
    *,
    error: LettershopError | None = None,
    typed: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """`typed`: what a form said that was refused. 404 for nobody."""
    tab = tab if tab in TABS else "story"
    try:
        with running().engine.read() as shop:
            number = shop.subject_id("contact", who.replace("\0", ""))
            head = _head(shop, number)
            asked = tabs.Asked(request, shop, "contact", number, head.found.contact)
            known = TABS[tab][1](asked)
    except NotFound as missing:
        raise Http404 from missing
    known |= {
        "head": head,
        "light": word(LIGHT, head.light),
        "contact": head.found.contact,
        "side": "contact",
        "tab": tab,
        "tabs": [(name, says) for name, (says, _) in TABS.items()],
        "error": error or known.get("error"),
        "typed": typed or {},
    }
    return render(request, "contacts/contact.html", known, status=400 if error else 200)


def _head(shop: Workspace, number: int) -> Head:
    identity = identities_of(shop, number)[0]
    found = people.contact(shop, identity)
    address = consents.main_address(shop, number)
    head = Head(
        found=found,
        called=found.name or address or found.contact.partition(":")[2],
        address=address,
        last_seen=last_active(shop.store, "contact", [number]).get(number),
        facts=tuple(
            Pair(name, drawn(found.traits[name].value, found.traits[name].type))
            for name in FACTS
            if name in found.traits
        ),
    )
    if address is None:
        return head
    try:
        desk = consents.desk_of(shop, running().clock)
    except DefinitionError as broken:
        return msgspec.structs.replace(head, problem=str(broken))
    purposes = consents.purposes_of(shop, desk, number, address, get_language() or "en")
    return msgspec.structs.replace(
        head, purposes=tuple(purposes), light=consents.light_of(purposes)
    )
