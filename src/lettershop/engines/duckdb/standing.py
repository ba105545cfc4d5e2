"""What the loader asks before it loads more: which ids are known, who has which role."""

from collections.abc import Collection

from lettershop.engines.duckdb.store import Store

Pair = tuple[str, str]
"""(identity of a contact, group id)."""


def known_identities(store: Store, identities: Collection[str]) -> set[str]:
    """Those that have been seen."""
    rows = store.con.execute(
        "SELECT identity FROM identities WHERE identity IN (SELECT unnest($ids))",
        {"ids": list(identities)},
    ).fetchall()
    return {row[0] for row in rows}


def roles_of(store: Store, pairs: Collection[Pair]) -> dict[Pair, str]:
    """The roles in those active memberships that have one."""
    rows = store.con.execute(
        "SELECT w.contact, w.account, p.role FROM"
        " (SELECT unnest($contacts) AS contact, unnest($accounts) AS account) AS w"
        " JOIN identities AS i ON i.identity = w.contact"
        " JOIN accounts AS a ON a.identity = w.account"
        " JOIN people AS p ON p.contact = i.contact AND p.account = a.id"
        " WHERE p.active AND p.role IS NOT NULL",
        {"contacts": [c for c, _ in pairs], "accounts": [a for _, a in pairs]},
    ).fetchall()
    return {(contact, account): role for contact, account, role in rows}
