"""One contact as a page shows it: who they are, their accounts, and what they are a member of."""

from collections.abc import Mapping

import msgspec
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import NotFound
from lettershop.model.facts import Traits


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account the contact is an active member of."""

    id: int
    account: str
    role: str | None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The values are the current ones, of all facts loaded; missing ones are left out."""

    id: int
    identity: str
    identities: tuple[str, ...]
    traits: Traits
    accounts: tuple[Account, ...]
    segments: tuple[str, ...]
    """Names of the contact segments that hold the contact."""


def profile(store: Store, contact: int, memberships: Mapping[str, BitMap]) -> Profile:
    """The contact with that dense id. `memberships`: the members of the contact segments by name.

    A few look-ups by index (schema.py), each a fraction of a millisecond.
    Raises NotFound `contact.unknown`.
    """
    fields = store.catalog().contact
    columns = [Sql("identity"), *(sql("{c}", c=info.column) for info in fields.values())]
    found = store.con.execute(
        sql("SELECT {columns} FROM contacts WHERE id = $id AND merged IS NULL", columns=columns),
        {"id": contact},
    ).fetchone()
    if found is None:
        raise NotFound("contact.unknown", f"there is no contact number {contact}")
    values = zip(fields.values(), found[1:], strict=True)
    return Profile(
        id=contact,
        identity=found[0],
        identities=_identities(store, contact),
        traits={info.name: value for info, value in values if value is not None},
        accounts=_accounts(store, contact),
        segments=tuple(name for name, ids in memberships.items() if contact in ids),
    )


def _identities(store: Store, contact: int) -> tuple[str, ...]:
    """In the order in which they became known; sorted here, which is quicker than in SQL."""
    rows = store.con.execute(
        "SELECT number, identity FROM identities WHERE contact = $id", {"id": contact}
    ).fetchall()
    return tuple(identity for _, identity in sorted(rows))


def _accounts(store: Store, contact: int) -> tuple[Account, ...]:
    """In the order in which they were joined. A join would take twice as long."""
    people = store.con.execute(
        "SELECT account, role, joined FROM people WHERE contact = $id AND active", {"id": contact}
    ).fetchall()
    if not people:
        return ()
    wanted = {f"a{n}": row[0] for n, row in enumerate(people)}
    names = dict(
        store.con.execute(
            sql(
                "SELECT id, identity FROM accounts WHERE id IN ({wanted})",
                wanted=[Sql(f"${parameter}") for parameter in wanted],
            ),
            wanted,
        ).fetchall()
    )
    ordered = sorted(people, key=lambda row: (row[2], names[row[0]]))
    return tuple(Account(id=row[0], account=names[row[0]], role=row[1]) for row in ordered)
