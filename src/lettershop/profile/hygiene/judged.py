"""What was judged, beside the facts: level-triggered, so it is safe to stop and to repeat.

address_judged(contact, address, domain, state, suggestion, free, since, stamp)
    The verdict on a contact's current address. `since`: ms, when the address was written into
    the contact; `stamp`: the lists it was judged by (`Knowledge.stamp`).
meta: address_domains (JSON: `Counted`), address_fields (the trait names are ours)
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.profile.hygiene.domains import USED
from lettershop.profile.hygiene.verdict import Verdict

TABLE: Final = """
CREATE TABLE IF NOT EXISTS address_judged (contact BIGINT, address VARCHAR, domain VARCHAR,
    state VARCHAR, suggestion VARCHAR, free BOOLEAN, since BIGINT, stamp VARCHAR);
"""
MOST_DOMAINS: Final = 20_000
"""Domains whose contacts are counted: the most frequent."""
_COUNTED: Final = "address_domains"
_LIVE: Final = "c.merged IS NULL AND c.known_since IS NOT NULL AND NOT coalesce(c.deleted, false)"


class Counted(msgspec.Struct, frozen=True):
    """Contacts per domain at `at` (ms); `addresses`: how many contacts had one."""

    at: int = 0
    addresses: int = 0
    counts: dict[str, int] = {}


class Due(NamedTuple):
    """An address that is to be judged; `since` in ms."""

    contact: int
    address: str
    since: int


def prepare(store: Store) -> None:
    """Make the table in a database that lacks it."""
    store.con.execute(TABLE)


def is_prepared(store: Store) -> bool:
    query = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'address_judged'"
    return bool(store.con.execute(query).fetchall())


def address_column(store: Store) -> str | None:
    """The column of contacts with their current address; None before the first one."""
    field = store.catalog().contact.get("email")
    return field.column if field is not None and field.type == "text" else None


def counted(store: Store) -> Counted:
    """The counts that are stored."""
    said = store.meta(_COUNTED)
    return Counted() if said is None else msgspec.json.decode(said, type=Counted)


def keep_counted(store: Store, found: Counted) -> None:
    store.set_meta(_COUNTED, msgspec.json.encode(found).decode())


def count_addresses(store: Store, column: str) -> int:
    query = sql("SELECT count({c}) FROM contacts AS c WHERE {live}", c=column, live=Sql(_LIVE))
    return int(store.con.execute(query).fetchall()[0][0])


def count_domains(store: Store, column: str, at: int) -> Counted:
    rows = store.con.execute(
        sql(
            "SELECT lower(trim(split_part({c}, '@', -1))) AS domain, count(*) AS n"
            " FROM contacts AS c WHERE contains({c}, '@') AND {live} GROUP BY domain"
            " HAVING n >= $used ORDER BY n DESC, domain LIMIT $most",
            c=column,
            live=Sql(_LIVE),
        ),
        {"used": USED, "most": MOST_DOMAINS},
    ).fetchall()
    return Counted(at, count_addresses(store, column), dict(rows))


def due(store: Store, column: str, stamp: str, most: int) -> list[Due]:
    """Addresses that are new, have changed, or were judged by other lists."""
    rows = store.con.execute(
        sql(
            "WITH due AS (SELECT c.id, c.{c} AS address FROM contacts AS c"
            " LEFT JOIN address_judged AS j ON j.contact = c.id"
            " WHERE c.{c} IS NOT NULL AND {live}"
            " AND (j.address IS DISTINCT FROM c.{c} OR j.stamp <> $stamp)"
            " ORDER BY c.id LIMIT $most),"
            " others AS (SELECT h.subject, max(h.ts) AS ts FROM contact_history AS h"
            " JOIN due ON due.id = h.subject"
            " WHERE h.key = 'email' AND h.text IS DISTINCT FROM due.address GROUP BY h.subject)"
            " SELECT due.id, due.address, coalesce(min(h.ts), 0) FROM due"
            " LEFT JOIN others ON others.subject = due.id"
            " LEFT JOIN contact_history AS h ON h.subject = due.id AND h.key = 'email'"
            " AND h.text = due.address AND h.ts >= coalesce(others.ts, h.ts)"
            " GROUP BY due.id, due.address ORDER BY due.id",
            c=column,
            live=Sql(_LIVE),
        ),
        {"stamp": stamp, "most": most},
    ).fetchall()
    return [Due(*row) for row in rows]


def keep(store: Store, found: Sequence[tuple[Due, Verdict]], stamp: str) -> None:
    """Store verdicts in place of earlier ones on the same contacts."""
    columns: dict[str, Any] = {
        "contact": np.array([due.contact for due, _ in found], np.int64),
        "address": _texts(due.address for due, _ in found),
        "domain": _texts(said.domain for _, said in found),
        "state": _texts(said.state for _, said in found),
        "suggestion": _texts(said.suggestion or "" for _, said in found),
        "free": np.array([said.free for _, said in found], np.bool_),
        "since": np.array([due.since for due, _ in found], np.int64),
    }
    store.con.register("judged_now", columns)
    try:
        store.con.execute(
            "DELETE FROM address_judged WHERE contact IN (SELECT contact FROM judged_now)"
        )
        store.con.execute(
            "INSERT INTO address_judged SELECT contact, address, domain, state,"
            " nullif(suggestion, ''), free, since, $stamp FROM judged_now",
            {"stamp": stamp},
        )
    finally:
        store.con.unregister("judged_now")


def forget_gone(store: Store, column: str) -> int:
    """Drop verdicts on contacts that have no address any more, or are gone; their number."""
    return int(store.con.execute(_gone("DELETE FROM address_judged", column)).fetchall()[0][0])


def has_gone(store: Store, column: str) -> bool:
    query = sql("{gone} LIMIT 1", gone=_gone("SELECT 1 FROM address_judged", column))
    return bool(store.con.execute(query).fetchall())


def _gone(statement: str, column: str) -> Sql:
    return sql(
        "{statement} WHERE contact NOT IN"
        " (SELECT c.id FROM contacts AS c WHERE c.{c} IS NOT NULL AND {live})",
        statement=Sql(statement),
        c=column,
        live=Sql(_LIVE),
    )


def judged_domains(store: Store) -> list[tuple[str, bool]]:
    """(domain, whether it was corrected) of everything judged."""
    return store.con.execute(
        "SELECT domain, bool_or(suggestion IS NOT NULL) FROM address_judged"
        " WHERE domain <> '' GROUP BY domain"
    ).fetchall()


def judge_again(store: Store, domains: Sequence[str]) -> None:
    """Forget the verdicts on addresses of these domains, so that they are due."""
    store.con.execute(
        "DELETE FROM address_judged WHERE list_contains($domains, domain)",
        {"domains": list(domains)},
    )


def _texts(values: Iterable[str]) -> Any:
    return np.array([*values], dtype=object)
