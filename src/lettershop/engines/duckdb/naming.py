"""From names as records keep them to dense ids, many at once: identities, group ids, memberships.

Names that nobody has are left out.
"""

from collections.abc import Collection

from lettershop.engines.duckdb.store import Store


def contacts_by_identity(store: Store, identities: Collection[str]) -> dict[str, int]:
    """The contact each identity (`user:U1`) belongs to now: merged ones share theirs."""
    rows = store.con.execute(
        "SELECT identity, contact FROM identities WHERE identity IN (SELECT unnest($names))",
        {"names": [*identities]},
    ).fetchall()
    return {str(identity): int(contact) for identity, contact in rows}


def accounts_by_id(store: Store, group_ids: Collection[str]) -> dict[str, int]:
    rows = store.con.execute(
        "SELECT identity, id FROM accounts WHERE identity IN (SELECT unnest($names))",
        {"names": [*group_ids]},
    ).fetchall()
    return {str(identity): int(number) for identity, number in rows}


def people_by_pair(store: Store, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The row of `people` of each (contact, account), by their dense ids; an active one first."""
    rows = store.con.execute(
        "SELECT contact, account, arg_max(id, active) FROM people"
        " WHERE contact IN (SELECT unnest($contacts)) AND account IN (SELECT unnest($accounts))"
        " GROUP BY contact, account",
        {
            "contacts": sorted({contact for contact, _ in pairs}),
            "accounts": sorted({account for _, account in pairs}),
        },
    ).fetchall()
    found = {(int(contact), int(account)): int(number) for contact, account, number in rows}
    return {pair: found[pair] for pair in pairs if pair in found}


def pair_of(store: Store, number: int) -> tuple[int, int]:
    """The contact and the account of a row of `people`."""
    found = store.con.execute(
        "SELECT contact, account FROM people WHERE id = $id", {"id": number}
    ).fetchall()
    contact, account = found[0]
    return int(contact), int(account)
