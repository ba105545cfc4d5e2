"""The list of what has arrived, one letter, and the letter's HTML for a frame it cannot leave."""

from email.utils import parseaddr
from typing import Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from lettershop.access.audit import audit
from lettershop.delivery.mailbox import views as mails
from lettershop.delivery.mailbox.reading import read
from lettershop.delivery.mailbox.store import Mail, Store
from lettershop.web.pages.mailbox.there import mailbox
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell
from lettershop.web.pages.words import number as in_words

PAGE: Final = 50
LONGEST: Final = 200
LARGEST: Final = 2**62
"""Numbers beyond this are no letter's."""


class Line(msgspec.Struct, frozen=True):
    """`author`: what people call it, not the address."""

    mail: Mail
    author: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """`total`: of all; `older`: the number to go on from; `live`: it is looked at again by itself,
    which only the newest are."""

    lines: list[Line]
    total: int
    q: str
    older: int | None
    live: bool


def received(request: HttpRequest) -> HttpResponse:
    with mailbox() as store:
        listed = _listed(request, store)
    return render(request, "mailbox/received.html", {"listed": listed})


def received_part(request: HttpRequest) -> HttpResponse:
    with mailbox() as store:
        listed = _listed(request, store)
    return render(request, "mailbox/received_part.html", {"listed": listed})


def received_mail(request: HttpRequest, number: int) -> HttpResponse:
    with mailbox() as store:
        mail = _mail(store, number)
        known = read(store.content(number))
    said = {"mail": mail, "read": known, "pictures": "pictures" in request.GET}
    return render(request, "mailbox/mail.html", said)


def received_frame(request: HttpRequest, number: int) -> HttpResponse:
    """The letter's HTML and nothing else. Its links are real: they open elsewhere and count."""
    with mailbox() as store:
        _mail(store, number)
        asked = mails.Asked(pictures="pictures" in request.GET)
        response = _answer(mails.frame(store, number, asked))
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def received_source(request: HttpRequest, number: int) -> HttpResponse:
    with mailbox() as store:
        _mail(store, number)
        return _answer(mails.source(store, number))


def received_enclosure(request: HttpRequest, number: int, place: int) -> HttpResponse:
    with mailbox() as store:
        _mail(store, number)
        answered = mails.part(store, number, place)
    if answered.status != 200:
        raise Http404
    return _answer(answered)


def received_empty(request: HttpRequest) -> HttpResponse:
    """Everything is deleted: what was sent stays sent in the ledger."""
    with mailbox() as store:
        if request.method == "POST":
            deleted = store.clear()
            audit(principal(request), "mailbox.empty", "mailbox", letters=deleted)
            said = ngettext("%(n)s letter deleted.", "%(n)s letters deleted.", deleted)
            tell(request, said % {"n": in_words(deleted)})
            return redirect("/mailbox")
        total = store.count()
    text = ngettext(
        "%(n)s letter is deleted from the mailbox, and cannot be brought back. Campaigns and their "
        "results stay as they are.",
        "%(n)s letters are deleted from the mailbox, and cannot be brought back. Campaigns and "
        "their results stay as they are.",
        total,
    )
    known = {
        "title": _("Empty the mailbox"),
        "text": text % {"n": in_words(total)},
        "address": "/mailbox/empty",
        "fields": {},
        "action": _("Delete all letters"),
        "back": "/mailbox",
    }
    return render(request, "confirm.html", known)


def _listed(request: HttpRequest, store: Store) -> Listed:
    """What cannot be understood counts as not said."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    said = request.GET.get("before", "")
    before = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None
    found = store.newest(q, before, PAGE)
    older = found[-1].id if len(found) == PAGE else None
    live = not q and before is None
    lines = [Line(one, parseaddr(one.author)[0] or one.author) for one in found]
    return Listed(lines=lines, total=store.count(), q=q, older=older, live=live)


def _mail(store: Store, number: int) -> Mail:
    mail = store.get(number) if number < LARGEST else None
    if mail is None:
        raise Http404
    return mail


def _answer(answered: mails.Answered) -> HttpResponse:
    response = HttpResponse(answered.body, content_type=answered.type, headers=answered.headers)
    response["Content-Security-Policy"] = answered.policy
    response["Referrer-Policy"] = "no-referrer"
    return response
