"""Whom transitions are about: identities of contacts and accounts, read once per page."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from lettershop.engines.duckdb.lookup import account_names
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import Transition
from lettershop.language.tree import Subject


class Mover(msgspec.Struct, frozen=True, kw_only=True):
    """`contact` is the first identity it was known by, `identities` all it has now (none, when it
    became one with another); `account` is a group id."""

    contact: str | None = None
    identities: tuple[str, ...] = ()
    account: str | None = None


def movers(
    store: Store, found: Sequence[Transition], subjects: Mapping[str, Subject]
) -> list[Mover]:
    """One per transition. `subjects`: by segment; of an unknown one nobody can be named."""
    ids: dict[Subject, set[int]] = {"contact": set(), "account": set(), "people": set()}
    for one in found:
        if (subject := subjects.get(one.segment)) is not None:
            ids[subject].add(one.subject)
    pairs = _pairs(store, ids["people"])
    contacts = ids["contact"] | {c for c, _ in pairs.values() if c is not None}
    accounts = ids["account"] | {a for _, a in pairs.values() if a is not None}
    first, all_ = _contacts(store, contacts), _identities(store, contacts)
    groups = account_names(store.con, accounts) if accounts else {}

    def mover(one: Transition) -> Mover:
        contact, account = _who(one, subjects.get(one.segment), pairs)
        return Mover(
            contact=None if contact is None else first.get(contact),
            identities=() if contact is None else tuple(all_.get(contact, ())),
            account=None if account is None else groups.get(account),
        )

    return [mover(one) for one in found]


def pairs_of(store: Store, contact: int | None, account: int | None) -> list[int]:
    """Dense ids of the memberships of a contact, of an account, or of the one in the other; those
    that have ended too."""
    rows = store.con.execute(
        "SELECT id FROM people WHERE contact = coalesce($contact, contact)"
        " AND account = coalesce($account, account) ORDER BY id",
        {"contact": contact, "account": account},
    ).fetchall()
    return [row[0] for row in rows]


def _who(
    one: Transition, subject: Subject | None, pairs: Mapping[int, tuple[int | None, int | None]]
) -> tuple[int | None, int | None]:
    """The dense ids of the contact and of the account."""
    match subject:
        case "contact":
            return one.subject, None
        case "account":
            return None, one.subject
        case "people":
            return pairs.get(one.subject, (None, None))
        case None:
            return None, None


def _pairs(store: Store, ids: Iterable[int]) -> dict[int, tuple[int | None, int | None]]:
    if not ids:
        return {}
    rows = store.con.execute(
        "SELECT id, contact, account FROM people WHERE id IN (SELECT unnest($ids))",
        {"ids": list(ids)},
    ).fetchall()
    return {number: (contact, account) for number, contact, account in rows}


def _contacts(store: Store, ids: Iterable[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = store.con.execute(
        "SELECT id, identity FROM contacts WHERE id IN (SELECT unnest($ids))", {"ids": list(ids)}
    ).fetchall()
    return dict(rows)


def _identities(store: Store, ids: Iterable[int]) -> dict[int, list[str]]:
    if not ids:
        return {}
    rows = store.con.execute(
        "SELECT contact, list(identity ORDER BY number) FROM identities"
        " WHERE contact IN (SELECT unnest($ids)) GROUP BY contact",
        {"ids": list(ids)},
    ).fetchall()
    return dict(rows)
