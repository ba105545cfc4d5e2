"""Rows of the lists: contacts and accounts found by words, or those active last."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from pyroaring import BitMap

from lettershop.app.portrait.held import Kept
from lettershop.app.shown import shown
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb import search
from lettershop.engines.duckdb.activity import last_active, lately_active, only_among
from lettershop.engines.duckdb.cards import (
    AccountCard,
    ContactCard,
    account_cards,
    contact_cards,
    first_accounts,
    values_of,
)
from lettershop.engines.duckdb.entries import Side
from lettershop.engines.duckdb.search import Found, Place
from lettershop.model.catalog import FieldInfo
from lettershop.model.facts import Traits

MOST_COLUMNS: Final = 3
"""Traits that a list shows beside names."""
COUNTRY: Final = ("country", "countrycode", "market")
STAGE: Final = ("lifecyclestage", "stage", "status", "plan")
SCORE: Final = ("engagement", "health", "score", "leadscore")
COMPANY: Final = ("company", "companyname", "organization")
"""Fields that lists show, without case, `_` and `.`; the first that there is."""


class Column(msgspec.Struct, frozen=True):
    """A trait that is shown: `name` of the field, and whether it is a number."""

    name: str
    number: bool


class ContactLine(msgspec.Struct, frozen=True, kw_only=True):
    """`values`: of the columns, in their order. `last_seen`: ms, None for never."""

    contact: str
    name: str | None
    email: str | None
    account: str | None
    company: str | None
    values: tuple[Any, ...]
    last_seen: int | None
    segments: int


class AccountLine(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    name: str | None
    people: int
    values: tuple[Any, ...]
    last_seen: int | None
    segments: int


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """`next`: the place the following page goes on after; None on the last."""

    columns: tuple[Column, ...]
    lines: tuple[ContactLine, ...]
    next: Place | None = None


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    columns: tuple[Column, ...]
    lines: tuple[AccountLine, ...]
    next: Place | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """What the finder shows: `account` or else a contact, by `id`."""

    account: bool
    id: str
    name: str | None
    beside: str | None


def contacts(
    shop: Workspace,
    question: str,
    *,
    limit: int,
    after: Place | None = None,
    segment: str = "",
    anonymous: bool = False,
) -> Contacts:
    """By words the best matches first; without any, those active last. `segment`: only members of
    a contact segment that is kept. NotFound `segment.not_kept`."""
    kept = Kept(shop.store)
    among = kept.members(segment, "contact") if segment else None
    found = _found_contacts(shop, question, limit + 1, after, among, anonymous=anonymous)
    page = found[:limit]
    ids = [one.id for one in page]
    cards, columns = contact_cards(shop.store, ids), _columns(shop, "contact")
    lines = _contact_lines(shop, [cards[number] for number in ids], columns, kept)
    return Contacts(
        columns=tuple(Column(info.name, info.type == "number") for info in columns),
        lines=tuple(lines),
        next=page[-1].place if len(found) > limit else None,
    )


def accounts(
    shop: Workspace,
    question: str,
    *,
    limit: int,
    after: Place | None = None,
    segment: str = "",
) -> Accounts:
    """As `contacts`."""
    kept = Kept(shop.store)
    among = kept.members(segment, "account") if segment else None
    found = _found_accounts(shop, question, limit + 1, after, among)
    page = found[:limit]
    ids = [one.id for one in page]
    cards, columns = account_cards(shop.store, ids), _columns(shop, "account")
    return Accounts(
        columns=tuple(Column(info.name, info.type == "number") for info in columns),
        lines=tuple(_account_lines(shop, [cards[number] for number in ids], columns, kept)),
        next=page[-1].place if len(found) > limit else None,
    )


def finder(shop: Workspace, question: str, limit: int) -> list[Hit]:
    """The best of both: accounts get up to a third of the room, or what contacts leave of it."""
    people = search.contacts(shop.store, question, limit=limit, after=None, anonymous=False)
    groups = search.accounts(shop.store, question, limit=limit, after=None)
    room = max(limit // 3, limit - len(people))
    groups = groups[:room]
    people = people[: limit - len(groups)]
    hits = [*_people_hits(shop, [one.id for one in people])]
    named = account_cards(shop.store, [one.id for one in groups])
    cards = [named[one.id] for one in groups]
    return [*hits, *(Hit(account=True, id=c.account, name=c.name, beside=None) for c in cards)]


def _people_hits(shop: Workspace, ids: Sequence[int]) -> Iterator[Hit]:
    cards, companies = contact_cards(shop.store, ids), _companies(shop, ids)
    for number in ids:
        card, company = cards[number], companies.get(number)
        said = [card.first("email") if card.name else None, company.name if company else None]
        beside = " · ".join(one for one in said if one)
        yield Hit(account=False, id=card.identity, name=_called(card), beside=beside)


def _called(card: ContactCard) -> str:
    return card.name or card.first("email") or card.first("user") or card.identity


def _found_contacts(
    shop: Workspace,
    question: str,
    limit: int,
    after: Place | None,
    among: BitMap | None,
    *,
    anonymous: bool,
) -> list[Found]:
    store = shop.store
    if not question.strip():
        return lately_active(
            store, "contact", limit=limit, after=after, among=among, anonymous=anonymous
        )
    with only_among(store, among) as only:
        return search.contacts(
            store, question, limit=limit, after=after, anonymous=anonymous, only=only
        )


def _found_accounts(
    shop: Workspace, question: str, limit: int, after: Place | None, among: BitMap | None
) -> list[Found]:
    if not question.strip():
        return lately_active(shop.store, "account", limit=limit, after=after, among=among)
    with only_among(shop.store, among) as only:
        return search.accounts(shop.store, question, limit=limit, after=after, only=only)


def _contact_lines(
    shop: Workspace, cards: Sequence[ContactCard], columns: Sequence[FieldInfo], kept: Kept
) -> Iterator[ContactLine]:
    ids = [card.id for card in cards]
    values, seen = _values(shop, "contact", ids, columns), last_active(shop.store, "contact", ids)
    companies, counts = _companies(shop, ids), kept.counts("contact", ids)
    for card in cards:
        company = companies.get(card.id)
        yield ContactLine(
            contact=card.identity,
            name=card.name,
            email=card.first("email"),
            account=company.account if company else None,
            company=(company.name or company.account) if company else None,
            values=values[card.id],
            last_seen=seen.get(card.id),
            segments=counts[card.id],
        )


def _account_lines(
    shop: Workspace, cards: Sequence[AccountCard], columns: Sequence[FieldInfo], kept: Kept
) -> Iterator[AccountLine]:
    ids = [card.id for card in cards]
    values, seen = _values(shop, "account", ids, columns), last_active(shop.store, "account", ids)
    counts = kept.counts("account", ids)
    for card in cards:
        yield AccountLine(
            account=card.account,
            name=card.name,
            people=card.people,
            values=values[card.id],
            last_seen=seen.get(card.id),
            segments=counts[card.id],
        )


def _companies(shop: Workspace, ids: Sequence[int]) -> dict[int, AccountCard]:
    first = first_accounts(shop.store, ids)
    cards = account_cards(shop.store, sorted({*first.values()}))
    return {contact: cards[account] for contact, account in first.items()}


def _columns(shop: Workspace, side: Side) -> list[FieldInfo]:
    """Country, stage, score: of each the first field that there is."""
    known = shop.store.catalog()
    fields = known.account if side == "account" else known.contact
    plain = {i.name.lower().replace("_", "").replace(".", ""): i for i in fields.values()}
    found = []
    for names, kind in ((COUNTRY, "text"), (STAGE, "text"), (SCORE, "number")):
        one = next((plain[n] for n in names if n in plain and plain[n].type == kind), None)
        found += [one] if one else []
    return found[:MOST_COLUMNS]


def _values(
    shop: Workspace, side: Side, ids: Sequence[int], columns: Sequence[FieldInfo]
) -> dict[int, tuple[Any, ...]]:
    found = values_of(shop.store, side, ids, columns)
    none: Traits = {}
    return {
        number: tuple(shown(found.get(number, none).get(c.name), c.type) for c in columns)
        for number in ids
    }
