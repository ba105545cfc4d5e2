"""The lists of contacts and accounts, and what the finder of the frame shows."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.portrait import lists
from lettershop.app.portrait.held import Kept
from lettershop.app.running import running
from lettershop.engines.duckdb.entries import Side
from lettershop.web.pages.contacts.asked import cursor_after, list_place, text
from lettershop.web.pages.contacts.drawn import drawn

PAGE: Final = 50
FOUND: Final = 8
ASKED: Final = 200


def contact_list(request: HttpRequest) -> HttpResponse:
    """Search as you type: the script takes the rows out of this page."""
    question, segment = text(request.GET, "q", ASKED), text(request.GET, "segment")
    anonymous, place = text(request.GET, "anonymous") == "1", list_place(request)
    with running().engine.read() as shop:
        names, segment = _segment(Kept(shop.store), "contact", segment)
        found = lists.contacts(
            shop,
            question,
            limit=PAGE,
            after=place,
            segment=segment,
            anonymous=anonymous,
        )
    rows = _rows(found)
    known = _known(request, question, segment, names, found.next) | {
        "columns": found.columns,
        "rows": rows,
        "anonymous": anonymous,
    }
    return render(request, "contacts/contacts.html", known)


def account_list(request: HttpRequest) -> HttpResponse:
    question, segment = text(request.GET, "q", ASKED), text(request.GET, "segment")
    with running().engine.read() as shop:
        names, segment = _segment(Kept(shop.store), "account", segment)
        found = lists.accounts(
            shop, question, limit=PAGE, after=list_place(request), segment=segment
        )
    rows = _rows(found)
    known = _known(request, question, segment, names, found.next)
    return render(
        request, "contacts/accounts.html", known | {"columns": found.columns, "rows": rows}
    )


def contacts_found(request: HttpRequest) -> HttpResponse:
    """A part of every page: the best few of contacts and accounts."""
    question = text(request.GET, "q", ASKED)
    hits: list[lists.Hit] = []
    if question:
        with running().engine.read() as shop:
            hits = lists.finder(shop, question, FOUND)
    return render(request, "contacts/found.html", {"question": question, "hits": hits})


def _rows(found: lists.Contacts | lists.Accounts) -> list[Any]:
    """(line, its values with their columns)."""
    return [
        (line, [*zip(map(drawn, line.values), found.columns, strict=True)]) for line in found.lines
    ]


def _segment(kept: Kept, side: Side, asked: str) -> tuple[list[str], str]:
    """All that can be chosen, and the chosen one if there is such a segment."""
    names = sorted(kept.names(side))
    return names, asked if asked in names else ""


def _known(
    request: HttpRequest, question: str, segment: str, names: list[str], place: object
) -> dict[str, Any]:
    return {
        "question": question,
        "segment": segment,
        "segments": names,
        "cursor": cursor_after(request, place),
        "paged": "cursor" in request.GET,
    }
