"""Who is meant: identities and group ids as text -> dense ids; new subjects get the next ones.

`contacts` and `accounts` leave temporary tables `load_contact` and `load_account`
(identity, id, seen): every name in the stages with its id, seen = min of max(ts, received_at);
that of contacts also has the `number` of the identity.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import duckdb
import numpy as np

from lettershop.engines.duckdb import handover
from lettershop.engines.duckdb.compose import Sql, sql, union_all
from lettershop.engines.duckdb.stage import Stage
from lettershop.engines.duckdb.touched import touch_known

PLACES = 64
"""Names of one fact that keep their order."""


def key_of(identity: str) -> int:
    """The stored 64-bit key of a subject: what random samples are drawn by."""
    return int.from_bytes(blake2b(identity.encode(), digest_size=8).digest(), "big")


def contacts(
    con: duckdb.DuckDBPyConnection, stages: Sequence[Stage], since: int, *, merging: bool
) -> int:
    """Resolve all contacts the stages name; returns how many are new. Events from number `since`
    on can be those of a new contact.

    `load_joint(identity, leader)` says which new identities belong to the contact that another one
    leads; `merging`: stored contacts become one with another, `load_absorbed` says which
    (`joining.py`).
    `load_identified(id)` gets the contacts that were anonymous until now, `load_fresh(identity,
    place, seen, leader)` new identities, `load_handed` those that changed hands.
    """
    _said(
        con, "load_said", [b for i, s in enumerate(stages) for b in _contact_mentions(s, place(i))]
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_fresh AS SELECT s.identity, s.place, s.seen,"
        " coalesce(j.leader, s.identity) AS leader FROM load_said AS s"
        " LEFT JOIN load_joint AS j USING (identity) ANTI JOIN identities USING (identity)"
    )
    before = _count(con, "contacts")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_new AS SELECT identity,"
        " $before + row_number() OVER (ORDER BY place) - 1 AS id FROM load_fresh"
        " WHERE identity = leader",
        {"before": before},
    )
    _add_identities(con)
    if merging:
        handover.of_absorbed(con)
    _find_contacts(con)
    _add_contacts(con, since)
    _update_contacts(con, known_before=bool(before))
    return _count(con, "contacts") - before


def revive(con: duckdb.DuckDBPyConnection, identity: str) -> int:
    """A contact for an identity that led one which never got a row; its number."""
    number = _count(con, "contacts")
    con.execute(
        "INSERT INTO contacts BY NAME SELECT $id AS id, $key::UBIGINT AS key,"
        " $identity AS identity, false AS deleted, c.since_seq AS since_seq"
        " FROM identities AS i JOIN contacts AS c ON c.id = i.contact WHERE i.identity = $identity",
        {"id": number, "key": key_of(identity), "identity": identity},
    )
    return number


def _add_identities(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "INSERT INTO identities SELECT f.identity, coalesce(i.contact, n.id) AS id, $before"
        " + row_number() OVER (ORDER BY id, f.place, f.identity <> f.leader, f.identity) - 1,"
        " f.seen FROM load_fresh AS f LEFT JOIN identities AS i ON i.identity = f.leader"
        " LEFT JOIN load_new AS n ON n.identity = f.leader",
        {"before": _count(con, "identities")},
    )


def _find_contacts(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_contact AS SELECT s.identity, i.contact AS id, s.seen,"
        " i.number, s.seen < i.seen AS earlier"
        " FROM load_said AS s JOIN identities AS i USING (identity)"
    )
    if con.execute("SELECT count(*) FROM load_contact WHERE earlier").fetchall()[0][0]:
        con.execute(
            "UPDATE identities SET seen = c.seen FROM load_contact AS c"
            " WHERE c.earlier AND identities.number = c.number"
        )
        touch_known(con, "contacts", Sql("SELECT id AS subject FROM load_contact WHERE earlier"))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_seen AS SELECT id, min(seen) AS known, min(seen)"
        " FILTER (NOT starts_with(identity, 'anon:')) AS identified FROM load_contact GROUP BY id"
    )


def accounts(con: duckdb.DuckDBPyConnection, stages: Sequence[Stage]) -> int:
    """Resolve all accounts the stages name; returns how many are new (`load_new`)."""
    _said(
        con, "load_said", [b for i, s in enumerate(stages) for b in _account_mentions(s, place(i))]
    )
    before = _count(con, "accounts")
    _new_ids(con, "accounts", before)
    with _Keys(con):
        con.execute(
            "INSERT INTO accounts BY NAME SELECT n.id, k.key, n.identity,"
            " s.seen AS known_since, false AS deleted"
            " FROM load_new AS n JOIN load_keys AS k USING (id)"
            " JOIN load_said AS s USING (identity)"
        )
    _known_since(con, "accounts", known_before=bool(before))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_account AS SELECT s.identity, a.id, s.seen"
        " FROM load_said AS s JOIN accounts AS a USING (identity)"
    )
    return _count(con, "accounts") - before


def records(con: duckdb.DuckDBPyConnection, stage: Stage, table: str) -> int:
    """Resolve the records of a stage into `load_record`; returns how many are new."""
    _said(con, "load_said", [_mentions(stage.table, "identity", place(0))])
    before = _count(con, table)
    _new_ids(con, table, before)
    con.execute(
        sql(
            "INSERT INTO {table} BY NAME SELECT n.id, n.identity, s.seen AS known_since,"
            " false AS deleted FROM load_new AS n JOIN load_said AS s USING (identity)",
            table=table,
        )
    )
    _known_since(con, table, known_before=bool(before))
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE load_record AS SELECT s.identity, r.id, s.seen"
            " FROM load_said AS s JOIN {table} AS r USING (identity)",
            table=table,
        )
    )
    return _count(con, table) - before


def place(stage: int) -> Sql:
    """Where a fact stands among all facts of a load: one row of a file may give several facts.
    There is room for PLACES names in each fact."""
    return Sql(f'("row" * 1000 + {stage}) * {PLACES}')


def _contact_mentions(stage: Stage, at: Sql) -> Iterable[Sql]:
    match stage.sort:
        case "contact":
            yield _mentions(stage.table, "identity", at)
            yield sql(
                "SELECT unnest(also) AS identity,"
                " {at} + least(generate_subscripts(also, 1), {last}) AS place, ts, received_at"
                " FROM {table} WHERE len(also) > 0",
                at=at,
                last=Sql(str(PLACES - 1)),
                table=stage.table,
            )
        case "account":
            return
        case _:
            yield _mentions(stage.table, "contact", at)


def _account_mentions(stage: Stage, at: Sql) -> Iterable[Sql]:
    match stage.sort:
        case "contact":
            return
        case "account":
            yield _mentions(stage.table, "identity", at)
        case _:
            yield _mentions(stage.table, "account", at)


def _mentions(table: str, column: str, at: Sql) -> Sql:
    return sql(
        "SELECT {column} AS identity, {at} AS place, ts, received_at FROM {table}"
        " WHERE {column} IS NOT NULL",
        column=column,
        at=at,
        table=table,
    )


def _said(con: duckdb.DuckDBPyConnection, table: str, branches: Sequence[Sql]) -> None:
    none = Sql("SELECT NULL::VARCHAR AS identity, 0 AS place, 0 AS ts, 0 AS received_at LIMIT 0")
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE {table} AS SELECT identity, min(place) AS place,"
            " min(greatest(ts, received_at))::BIGINT AS seen FROM ({branches}) GROUP BY identity",
            table=table,
            branches=union_all(branches) if branches else none,
        )
    )


def _new_ids(con: duckdb.DuckDBPyConnection, table: str, before: int) -> None:
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE load_new AS SELECT identity,"
            " $before + row_number() OVER (ORDER BY place) - 1 AS id, place"
            " FROM load_said ANTI JOIN {table} USING (identity)",
            table=table,
        ),
        {"before": before},
    )


def _add_contacts(con: duckdb.DuckDBPyConnection, since: int) -> None:
    with _Keys(con):
        con.execute(
            "INSERT INTO contacts BY NAME SELECT n.id, k.key, n.identity, s.known AS known_since,"
            " s.identified AS identified_since, false AS deleted, $since AS since_seq"
            " FROM load_new AS n"
            " JOIN load_keys AS k USING (id) JOIN load_seen AS s USING (id) ORDER BY n.id",
            {"since": since},
        )


def _update_contacts(con: duckdb.DuckDBPyConnection, *, known_before: bool) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE load_identified (id BIGINT)")
    if not known_before:
        return
    con.execute(
        "INSERT INTO load_identified SELECT c.id FROM contacts AS c JOIN load_seen AS s"
        " USING (id) WHERE c.identified_since IS NULL AND s.identified IS NOT NULL"
    )
    con.execute(
        "UPDATE contacts SET known_since = least(known_since, s.known),"
        " identified_since = least(identified_since, s.identified) FROM load_seen AS s"
        " WHERE contacts.id = s.id AND (s.known < known_since OR s.identified IS NOT NULL"
        " AND (identified_since IS NULL OR s.identified < identified_since))"
    )


def _known_since(con: duckdb.DuckDBPyConnection, table: str, *, known_before: bool) -> None:
    if not known_before:
        return
    earlier = sql(
        "SELECT t.id AS subject FROM {table} AS t JOIN load_said AS s USING (identity)"
        " WHERE s.seen < t.known_since",
        table=table,
    )
    if touch_known(con, table, earlier):
        con.execute(
            sql(
                "UPDATE {table} SET known_since = s.seen FROM load_said AS s"
                " WHERE {table}.identity = s.identity AND s.seen < known_since",
                table=table,
            )
        )


class _Keys:
    """Makes `load_keys(id, key)` of the new subjects readable inside the `with`."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def __enter__(self) -> None:
        rows = self.con.execute("SELECT id, identity FROM load_new").fetchall()
        ids = np.fromiter((r[0] for r in rows), np.int64, len(rows))
        keys = np.fromiter((key_of(r[1]) for r in rows), np.uint64, len(rows))
        self.con.register("load_keys", {"id": ids, "key": keys})

    def __exit__(self, *_: object) -> None:
        self.con.unregister("load_keys")


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(sql("SELECT count(*) FROM {t}", t=table)).fetchall()[0][0])
