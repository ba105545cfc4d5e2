"""Contacts and accounts as answers: lists, profiles, memberships. All read one committed state."""

import msgspec
from pyroaring import BitMap

from lettershop.app.shown import Value, instant, typed
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb import cards, search
from lettershop.engines.duckdb.cards import AccountCard, ContactCard
from lettershop.engines.duckdb.profile import profile
from lettershop.model.clock import format_instant
from lettershop.model.errors import NotFound


class ContactRow(msgspec.Struct, frozen=True, kw_only=True):
    """`contact` is the first identity it was known by, which names it for ever (`user:U1`)."""

    contact: str
    user_id: str | None
    email: str | None
    name: str | None
    identified: bool
    known_since: str


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """An account the contact belongs to (`active`) or belonged to."""

    account: str
    name: str | None
    role: str | None
    joined: str | None
    active: bool


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Traits are the current ones. `segments`: names of the contact segments that hold the contact
    now; null when not asked for."""

    contact: str
    identities: tuple[str, ...]
    name: str | None
    traits: dict[str, Value]
    accounts: list[Membership]
    identified: bool
    deleted: bool
    known_since: str
    segments: tuple[str, ...] | None = None


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """`account` is the group id; `people` counts active members."""

    account: str
    name: str | None
    people: int
    known_since: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Traits are the current ones; `people` counts active members."""

    account: str
    name: str | None
    traits: dict[str, Value]
    people: int
    deleted: bool
    known_since: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An active member of an account."""

    contact: str
    user_id: str | None
    email: str | None
    name: str | None
    role: str | None
    joined: str | None


def find_contacts(
    shop: Workspace,
    question: str,
    *,
    limit: int,
    after: search.Place | None = None,
    anonymous: bool = False,
) -> list[tuple[ContactRow, search.Place]]:
    """Live contacts and their places in the list: see `engines.duckdb.search`."""
    found = search.contacts(shop.store, question, limit=limit, after=after, anonymous=anonymous)
    known = cards.contact_cards(shop.store, [f.id for f in found])
    return [(_contact_row(known[f.id]), f.place) for f in found]


def neighbour(shop: Workspace, who: str, way: search.Way, seed: int = 0) -> str:
    """The identity of the contact beside one in the list, or of any; "" where there is nobody."""
    try:
        here = shop.subject_id("contact", who) if who else None
    except NotFound:
        here = None
    found = search.neighbour(shop.store, here, way, seed)
    return "" if found is None else cards.contact_cards(shop.store, [found])[found].identity


def find_accounts(
    shop: Workspace, question: str, *, limit: int, after: search.Place | None = None
) -> list[tuple[AccountRow, search.Place]]:
    found = search.accounts(shop.store, question, limit=limit, after=after)
    known = cards.account_cards(shop.store, [f.id for f in found])
    return [(_account_row(known[f.id]), f.place) for f in found]


def contact(shop: Workspace, who: str, *, segments: bool = False) -> Contact:
    """The contact named by user id, address or identity. NotFound `contact.unknown`.

    `segments` evaluates all contact segments of the workspace, which takes its time.
    """
    number = shop.subject_id("contact", who)
    card = cards.contact_cards(shop.store, [number])[number]
    held = _segments(shop) if segments else {}
    found = profile(shop.store, number, {})
    return Contact(
        contact=card.identity,
        identities=card.identities,
        name=card.name,
        traits=typed(found.traits, shop.store.catalog().contact),
        accounts=_memberships(shop, number),
        identified=card.identified,
        deleted=card.deleted,
        known_since=format_instant(card.known_since),
        segments=tuple(n for n, ids in held.items() if number in ids) if segments else None,
    )


def memberships(shop: Workspace, who: str) -> list[Membership]:
    """All accounts of a contact, those it belongs to now first."""
    return _memberships(shop, shop.subject_id("contact", who))


def account(shop: Workspace, who: str) -> Account:
    """The account named by group id or name. NotFound `account.unknown`."""
    number = shop.subject_id("account", who)
    card = cards.account_cards(shop.store, [number])[number]
    traits = cards.account_values(shop.store, number)
    return Account(
        account=card.account,
        name=card.name,
        traits=typed(traits, shop.store.catalog().account),
        people=card.people,
        deleted=card.deleted,
        known_since=format_instant(card.known_since),
    )


def people(
    shop: Workspace, who: str, *, limit: int, after: tuple[int, int] | None = None
) -> list[tuple[Person, tuple[int, int]]]:
    """The active members of an account, in the order in which they joined."""
    number = shop.subject_id("account", who)
    found = cards.people_of(shop.store, number, limit=limit, after=after)
    known = cards.contact_cards(shop.store, [p.contact for p in found])
    return [
        (_person(known[p.contact], p.role, p.joined), (p.joined or 0, p.contact)) for p in found
    ]


def _segments(shop: Workspace) -> dict[str, BitMap]:
    answers = shop.evaluate()
    wanted = [d.name for d in shop.definitions() if d.subject == "contact"]
    return {name: answers.members(name) for name in wanted}


def _memberships(shop: Workspace, number: int) -> list[Membership]:
    found = cards.accounts_of(shop.store, number)
    known = cards.account_cards(shop.store, [m.account for m in found])
    return [
        Membership(
            account=known[m.account].account,
            name=known[m.account].name,
            role=m.role,
            joined=instant(m.joined),
            active=m.active,
        )
        for m in found
    ]


def _contact_row(card: ContactCard) -> ContactRow:
    return ContactRow(
        contact=card.identity,
        user_id=card.first("user"),
        email=card.first("email"),
        name=card.name,
        identified=card.identified,
        known_since=format_instant(card.known_since),
    )


def _account_row(card: AccountCard) -> AccountRow:
    return AccountRow(
        account=card.account,
        name=card.name,
        people=card.people,
        known_since=format_instant(card.known_since),
    )


def _person(card: ContactCard, role: str | None, joined: int | None) -> Person:
    return Person(
        contact=card.identity,
        user_id=card.first("user"),
        email=card.first("email"),
        name=card.name,
        role=role,
        joined=instant(joined),
    )
