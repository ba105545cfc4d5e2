"""Events: de-duplicated, attributed to an account, each name into a table of its own."""

from collections.abc import Collection, Mapping, Sequence

import duckdb
import msgspec
import numpy as np

from lettershop.engines.duckdb import slugs, spells
from lettershop.engines.duckdb.compose import Sql, bound, name, sql
from lettershop.engines.duckdb.joining import Registered
from lettershop.engines.duckdb.learn import (
    Counted,
    Field,
    Learned,
    convert,
    count_columns,
    read_counts,
)
from lettershop.engines.duckdb.listing import (
    Listed,
    Money,
    list_currencies,
    list_values,
    money,
    worth_listing,
)
from lettershop.engines.duckdb.repeats import remember
from lettershop.engines.duckdb.schema import EVENT_COLUMNS, create_event_table
from lettershop.engines.duckdb.stage import Stage, StageColumn
from lettershop.engines.duckdb.who import Refused

MOST_NAMES = 2_000
"""Event names a workspace can hold; rows of further names are refused (`event.too_many_names`)."""

LOCATED = "load_events"

_NOTHING = Sql("NULL::JSON")


class _Batch(msgspec.Struct, frozen=True):
    """The rows of one event name in a stage."""

    name: str
    index: int
    rows: int
    first_ts: int
    last_ts: int
    last_visible: int
    counted: list[Counted]


def drop_duplicates(con: duckdb.DuckDBPyConnection, stage: Stage) -> int:
    """Take events whose message id has been seen out of the stage, unless it has `unique_ids`."""
    if stage.unique_ids:
        return 0
    con.execute(
        sql(
            'CREATE OR REPLACE TEMP TABLE load_twice AS SELECT s."row" FROM {stage} AS s'
            ' JOIN (SELECT message_id, min("row") AS "row" FROM {stage} GROUP BY message_id'
            ' HAVING count(*) > 1) AS d USING (message_id) WHERE s."row" <> d."row"'
            ' UNION SELECT s."row" FROM {stage} AS s JOIN (SELECT id FROM message_ids'
            " SEMI JOIN {stage} AS t ON t.message_id = id) AS m ON m.id = s.message_id",
            stage=stage.table,
        )
    )
    row = con.execute(
        sql('DELETE FROM {stage} WHERE "row" IN (SELECT "row" FROM load_twice)', stage=stage.table)
    ).fetchone()
    return int(row[0]) if row else 0


def drop_rows(con: duckdb.DuckDBPyConnection, stage: Stage, rows: Collection[int]) -> None:
    """Take these rows out of the stage."""
    numbers = np.fromiter(rows, np.int64, len(rows))
    with Registered(con, "load_out", number=numbers):
        con.execute(
            sql(
                'DELETE FROM {stage} WHERE "row" IN (SELECT number FROM load_out)',
                stage=stage.table,
            )
        )


def remember_ids(con: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    """Remember the message ids of the stage for ever; not of one with `unique_ids`: they hold the
    content hash of their file, nothing else can carry them."""
    if not stage.unique_ids:
        con.execute(remember(sql("SELECT message_id AS id FROM {s}", s=stage.table)))


def refuse_names(con: duckdb.DuckDBPyConnection, stage: Stage) -> list[Refused]:
    """Give every new event name a table, and refuse rows of the names beyond the limit."""
    new = [
        row[0]
        for row in con.execute(
            sql(
                "SELECT name FROM {stage} ANTI JOIN events USING (name)"
                ' GROUP BY name ORDER BY min("row")',
                stage=stage.table,
            )
        ).fetchall()
    ]
    if not new:
        return []
    taken = [row[0] for row in con.execute("SELECT table_name FROM events").fetchall()]
    room = max(0, MOST_NAMES - len(taken))
    for event in new[:room]:
        table = slugs.table("event", event, taken)
        con.execute(create_event_table(table))
        con.execute(
            "INSERT INTO events VALUES ($name, $table, 0, NULL, NULL, NULL)",
            {"name": event, "table": table},
        )
        taken.append(table)
    return _refuse(con, stage, new[room:]) if new[room:] else []


def _refuse(con: duckdb.DuckDBPyConnection, stage: Stage, names: Sequence[str]) -> list[Refused]:
    rows = con.execute(
        sql(
            'DELETE FROM {s} WHERE name IN (SELECT unnest($names)) RETURNING "row", name',
            s=stage.table,
        ),
        {"names": list(names)},
    ).fetchall()
    why = f"there are already {MOST_NAMES} event names; put what varies into a property"
    return [
        Refused(row, "event.too_many_names", f"“{event}”: {why}") for row, event in sorted(rows)
    ]


def apply_events(
    con: duckdb.DuckDBPyConnection, stage: Stage, learned: Learned, offset: int
) -> None:
    """Move the stage's events into their tables; `offset` plus `row` is the sequence number."""
    batches = _batches(con, stage)
    _locate(con, stage, batches)
    rest = _rest_type(con, stage)
    tables = dict(con.execute("SELECT name, table_name FROM events").fetchall())
    listed: list[Listed] = []
    amounts: list[Money] = []
    for batch in batches:
        table = tables[batch.name]
        known = [(c.column.name, c.column.type) for c in batch.counted if c.known]
        fields = learned.fields("event:" + batch.name, table, EVENT_COLUMNS, known)
        listed += _insert(con, batch, table, fields, offset, rest)
        amounts += money(fields, stage.columns, _source(batch))
    list_values(con, listed)
    list_currencies(con, amounts)
    _count(con, batches)


def _batches(con: duckdb.DuckDBPyConnection, stage: Stage) -> list[_Batch]:
    rows = con.execute(
        sql(
            "SELECT name, count(*), min(ts), max(ts), max(greatest(ts, received_at)){counts}"
            " FROM {stage} GROUP BY name ORDER BY name",
            counts=count_columns(stage.columns),
            stage=stage.table,
        )
    ).fetchall()
    return [
        _Batch(row[0], i, row[1], row[2], row[3], row[4], read_counts(stage.columns, row[5:]))
        for i, row in enumerate(rows)
    ]


def _locate(con: duckdb.DuckDBPyConnection, stage: Stage, batches: Sequence[_Batch]) -> None:
    """The stage with dense ids, in `load_events`. Its own columns are named with an @."""
    con.execute("CREATE OR REPLACE TEMP TABLE load_asked AS SELECT id AS contact FROM load_contact")
    has_sole = spells.sole_accounts(con, "load_asked")
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE {located} AS"
            ' SELECT n.index AS "@event", c.id AS "@contact", c.number AS "@named",'
            ' {account} AS "@account", s.account IS NOT NULL AS "@stated",'
            " s.* EXCLUDE (name, contact, account)"
            " FROM {stage} AS s JOIN (SELECT unnest($names) AS name,"
            " unnest($indexes)::SMALLINT AS index) AS n ON n.name = s.name"
            " LEFT JOIN load_contact AS c ON c.identity = s.contact"
            " LEFT JOIN load_account AS a ON a.identity = s.account{sole}",
            located=LOCATED,
            account=Sql("coalesce(a.id, o.account)" if has_sole else "a.id"),
            stage=stage.table,
            sole=Sql(
                " LEFT JOIN load_sole AS o ON o.contact = c.id AND s.account IS NULL"
                " AND s.ts >= o.start AND s.ts < o.stop"
                if has_sole
                else ""
            ),
        ),
        {"names": [b.name for b in batches], "indexes": [b.index for b in batches]},
    )


