"""Writes of traits, deletions and links: into the history, and from there into the wide tables."""

from collections.abc import Sequence

import duckdb
import msgspec

from lettershop.engines.duckdb.compose import Sql, bound, name, sql, union_all
from lettershop.engines.duckdb.schema import ACCOUNT_COLUMNS, CONTACT_COLUMNS, RECORD_COLUMNS
from lettershop.model.clock import ALWAYS

LOCATED = "load_located"
"""The stage at hand with its dense `subject`, made by `apply_traits`."""

_AT_ONCE = 8
"""Wide columns brought up to date by one statement: each holds a hash table in memory."""

_VALUES = ("number", "text", "flag", "at", "day", "list", "place", "ref")

_SET = {False: "{column} = {last}.value", True: "{column} = coalesce({last}.value, false)"}

Column = tuple[str, str, str]
"""A key, its history column, its wide column."""


class Target(msgspec.Struct, frozen=True):
    """Where the traits of a sort of subject live; `ours` are wide columns that are no fields."""

    scope: str
    table: str
    history: str
    ours: tuple[str, ...] = RECORD_COLUMNS


CONTACTS = Target("contact", "contacts", "contact_history", CONTACT_COLUMNS)
ACCOUNTS = Target("account", "accounts", "account_history", ACCOUNT_COLUMNS)


class Write(msgspec.Struct, frozen=True):
    """One key written by the rows of the located stage.

    `value` goes into the history column `kind`; `written` says in which rows (None: in all);
    `column` is the wide column, None where the key has none (no value has ever been known);
    `named` the identity a record's contact is named by.
    """

    key: str
    kind: str
    value: Sql
    written: Sql | None
    column: str | None
    named: Sql | None = None


def write(
    con: duckdb.DuckDBPyConnection,
    target: Target,
    writes: Sequence[Write],
    *,
    undated: bool,
    import_time: int,
) -> None:
    """Append the located rows' writes to the history and bring the wide columns up to date."""
    if not writes:
        return
    contradicted = undated and _contradicted(con, target, writes)
    named = Sql('l."@named"') if target == CONTACTS else Sql("NULL")
    branches = (
        _history_rows(i, w, w.named or named, contradicted=contradicted)
        for i, w in enumerate(writes)
    )
    parameters: dict[str, object] = {"keys": [w.key for w in writes]}
    if contradicted:
        parameters |= {"now": import_time, "always": ALWAYS}
    con.execute(
        sql("INSERT INTO {h} {branches}", h=target.history, branches=union_all(branches)),
        parameters,
    )
    columns = {w.key: (w.key, w.kind, w.column) for w in writes if w.column is not None}
    refresh(con, target, list(columns.values()), subjects=LOCATED)


def refresh(
    con: duckdb.DuckDBPyConnection, target: Target, columns: Sequence[Column], *, subjects: str
) -> None:
    """Set wide columns to what the last writer said, for the `subject`s of a table."""
    for start in range(0, len(columns), _AT_ONCE):
        part = columns[start : start + _AT_ONCE]
        con.execute(
            sql(
                "WITH touched AS (SELECT DISTINCT subject FROM {subjects})"
                " UPDATE {table} SET {sets} FROM touched{joins}"
                " WHERE {table}.id = touched.subject",
                subjects=subjects,
                table=target.table,
                sets=[
                    sql(_SET[key == "@deleted"], column=column, last=f"w{i}")
                    for i, (key, _, column) in enumerate(part)
                ],
                joins=Sql("".join(_last_writes(target, i, c) for i, c in enumerate(part))),
            ),
            {"keys": [key for key, _, _ in part]},
        )


def _last_writes(target: Target, index: int, column: Column) -> Sql:
    return sql(
        " LEFT JOIN (SELECT subject,"
        " arg_max_null({kind}, (ts, received_at, message_id, rowid)) AS value"
        " FROM {history} SEMI JOIN touched USING (subject)"
        " WHERE key = {key} GROUP BY subject) AS {last} USING (subject)",
        kind=column[1],
        history=target.history,
        key=bound("keys", index),
        last=f"w{index}",
    )


def _history_rows(index: int, w: Write, named: Sql, *, contradicted: bool) -> Sql:
    time = Sql("l.ts, l.received_at")
    if contradicted:
        redated = sql(
            'l.ts = $always AND EXISTS (FROM load_contradicted AS c WHERE c."row" = l."row"'
            " AND c.key = {key})",
            key=bound("keys", index),
        )
        time = sql(
            "CASE WHEN {redated} THEN $now ELSE l.ts END,"
            " CASE WHEN {redated} THEN $now ELSE l.received_at END",
            redated=redated,
        )
    return sql(
        "SELECT l.subject, {key}, {time}, l.message_id, {values}, {named}"
        " FROM {located} AS l{where}",
        key=bound("keys", index),
        time=time,
        values=[w.value if kind == w.kind else Sql("NULL") for kind in _VALUES],
        named=named,
        located=LOCATED,
        where=sql(" WHERE {written}", written=w.written) if w.written else Sql(""),
    )


def _contradicted(con: duckdb.DuckDBPyConnection, target: Target, writes: Sequence[Write]) -> bool:
    """Note the rows without a date that say something else than a write stored before."""
    branches = (
        sql(
            'SELECT DISTINCT l."row", {key} AS key FROM {located} AS l JOIN {history} AS h'
            " ON h.subject = l.subject WHERE h.key = {key} AND l.ts = $always"
            " AND h.{kind} IS DISTINCT FROM {value}{written}",
            key=bound("keys", i),
            located=LOCATED,
            history=target.history,
            kind=name(w.kind),
            value=w.value,
            written=sql(" AND {written}", written=w.written) if w.written else Sql(""),
        )
        for i, w in enumerate(writes)
    )
    con.execute(
        sql("CREATE OR REPLACE TEMP TABLE load_contradicted AS {b}", b=union_all(branches)),
        {"keys": [w.key for w in writes], "always": ALWAYS},
    )
    return bool(con.execute("SELECT count(*) FROM load_contradicted").fetchall()[0][0])
