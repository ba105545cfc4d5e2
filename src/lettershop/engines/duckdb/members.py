"""Members as rows: dense ids in, a relation with names, addresses and current traits out; and
what `lookup.py` does not find: accounts by name, memberships."""

from collections.abc import Iterator, Sequence

import numpy as np
from duckdb import DuckDBPyRelation
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Subject
from lettershop.model.catalog import Fields

_IDS = "wanted_ids"
_CONTACT = Sql("c.identity, n.user_id, n.email")
_NAMES = Sql(
    "LEFT JOIN (SELECT contact,"
    " min(identity[6:]) FILTER (identity LIKE 'user:%') AS user_id,"
    " min(identity[7:]) FILTER (identity LIKE 'email:%') AS email"
    " FROM identities GROUP BY contact) n ON n.contact = c.id"
)
_PEOPLE = Sql(
    "JOIN people p ON p.id = w.id JOIN contacts c ON c.id = p.contact"
    " JOIN accounts a ON a.id = p.account"
)
_FIRST: dict[Subject, tuple[str, ...]] = {
    "contact": ("identity", "user_id", "email"),
    "account": ("account", "id"),
    "people": ("identity", "user_id", "email", "account", "role"),
}


def rows(store: Store, subject: Subject, ids: Sequence[int] | BitMap) -> DuckDBPyRelation:
    """One row per member, by id.

    Contacts: `identity, user_id, email`, then their traits; accounts: `account` and theirs; people:
    the contact's columns with `account` and `role`. Traits are the current ones; numbers are
    doubles, times are timestamps in UTC. The relation reads the store when it is itself read.
    """
    # A connection of its own: reading may go on while the store answers something else.
    con = store.con.cursor()
    con.register(_IDS, {"id": np.array(ids, dtype=np.int64)})
    catalog = store.catalog()
    fields = catalog.account if subject == "account" else catalog.contact
    traits = _traits(fields, "a" if subject == "account" else "c", _FIRST[subject])
    match subject:
        case "contact":
            first, source = _CONTACT, sql("JOIN contacts c ON c.id = w.id {names}", names=_NAMES)
        case "account":
            first, source = (
                Sql("a.identity AS account"),
                Sql("JOIN accounts a ON a.id = w.id"),
            )
        case "people":
            first = sql("{contact}, a.identity AS account, p.role", contact=_CONTACT)
            source = sql("{people} {names}", people=_PEOPLE, names=_NAMES)
    return con.sql(
        sql(
            "SELECT {columns} FROM {ids} w {source} ORDER BY w.id",
            columns=[first, *traits],
            ids=_IDS,
            source=source,
        )
    )


def _traits(fields: Fields, side: str, first: Sequence[str]) -> Iterator[Sql]:
    for info in fields.values():
        if info.name.lower() in first:
            continue
        match info.type:
            case "number":
                template = "CAST({side}.{column} AS DOUBLE) AS {name}"
            case "time":
                template = "make_timestamp({side}.{column} * 1000) AS {name}"
            case "text" | "boolean" | "date" | "list" | "location":
                template = "{side}.{column} AS {name}"
        yield sql(template, side=Sql(side), column=info.column, name=info.name)


def accounts_named(store: Store, name: str) -> list[int]:
    """Accounts whose field `name` says this, in any case."""
    field = store.catalog().account.get("name")
    if field is None or field.type != "text":
        return []
    query = sql(
        "SELECT id FROM accounts WHERE lower(trim({column})) = lower(trim($name)) ORDER BY id",
        column=field.column,
    )
    return [int(row[0]) for row in store.con.execute(query, {"name": name}).fetchall()]


def people_of(store: Store, contact: int, account: int | None) -> list[int]:
    """Rows of `people` of a contact, the active ones first; of one account when it is given."""
    found = store.con.execute(
        "SELECT id FROM people WHERE contact = $contact AND account = coalesce($account, account)"
        " ORDER BY active DESC, id",
        {"contact": contact, "account": account},
    )
    return [int(row[0]) for row in found.fetchall()]
