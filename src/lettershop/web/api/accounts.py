"""Accounts: found, looked at, written."""

from django.http import HttpRequest
from ninja import Router

from lettershop.app import people, timeline, upserts
from lettershop.app.items import AccountUpsert
from lettershop.app.people import Account, AccountRow, Person
from lettershop.app.running import running
from lettershop.app.timeline import AnyEntry
from lettershop.app.upserts import Upserted
from lettershop.web.api import asked
from lettershop.web.api.bodies import WAIT, read_items
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Int64, Limit, Page, cut, read_cursor

router = Router()


class AccountsPage(Page[AccountRow], frozen=True):
    """Accounts; next is the cursor of the following page, null on the last."""


class PeoplePage(Page[Person], frozen=True):
    """People; next is the cursor of the following page, null on the last."""


@operation(router, "GET", "/accounts", answer=AccountsPage)
def list_accounts(
    request: HttpRequest, q: asked.Question = "", limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[AccountRow]:
    """Find accounts by group id, name or domain; without `q` all, those known last first."""
    after = read_cursor(request, cursor, tuple[Int64, Int64])
    with running().engine.read() as shop:
        return cut(request, people.find_accounts(shop, q, limit=limit + 1, after=after), limit)


@operation(router, "POST", "/accounts", answer=Upserted, body=AccountUpsert | list[AccountUpsert])
def upsert_accounts(request: HttpRequest) -> Upserted:
    """Write one account, or a list of up to 1,000: as contacts are written."""
    items = read_items(request)
    with running().engine.write(wait=WAIT) as shop:
        return upserts.upsert_accounts(shop, items)


@operation(router, "GET", "/accounts/{path:account}/people", answer=PeoplePage)
def account_people(
    request: HttpRequest, account: asked.GroupId, limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[Person]:
    """The active members of an account, in the order in which they joined."""
    after = read_cursor(request, cursor, tuple[Int64, Int64])
    with running().engine.read() as shop:
        return cut(request, people.people(shop, account, limit=limit + 1, after=after), limit)


@operation(router, "GET", "/accounts/{path:account}/timeline", answer=asked.TimelinePage)
def account_timeline(
    request: HttpRequest,
    account: asked.GroupId,
    kind: asked.Kinds = None,
    name: asked.Name = "",
    since: asked.Since = "",
    until: asked.Until = "",
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Page[AnyEntry]:
    """What happened to an account, newest first: as of a contact."""
    want = asked.wanted(request, limit, cursor, kind=kind, name=name, since=since, until=until)
    with running().engine.read() as shop:
        return cut(request, timeline.happened(shop, "account", account, want), limit)


@operation(router, "GET", "/accounts/{path:account}", answer=Account)
def get_account(request: HttpRequest, account: asked.GroupId) -> Account:
    """An account with its traits."""
    with running().engine.read() as shop:
        return people.account(shop, account)
