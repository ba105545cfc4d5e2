"""From what people type to dense ids, and back to readable names."""

from collections.abc import Iterable

import duckdb
from rapidfuzz import process

from lettershop.model.errors import NotFound

_NEAR = 3
_CANDIDATES = 20_000


def contact_id(con: duckdb.DuckDBPyConnection, text: str) -> int:
    wanted = [text] if _is_identity(text) else [p + text for p in ("user:", "email:", "anon:")]
    found = con.execute(
        "SELECT contact FROM identities WHERE identity IN (SELECT unnest($wanted))"
        " ORDER BY list_position($wanted, identity) LIMIT 1",
        {"wanted": wanted},
    ).fetchone()
    if found is not None:
        return int(found[0])
    raise NotFound(
        "contact.unknown",
        f"there is no contact “{text}”",
        hint=_nearest(con, "SELECT identity FROM identities LIMIT $most", text),
    )


def find_contact(con: duckdb.DuckDBPyConnection, identity: str) -> int | None:
    """The dense id of exactly this identity (`email:ann@example.com`), of a contact that is not
    deleted; None for nobody."""
    found = con.execute(
        "SELECT i.contact FROM identities i JOIN contacts c ON c.id = i.contact"
        " WHERE i.identity = $identity AND NOT coalesce(c.deleted, false)",
        {"identity": identity},
    ).fetchone()
    return None if found is None else int(found[0])


def accounts_of(con: duckdb.DuckDBPyConnection, contact: int) -> list[int]:
    """Dense ids of the accounts a contact is active in now: the one joined first comes first, at a
    tie the first by its id (as recipients.py chooses)."""
    rows = con.execute(
        "SELECT p.account FROM people p JOIN accounts a ON a.id = p.account"
        " WHERE p.contact = $contact AND p.active ORDER BY coalesce(p.joined, 0), a.identity",
        {"contact": contact},
    ).fetchall()
    return [int(account) for (account,) in rows]


def account_id(con: duckdb.DuckDBPyConnection, text: str) -> int:
    found = con.execute("SELECT id FROM accounts WHERE identity = $text", {"text": text}).fetchone()
    if found is not None:
        return int(found[0])
    raise NotFound(
        "account.unknown",
        f"there is no account “{text}”",
        hint=_nearest(con, "SELECT identity FROM accounts LIMIT $most", text),
    )


def identities_of(con: duckdb.DuckDBPyConnection, contact: int) -> list[str]:
    rows = con.execute(
        "SELECT identity FROM identities WHERE contact = $contact ORDER BY number",
        {"contact": contact},
    ).fetchall()
    return [row[0] for row in rows]


def contact_names(con: duckdb.DuckDBPyConnection, ids: Iterable[int]) -> dict[int, str]:
    rows = con.execute(
        "SELECT contact, arg_min(identity, (CASE split_part(identity, ':', 1)"
        " WHEN 'email' THEN 0 WHEN 'user' THEN 1 ELSE 2 END, number))"
        " FROM identities WHERE contact IN (SELECT unnest($ids)) GROUP BY contact",
        {"ids": list(ids)},
    ).fetchall()
    return {row[0]: row[1].partition(":")[2] for row in rows}


def account_names(con: duckdb.DuckDBPyConnection, ids: Iterable[int]) -> dict[int, str]:
    rows = con.execute(
        "SELECT id, identity FROM accounts WHERE id IN (SELECT unnest($ids))", {"ids": list(ids)}
    ).fetchall()
    return dict(rows)


def _is_identity(text: str) -> bool:
    return text.startswith(("user:", "email:", "anon:"))


def _nearest(con: duckdb.DuckDBPyConnection, candidates: str, text: str) -> str:
    names = [row[0] for row in con.execute(candidates, {"most": _CANDIDATES}).fetchall()]
    near = [match for match, *_ in process.extract(text, names, limit=_NEAR, score_cutoff=60)]
    return "did you mean " + ", ".join(near) + "?" if near else ""
