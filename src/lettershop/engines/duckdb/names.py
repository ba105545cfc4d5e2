"""The fields that name a subject: `user_id` and `email` of contacts, `id` of accounts and records.

They are traits with the time of the fact that was loaded first with that name, unless that very
fact writes the field itself. Of several addresses in one fact the last is written.
"""

from collections.abc import Sequence

import duckdb

from lettershop.engines.duckdb.compose import Sql, sql, union_all
from lettershop.engines.duckdb.identify import PLACES, place
from lettershop.engines.duckdb.learn import Learned
from lettershop.engines.duckdb.stage import Stage
from lettershop.engines.duckdb.traits import ACCOUNTS, CONTACTS, Target, refresh
from lettershop.model.values import ValueType

_PLACES = Sql(str(PLACES))


def name_contacts(
    con: duckdb.DuckDBPyConnection, stages: Sequence[Stage], learned: Learned
) -> None:
    """Write `user_id` and `email` of the identities that `identify.contacts` found to be new."""
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE load_named AS SELECT i.contact AS subject,"
            " CASE WHEN starts_with(identity, 'user:') THEN 'user_id' ELSE 'email' END AS key,"
            " arg_max(substr(identity, strpos(identity, ':') + 1), f.place) AS name,"
            " arg_max(i.number, f.place) AS named,"
            " f.place // {places} AS fact"
            " FROM load_fresh AS f JOIN identities AS i USING (identity)"
            " WHERE starts_with(identity, 'user:') OR starts_with(identity, 'email:')"
            " GROUP BY subject, key, fact",
            places=_PLACES,
        )
    )
    _write_names(con, CONTACTS, stages, learned)


def name_accounts(
    con: duckdb.DuckDBPyConnection, stages: Sequence[Stage], learned: Learned
) -> None:
    """Write the `id` of the accounts in `load_new`."""
    name_records(con, ACCOUNTS, stages, learned)


def name_records(
    con: duckdb.DuckDBPyConnection, target: Target, stages: Sequence[Stage], learned: Learned
) -> None:
    """Write the `id` of the subjects in `load_new`."""
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE load_named AS SELECT id AS subject, 'id' AS key,"
            " identity AS name, NULL::BIGINT AS named, place // {places} AS fact FROM load_new",
            places=_PLACES,
        )
    )
    _write_names(con, target, stages, learned)


def _write_names(
    con: duckdb.DuckDBPyConnection, target: Target, stages: Sequence[Stage], learned: Learned
) -> None:
    sort = target.scope.partition(":")[0]
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE load_names AS SELECT n.subject, n.key, r.ts,"
            " r.received_at, r.message_id, n.name AS text, n.named FROM load_named AS n"
            " JOIN ({rows}) AS r USING (fact) WHERE NOT list_contains(r.says, n.key)",
            rows=union_all(_rows(sort, s, place(i)) for i, s in enumerate(stages)),
        )
    )
    found = con.execute(
        "SELECT key, count(*), max(greatest(ts, received_at)) FROM load_names GROUP BY key"
        " ORDER BY key DESC"
    ).fetchall()
    if not found:
        return
    con.execute(sql("INSERT INTO {h} BY NAME FROM load_names", h=target.history))
    keys: list[tuple[str, ValueType]] = [(key, "text") for key, _, _ in found]
    fields = learned.fields(target.scope, target.table, target.ours, keys)
    for key, count, visible in found:
        fields[key].known += count
        fields[key].many = True
        learned.saw(target.scope, visible)
    columns = [(k, "text", fields[k].column) for k, _ in keys if fields[k].type == "text"]
    refresh(con, target, columns, subjects="load_names")


def _rows(sort: str, stage: Stage, at: Sql) -> Sql:
    """When the facts of a stage were said, and which naming fields they write themselves."""
    says = [
        sql("CASE WHEN {w} THEN {key} END", w=column.written or Sql("true"), key=key)
        for column in stage.columns
        if stage.sort == sort and (key := _KEYS.get(column.name))
    ]
    return sql(
        "SELECT {at} // {places} AS fact, ts, received_at, message_id, [{says}]::VARCHAR[] AS says"
        " FROM {table}",
        at=at,
        places=_PLACES,
        says=says,
        table=stage.table,
    )


_KEYS = {key: Sql(f"'{key}'") for key in ("user_id", "email", "id")}


def names_subject(scope: str, field: str) -> bool:
    """Whether the field names its subject: such fields are texts, whatever they look like."""
    if scope == "contact":
        return field in ("user_id", "email")
    return field == "id" and (scope == "account" or scope.startswith("record:"))
