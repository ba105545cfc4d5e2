"""What was stored since a mark, and what was stored before it and has become visible.

Histories are append-only, so what is new stands behind a row number: a small tail of a long table
costs a millisecond or two. Facts dated or received ahead of the mark stand before that number and
count only later; the mark remembers where there are any (`waiting`), so that only there they are
looked for. Events are told by whoever follows them (`seq`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import duckdb
import msgspec
import numpy as np

from lettershop.engines.duckdb.compose import Sql, sql, union_all
from lettershop.engines.duckdb.schema import history_of
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.tail import (
    NOBODY,
    Also,
    Links,
    Tail,
    Writes,
    facts,
    ids,
    together,
)
from lettershop.engines.duckdb.touched import KNOWN
from lettershop.planning.frame import Ints

_SIDES = {"contact": "contacts", "account": "accounts"}
_EVENT, _RECORD = "event:", "record:"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How far something has read: everything stored then, as it was visible at `as_of`."""

    as_of: int
    seq: int
    """The number of the next event."""
    histories: dict[str, int]
    """Table to the number of its next row; `identities` too."""
    touched: int
    imports: int
    rates: int
    """A hash of the exchange rates."""
    waiting: dict[str, int]
    """Scopes (`contact`, `membership`, `record:deal`, `event:Signed In`) with facts that count only
    after `as_of`, and from when on the last of them does."""
    transitions: int = 0
    """The number of the first transition that was not detected before `as_of`."""


class Changes(NamedTuple):
    """Stored since a mark, and visible; `tail.Facts` says more of the first five."""

    writes: Mapping[str, list[Writes]]
    contacts: Ints
    """With new identities, known earlier than we thought, or touched, too."""
    accounts: Ints
    records: Mapping[str, Links]
    pairs: Ints
    touched_contacts: Ints
    """Their earlier facts changed hands: everything about them is to be asked again."""
    touched_accounts: Ints
    imported: bool
    """An import of a file was finished."""
    rates: bool
    """The exchange rates were replaced."""
    mark: Mark
    """Where the next step begins."""


class Appeared(NamedTuple):
    """Stored before a mark, not visible then, and now; `tail.Facts` says more of the first five."""

    writes: Mapping[str, list[Writes]]
    contacts: Ints
    """Those that have become known or identified, too."""
    accounts: Ints
    records: Mapping[str, Links]
    pairs: Ints
    events: Mapping[str, tuple[Ints, Ints]]
    """By name: contact and account of the events, each two once; -1: none."""


def mark(store: Store, as_of: int) -> Mark:
    """The end of everything that is stored, in the transaction at hand."""
    con = store.con
    histories = ["contact_history", "account_history", "people_history", "identities"]
    histories += map(history_of, _records(con).values())
    counts = _counts(con, [*histories, "touched", "imports"])
    hashed = con.execute("SELECT bit_xor(hash(source, target, day, rate)) FROM rates").fetchall()
    return Mark(
        as_of=as_of,
        seq=int(store.meta("next_seq") or 0),
        histories={table: counts[table] for table in histories},
        touched=counts["touched"],
        imports=counts["imports"],
        rates=hashed[0][0] or 0,
        waiting=_waiting(con, as_of),
        transitions=_detected(store, as_of),
    )


def _detected(store: Store, as_of: int) -> int:
    """They are numbered in the order of their detection."""
    row = store.con.execute(
        "SELECT min(id) FROM transitions WHERE detected_at >= $as_of", {"as_of": as_of}
    ).fetchall()[0]
    return int(store.meta("next_transition") or 0) if row[0] is None else int(row[0])


