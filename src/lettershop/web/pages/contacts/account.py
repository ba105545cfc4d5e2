"""The page of an account: facts, its people, and one tab of everything known."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lettershop.app import people
from lettershop.app.people import Account
from lettershop.app.running import running
from lettershop.engines.duckdb.activity import last_active
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.pages.contacts import tabs
from lettershop.web.pages.contacts.asked import text
from lettershop.web.pages.contacts.drawn import Pair, drawn

Gather = Callable[[tabs.Asked], dict[str, Any]]

TABS: Final[Mapping[str, tuple[Promise, Gather]]] = {
    "people": (_("People"), tabs.people_of),
    "story": (_("Timeline"), tabs.story),
    "traits": (_("Traits"), tabs.traits),
    "scores": (_("Health and scores"), tabs.scores),
    "segments": (_("Segments"), tabs.segments),
    "records": (_("Records"), tabs.records),
}


FACTS: Final = 10


class Head(msgspec.Struct, frozen=True, kw_only=True):
    found: Account
    called: str
    last_seen: int | None


def account_page(request: HttpRequest, account: str) -> HttpResponse:
    return account_shown(request, account, text(request.GET, "tab"))


def account_shown(
    request: HttpRequest,
    who: str,
    tab: str,
    *,
    error: LettershopError | None = None,
    typed: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """404 for nobody."""
    tab = tab if tab in TABS else "people"
    try:
        with running().engine.read() as shop:
            number = shop.subject_id("account", who.replace("\0", ""))
            found = people.account(shop, who.replace("\0", ""))
            seen = last_active(shop.store, "account", [number]).get(number)
            head = Head(found=found, called=found.name or found.account, last_seen=seen)
            asked = tabs.Asked(request, shop, "account", number, found.account)
            health = tabs.main_scores(asked)
            known = TABS[tab][1](asked) | {"health": health}
            known["facts"] = _facts(found, {one["one"].name for one in health})
    except NotFound as missing:
        raise Http404 from missing
    known |= {
        "head": head,
        "account": head.found.account,
        "side": "account",
        "tab": tab,
        "tabs": [(name, says) for name, (says, _) in TABS.items()],
        "error": error or known.get("error"),
        "typed": typed or {},
    }
    return render(request, "contacts/account.html", known, status=400 if error else 200)


def _facts(found: Account, scores: set[str]) -> list[Pair]:
    """The first few traits, without what the page says already."""
    said = scores | {"id", "name"}
    shown = [(name, one) for name, one in found.traits.items() if name not in said]
    return [Pair(name, drawn(one.value, one.type)) for name, one in shown[:FACTS]]