def _rest_type(con: duckdb.DuckDBPyConnection, stage: Stage) -> Sql:
    """The stage's `rest` as JSON, or NULL when it has none."""
    columns = con.execute(sql("DESCRIBE {s}", s=stage.table)).fetchall()
    return Sql("rest::JSON") if any(row[0] == "rest" for row in columns) else _NOTHING


def _insert(
    con: duckdb.DuckDBPyConnection,
    batch: _Batch,
    table: str,
    fields: Mapping[str, Field],
    offset: int,
    rest: Sql,
) -> list[Listed]:
    """Move one name's rows; returns the columns whose values may be worth listing."""
    source = _source(batch)
    values: dict[str, Sql] = {}
    misfits: list[StageColumn] = []
    listed: list[Listed] = []
    for c in batch.counted:
        field = fields.get(c.column.name)
        if field is None or not (c.known or c.wrong):
            continue
        value = convert(sql("{c}", c=c.column.column), c.column.type, field.type)
        if value is None:
            misfits.append(c.column)
            field.wrong += c.known + c.wrong
            continue
        field.known += c.known
        field.wrong += c.wrong
        earlier = values.get(field.column)
        values[field.column] = sql("coalesce({a}, {b})", a=earlier, b=value) if earlier else value
        if worth_listing(field, c):
            listed.append(Listed("event:" + batch.name, field.name, c.column.column, source))
    values["rest"] = _rest(rest, misfits)
    _move(con, table, source, values, {"offset": offset, "names": [m.name for m in misfits]})
    return listed


def _source(batch: _Batch) -> Sql:
    return sql('FROM {l} WHERE "@event" = {i}', l=LOCATED, i=Sql(str(batch.index)))


def _rest(rest: Sql, misfits: Sequence[StageColumn]) -> Sql:
    """The loader's `rest` together with the values that are not of the stored type."""
    for i, m in enumerate(misfits):
        rest = sql(
            "CASE WHEN {c} IS NULL THEN {rest} ELSE json_merge_patch(coalesce({rest}, '{{}}'),"
            " json_object({name}, {c})) END",
            c=m.column,
            rest=rest,
            name=bound("names", i),
        )
    return rest


def _move(
    con: duckdb.DuckDBPyConnection,
    table: str,
    source: Sql,
    values: dict[str, Sql],
    parameters: dict[str, object],
) -> None:
    if not parameters["names"]:
        del parameters["names"]
    con.execute(
        sql(
            "INSERT INTO {table} (seq, ts, received_at, contact, account, account_stated,"
            ' message_id, named, {columns}) SELECT $offset + "row", ts, received_at, "@contact",'
            ' "@account", "@stated", message_id, "@named", {values} {source}',
            table=table,
            columns=[name(c) for c in values],
            values=values.values(),
            source=source,
        ),
        parameters,
    )


def _count(con: duckdb.DuckDBPyConnection, batches: Sequence[_Batch]) -> None:
    con.execute(
        "UPDATE events SET rows = events.rows + b.rows, first_ts = least(events.first_ts, b.first),"
        " last_ts = greatest(events.last_ts, b.last),"
        " last_visible = greatest(events.last_visible, b.visible)"
        " FROM (SELECT unnest($names) AS name, unnest($rows) AS rows, unnest($first) AS first,"
        " unnest($last) AS last, unnest($visible) AS visible) AS b WHERE b.name = events.name",
        {
            "names": [b.name for b in batches],
            "rows": [b.rows for b in batches],
            "first": [b.first_ts for b in batches],
            "last": [b.last_ts for b in batches],
            "visible": [b.last_visible for b in batches],
        },
    )