def _records(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The wide table of each kind of records."""
    return dict(con.execute("SELECT kind, table_name FROM record_kinds ORDER BY kind").fetchall())


def _counts(con: duckdb.DuckDBPyConnection, tables: list[str]) -> dict[str, int]:
    """Rows of tables: DuckDB knows them without looking."""
    query = union_all(
        sql("SELECT {n} AS place, count(*) FROM {t}", n=Sql(str(place)), t=table)
        for place, table in enumerate(tables)
    )
    return {tables[place]: count for place, count in con.execute(query).fetchall()}


def _waiting(con: duckdb.DuckDBPyConnection, as_of: int) -> dict[str, int]:
    rows = con.execute(
        "SELECT $event || name, last_visible FROM events WHERE last_visible > $as_of UNION ALL"
        " SELECT replace(key, 'last_visible:', ''), value::BIGINT FROM meta"
        " WHERE starts_with(key, 'last_visible:') AND value::BIGINT > $as_of",
        {"event": _EVENT, "as_of": as_of},
    )
    return dict(rows.fetchall())


def changes(store: Store, since: Mark, as_of: int, end: Mark | None = None) -> Changes:
    """What was stored since the mark and is visible at `as_of`; what is not yet will appear. `end`:
    the mark at `as_of`, where it is known already."""
    con, now, tables = store.con, end or mark(store, as_of), _records(store.con)
    grown = {
        table: since.histories.get(table, 0)
        for table, rows in now.histories.items()
        if rows > since.histories.get(table, 0)
    }
    touched = _touched(con, since) if now.touched > since.touched else {}
    earlier = {
        "contacts": together(_newly_named(con, grown), touched.get(KNOWN + "contacts", NOBODY)),
        "accounts": touched.get(KNOWN + "accounts", NOBODY),
    }
    also = Also(
        together(earlier["contacts"], touched.get("contact", NOBODY)),
        together(earlier["accounts"], touched.get("account", NOBODY)),
        {kind: touched.get(KNOWN + table, NOBODY) for kind, table in tables.items()},
    )
    found = facts(Tail(con, grown, as_of), tables, also)
    if "contact" in touched:
        found = found._replace(pairs=together(found.pairs, _emptied(con)))
    return Changes(
        *found,
        touched.get("contact", NOBODY),
        touched.get("account", NOBODY),
        now.imports > since.imports,
        now.rates != since.rates,
        now,
    )


def _touched(con: duckdb.DuckDBPyConnection, since: Mark) -> dict[str, Ints]:
    """Subjects by sort (touched.py)."""
    rows = con.execute(
        "SELECT sort, list(DISTINCT subject) FROM touched WHERE rowid >= $first GROUP BY sort",
        {"first": since.touched},
    ).fetchall()
    return {sort: together(np.array(subjects, np.int64)) for sort, subjects in rows}


def _newly_named(con: duckdb.DuckDBPyConnection, grown: Mapping[str, int]) -> Ints:
    """Contacts with a new identity: most of them are new themselves."""
    if "identities" not in grown:
        return NOBODY
    query = Sql("SELECT contact AS id FROM identities WHERE number >= $first")
    return ids(con, query, {"first": grown["identities"]})


def _emptied(con: duckdb.DuckDBPyConnection) -> Ints:
    """Pairs all facts of which went to another contact's."""
    return ids(con, Sql("SELECT id FROM people WHERE contact IS NULL"), {})


def becoming_visible(store: Store, since: Mark, as_of: int) -> Appeared:
    """What the mark was waiting for and is visible at `as_of`, among what was stored then."""
    con, tables = store.con, _records(store.con)
    if not since.waiting:
        return Appeared({}, NOBODY, NOBODY, {}, NOBODY, {})
    waiting = {_history(scope, tables) for scope in since.waiting}
    first = {table: rows for table, rows in since.histories.items() if table in waiting}
    tail = Tail(con, first, as_of, since.as_of)
    emerged = {side: _emerged(tail, wide) for side, wide in _SIDES.items()}
    found = facts(
        tail,
        tables,
        Also(
            emerged["contact"],
            emerged["account"],
            {kind: _emerged(tail, table) for kind, table in tables.items()},
        ),
    )
    return Appeared(*found, _events(tail, since))


def _history(scope: str, records: Mapping[str, str]) -> str:
    """The history table of a scope; events have none."""
    if scope == "membership":
        return "people_history"
    if scope.startswith(_RECORD):
        return history_of(records[scope.removeprefix(_RECORD)])
    return f"{scope}_history"


def _emerged(tail: Tail, wide: str) -> Ints:
    """Subjects that have become known, or contacts identified."""
    inside = "{c} > $then AND {c} <= $now"
    columns = ["known_since", *(["identified_since"] if wide == "contacts" else [])]
    query = sql(
        "SELECT id FROM {t} WHERE {conditions}",
        t=wide,
        conditions=Sql(" OR ".join(sql(inside, c=column) for column in columns)),
    )
    return ids(tail.con, query, {"then": tail.then, "now": tail.now})


def _events(tail: Tail, since: Mark) -> dict[str, tuple[Ints, Ints]]:
    names = [s.removeprefix(_EVENT) for s in since.waiting if s.startswith(_EVENT)]
    tables = tail.con.execute(
        "SELECT name, table_name FROM events WHERE list_contains($names, name) ORDER BY name",
        {"names": names},
    ).fetchall()
    found = {}
    for name, table in tables:
        query = sql(
            "SELECT DISTINCT coalesce(contact, -1) AS contact, coalesce(account, -1) AS account"
            " FROM ({rows}) ORDER BY ALL",
            rows=tail.rows(table, ("contact", "account"), "seq"),
        )
        of = tail._replace(first={table: since.seq})
        rows: dict[str, Any] = of.ask(query, table)
        found[name] = tuple(np.ma.getdata(rows[c]).astype(np.int64) for c in ("contact", "account"))
    return {name: (pair[0], pair[1]) for name, pair in found.items() if len(pair[0])}
