"""The rows of histories stored since a mark, or before it and visible since: whom they are about.

Every question is put to the end of a table, which DuckDB finds by its zone maps.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import duckdb
import numpy as np

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.schema import history_of
from lettershop.planning.frame import Ints


class Writes(NamedTuple):
    """Who got values of one field; `@deleted` is one. `latest`: the newest `ts` of each subject."""

    key: str
    subjects: Ints
    latest: Ints


class Links(NamedTuple):
    """The contacts and accounts ever linked to some records. Ids ascending, each once."""

    contacts: Ints
    accounts: Ints


class Facts(NamedTuple):
    """Whom the rows are about. Ids ascending, each once."""

    writes: Mapping[str, list[Writes]]
    """By scope: contact, account."""
    contacts: Ints
    """With any fact but an event: values, deletions, memberships, records."""
    accounts: Ints
    records: Mapping[str, Links]
    """By kind, where something was said of any record."""
    pairs: Ints
    """Rows of `people` whose membership may be another."""


class Also(NamedTuple):
    """Whom no row tells of: contacts, accounts, and by kind the records."""

    contacts: Ints
    accounts: Ints
    records: Mapping[str, Ints]


class Tail(NamedTuple):
    """Which rows: numbered from `first` on and visible at `now`; with `then`, those before `first`
    that were not visible then."""

    con: duckdb.DuckDBPyConnection
    first: Mapping[str, int]
    """By table, of those tables that are to be asked."""
    now: int
    then: int | None = None

    def rows(self, table: str, columns: Iterable[str], number: str = "rowid") -> Sql:
        """The rows of a table as a query with the parameters `$first`, `$now` and `$then`."""
        seen = "ts <= $now AND received_at <= $now"
        if self.then is None:
            return _select(table, columns, Sql(f"{number} >= $first AND {seen}"))
        # Two queries: in one, an OR would keep the zone maps from helping.
        dated = f"{number} < $first AND ts > $then AND {seen}"
        heard = f"{number} < $first AND received_at > $then AND ts <= $then AND {seen}"
        parts = [_select(table, columns, Sql(condition)) for condition in (dated, heard)]
        return sql("{a} UNION ALL {b}", a=parts[0], b=parts[1])

    def ask(self, query: Sql, table: str) -> dict[str, Any]:
        """Run a query over `rows` of that table; its columns as arrays."""
        asked = {"first": self.first[table], "now": self.now}
        if self.then is not None:
            asked["then"] = self.then
        found: dict[str, Any] = self.con.execute(query, asked).fetchnumpy()
        return found


def _select(table: str, columns: Iterable[str], condition: Sql) -> Sql:
    named = [sql("{c}", c=column) for column in columns]
    return sql("SELECT {columns} FROM {t} WHERE {c}", columns=named, t=table, c=condition)


def facts(tail: Tail, tables: Mapping[str, str], also: Also) -> Facts:
    """Whom the rows are about; `tables` are the wide tables of records by kind."""
    of_contact = writes_of(tail, "contact_history")
    of_account = writes_of(tail, "account_history")
    members = _memberships(tail)
    records = _records(tail, tables, also.records)
    moved = pairs_of(
        tail.con,
        together(also.contacts, *_deletions(of_contact)),
        together(also.accounts, *_deletions(of_account)),
    )
    contacts = [w.subjects for w in of_contact] + [links.contacts for links in records.values()]
    accounts = [w.subjects for w in of_account] + [links.accounts for links in records.values()]
    return Facts(
        {"contact": of_contact, "account": of_account},
        together(members["contact"], also.contacts, *contacts),
        together(members["account"], also.accounts, *accounts),
        records,
        together(members["pair"], moved),
    )


def _deletions(writes: Iterable[Writes]) -> list[Ints]:
    return [w.subjects for w in writes if w.key == "@deleted"]


def writes_of(tail: Tail, table: str) -> list[Writes]:
    """By key, in its order."""
    if table not in tail.first:
        return []
    query = sql(
        "SELECT key, subject, max(ts) AS latest FROM ({rows}) GROUP BY key, subject ORDER BY ALL",
        rows=tail.rows(table, ("key", "subject", "ts")),
    )
    found = tail.ask(query, table)
    keys = np.ma.getdata(found["key"])
    subjects, latest = _whole(found["subject"]), _whole(found["latest"])
    cuts = [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(keys)]
    return [
        Writes(str(keys[start]), subjects[start:stop], latest[start:stop])
        for start, stop in pairwise(cuts)
        if start < stop
    ]


def _memberships(tail: Tail) -> dict[str, Ints]:
    """Whose memberships: `pair`, `contact`, `account`."""
    table, columns = "people_history", ("pair", "contact", "account")
    if table not in tail.first:
        return dict.fromkeys(columns, NOBODY)
    found = tail.ask(tail.rows(table, columns), table)
    return {name: together(_whole(found[name])) for name in columns}


def _records(tail: Tail, tables: Mapping[str, str], also: Mapping[str, Ints]) -> dict[str, Links]:
    found = {}
    for kind, wide in tables.items():
        history = history_of(wide)
        subjects = also.get(kind, NOBODY)
        if history in tail.first:
            rows = tail.ask(tail.rows(history, ("subject",)), history)
            subjects = together(subjects, _whole(rows["subject"]))
        if len(subjects):
            found[kind] = _links(tail.con, history, subjects)
    return found


def _links(con: duckdb.DuckDBPyConnection, history: str, subjects: Ints) -> Links:
    sides = []
    with Numbers(con, tail_ids=subjects):
        for key in ("@contact", "@account"):
            query = sql(
                "SELECT DISTINCT ref AS id FROM {h} WHERE key = $key AND ref IS NOT NULL"
                " AND subject IN (SELECT id FROM tail_ids)",
                h=history,
            )
            sides.append(ids(con, query, {"key": key}))
    return Links(*sides)


def pairs_of(con: duckdb.DuckDBPyConnection, contacts: Ints, accounts: Ints) -> Ints:
    """The rows of `people` of these contacts, and of these accounts."""
    if not len(contacts) and not len(accounts):
        return NOBODY
    with Numbers(con, tail_contacts=contacts, tail_accounts=accounts):
        query = Sql(
            "SELECT id FROM people WHERE contact IN (SELECT id FROM tail_contacts)"
            " UNION SELECT id FROM people WHERE account IN (SELECT id FROM tail_accounts)"
        )
        return ids(con, query, {})


class Numbers:
    """Makes ids readable as tables of one column `id`, inside the `with`."""

    def __init__(self, con: duckdb.DuckDBPyConnection, **tables: Ints) -> None:
        self.con, self.tables = con, tables

    def __enter__(self) -> None:
        for name, numbers in self.tables.items():
            self.con.register(name, {"id": numbers})

    def __exit__(self, *_: object) -> None:
        for name in self.tables:
            self.con.unregister(name)


def ids(con: duckdb.DuckDBPyConnection, query: Sql, parameters: Mapping[str, object]) -> Ints:
    """The column `id` of a query, ascending, each once."""
    found: dict[str, Any] = con.execute(query, dict(parameters)).fetchnumpy()
    return together(_whole(found["id"]))


NOBODY: Ints = np.zeros(0, np.int64)


def together(*parts: Ints) -> Ints:
    """All ids, ascending, each once."""
    return np.unique(np.concatenate([NOBODY, *parts]))


def _whole(values: Any) -> Ints:
    """A column without NULLs; those there are, are left out."""
    plain: Ints = np.ma.compressed(values) if np.ma.isMaskedArray(values) else np.asarray(values)
    return plain.astype(np.int64)
