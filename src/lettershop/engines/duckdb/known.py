"""The catalog, read from the tables that loads keep up to date."""

from collections import defaultdict

import duckdb

from lettershop.model.catalog import Catalog, EventInfo, FieldInfo, RecordInfo


def read_catalog(con: duckdb.DuckDBPyConnection) -> Catalog:
    """Everything learned so far. Costs a few small queries; `Store.catalog` keeps the answer."""
    fields = _fields(con)
    events = con.execute(
        "SELECT name, table_name, rows, first_ts, last_ts, last_visible FROM events ORDER BY name"
    ).fetchall()
    kinds = con.execute("SELECT kind, table_name, rows FROM record_kinds ORDER BY kind").fetchall()
    rates = con.execute("SELECT DISTINCT source, target FROM rates ORDER BY ALL").fetchall()
    visible = con.execute(
        "SELECT substr(key, 14), value::BIGINT FROM meta WHERE starts_with(key, 'last_visible:')"
    ).fetchall()
    return Catalog(
        contact=fields.get("contact", {}),
        account=fields.get("account", {}),
        membership=_membership(con),
        records={
            kind: RecordInfo(
                kind=kind, table=table, rows=rows, fields=fields.get("record:" + kind, {})
            )
            for kind, table, rows in kinds
        },
        events={
            row[0]: EventInfo(
                name=row[0],
                table=row[1],
                rows=row[2],
                first_ts=row[3],
                last_ts=row[4],
                last_visible=row[5],
                properties=fields.get("event:" + row[0], {}),
            )
            for row in events
        },
        rates=tuple((source, target) for source, target in rates),
        last_visible=dict(visible),
    )


def _fields(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, FieldInfo]]:
    values: dict[tuple[str, str], list[str]] = defaultdict(list)
    for scope, name, value in con.execute(
        "SELECT scope, name, value FROM field_values ORDER BY count DESC, value"
    ).fetchall():
        values[scope, name].append(value)
    fields: dict[str, dict[str, FieldInfo]] = defaultdict(dict)
    for scope, name, kind, column, known, wrong, currency, currencies in con.execute(
        "SELECT scope, name, type, column_name, known, wrong, currency, currencies FROM fields"
        " ORDER BY rowid"
    ).fetchall():
        fields[scope][name] = FieldInfo(
            name=name,
            type=kind,
            column=column,
            known=known,
            wrong=wrong,
            values=tuple(values.get((scope, name), ())),
            currency=currency,
            currencies=tuple(currencies),
        )
    return fields


def _membership(con: duckdb.DuckDBPyConnection) -> dict[str, FieldInfo]:
    row = con.execute("SELECT count(role), count(joined) FROM people").fetchone()
    roles = con.execute(
        "SELECT role FROM people WHERE role IS NOT NULL GROUP BY role"
        " ORDER BY count(*) DESC, role LIMIT 51"
    ).fetchall()
    known = row or (0, 0)
    listed = tuple(r[0] for r in roles) if len(roles) <= 50 else ()
    return {
        "role": FieldInfo(name="role", type="text", column="role", known=known[0], values=listed),
        "joined": FieldInfo(name="joined", type="time", column="joined", known=known[1]),
    }
