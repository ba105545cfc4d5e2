"""Contacts: found, looked at, written."""

from typing import Annotated

import msgspec
from django.http import HttpRequest
from ninja import Query, Router

from lettershop.app import people, timeline, upserts
from lettershop.app.items import ContactUpsert
from lettershop.app.people import Contact, ContactRow, Membership
from lettershop.app.running import running
from lettershop.app.timeline import AnyEntry
from lettershop.app.upserts import Upserted
from lettershop.web.api import asked
from lettershop.web.api.bodies import WAIT, read_items
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Int64, Limit, Page, cut, read_cursor

router = Router()


class ContactsPage(Page[ContactRow], frozen=True):
    """Contacts; next is the cursor of the following page, null on the last."""


class Memberships(msgspec.Struct, frozen=True):
    """All accounts of a contact, those it belongs to now first."""

    items: list[Membership]


@operation(router, "GET", "/contacts", answer=ContactsPage)
def list_contacts(
    request: HttpRequest,
    q: asked.Question = "",
    anonymous: Annotated[bool, Query(description="also people without id and address")] = False,
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Page[ContactRow]:
    """Find contacts by id, address, name or company.

    Every word of `q` must be found, in any case, anywhere in a value; whole values and beginnings
    come first. Without `q` all contacts, those known last first. Deleted ones are not listed.
    """
    after = read_cursor(request, cursor, tuple[Int64, Int64])
    with running().engine.read() as shop:
        found = people.find_contacts(shop, q, limit=limit + 1, after=after, anonymous=anonymous)
    return cut(request, found, limit)


@operation(router, "POST", "/contacts", answer=Upserted, body=ContactUpsert | list[ContactUpsert])
def upsert_contacts(request: HttpRequest) -> Upserted:
    """Write one contact, or a list of up to 1,000.

    Those who are there are changed, the others are new. Each is checked by itself: the answer lists
    what was refused; when that is all of it, the answer is the problem of the first.
    """
    items = read_items(request)
    with running().engine.write(wait=WAIT) as shop:
        return upserts.upsert_contacts(shop, items)


@operation(router, "GET", "/contacts/{path:who}/timeline", answer=asked.TimelinePage)
def contact_timeline(
    request: HttpRequest,
    who: asked.Who,
    kind: asked.Kinds = None,
    name: asked.Name = "",
    since: asked.Since = "",
    until: asked.Until = "",
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Page[AnyEntry]:
    """What happened to a contact, newest first.

    Its events, what was said of it, its memberships, and the records linked to it now.
    """
    want = asked.wanted(request, limit, cursor, kind=kind, name=name, since=since, until=until)
    with running().engine.read() as shop:
        return cut(request, timeline.happened(shop, "contact", who, want), limit)


@operation(router, "GET", "/contacts/{path:who}/accounts", answer=Memberships)
def contact_accounts(request: HttpRequest, who: asked.Who) -> Memberships:
    """The accounts of a contact, also those it left."""
    with running().engine.read() as shop:
        return Memberships(people.memberships(shop, who))


@operation(router, "GET", "/contacts/{path:who}", answer=Contact)
def get_contact(
    request: HttpRequest,
    who: asked.Who,
    segments: Annotated[bool, Query(description="also which contact segments hold it")] = False,
) -> Contact:
    """A contact with its identities, traits and accounts.

    With `segments` all contact segments are evaluated, which takes its time.
    """
    with running().engine.read() as shop:
        return people.contact(shop, who, segments=segments)
