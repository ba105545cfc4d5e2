"""Traits changed by hand, with undo; merges taken back, which cannot be undone."""

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.access.audit import audit
from lettershop.app.portrait.writing import LONGEST, Written, write
from lettershop.app.running import running
from lettershop.app.shop import LocalShop
from lettershop.engines.duckdb.entries import Side
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.api.bodies import WAIT
from lettershop.web.pages.contacts.account import account_shown
from lettershop.web.pages.contacts.asked import address_of, contact_address, text
from lettershop.web.pages.contacts.contact import contact_shown
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import Undo, tell

LARGEST = 2**63 - 1


def write_contact_trait(request: HttpRequest, who: str) -> HttpResponse:
    return _write(request, "contact", who)


def write_account_trait(request: HttpRequest, who: str) -> HttpResponse:
    return _write(request, "account", who)


def undo_merge(request: HttpRequest, merge: int) -> HttpResponse:
    """Asked first: the two are kept apart from then on."""
    if merge > LARGEST:
        raise Http404
    by = principal(request)
    if request.method == "POST":
        try:
            with running().engine.write(wait=WAIT) as shop:
                done = LocalShop(shop).undo_merge(merge)
        except LettershopError as error:
            return _confirm(request, merge, error)
        audit(by, "contact.unmerge", f"merge:{merge}")
        tell(request, _("These are two contacts again, and are kept apart from now on."))
        return redirect(contact_address(done.contact))
    return _confirm(request, merge, None)


def _write(request: HttpRequest, side: Side, who: str) -> HttpResponse:
    field, value = text(request.POST, "field"), text(request.POST, "value", LONGEST + 1)
    try:
        done = _written(request, side, who.replace("\0", ""), field, value)
    except NotFound as missing:
        raise Http404 from missing
    except LettershopError as error:
        shown = contact_shown if side == "contact" else account_shown
        return shown(request, who, "traits", error=error, typed=request.POST)
    said = _("“%(field)s” is changed.") if value else _("“%(field)s” is taken away.")
    undo = Undo(f"/traits/{side}/{quote(who)}", {"field": done.field, "value": done.before})
    tell(request, said % {"field": done.field}, undo=undo)
    return redirect(address_of(side, who, "traits"))


def _written(request: HttpRequest, side: Side, who: str, field: str, value: str) -> Written:
    with running().engine.write(wait=WAIT) as shop:
        return write(shop, side, who, field, value, principal(request))


def _confirm(request: HttpRequest, merge: int, error: LettershopError | None) -> HttpResponse:
    with running().engine.read() as shop:
        found = [one for one in shop.merges(1, merge + 1) if one.id == merge]
    if not found:
        raise Http404
    one = found[0]
    known = {
        "title": _("Make two contacts of one again?"),
        "text": _(
            "2 people: %(first)s and %(second)s. Each gets back what was said of it. They are "
            "kept apart from then on; this cannot be undone."
        )
        % {"first": one.identity, "second": one.absorbed_identity},
        "address": f"/contacts/unmerge/{merge}",
        "action": _("Make them two"),
        "back": contact_address(one.identity, "identity"),
        "error": error,
    }
    return render(request, "confirm.html", known, status=400 if error else 200)
