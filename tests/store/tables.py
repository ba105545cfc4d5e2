"""The store's tables, read back into the words of the facts."""

from decimal import Decimal
from typing import Any

from lettershop.engines.duckdb.compose import name, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import Fields

MICRO = 1_000_000


def plain(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value * MICRO)
        case list():
            return tuple(value)
        case {"lat": lat, "lon": lon}:
            return (lat, lon)
        case _:
            return value


def rows(store: Store, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    found = store.con.execute(
        sql("SELECT {columns} FROM {table} ORDER BY ALL", table=table, columns=map(name, columns))
    ).fetchall()
    return [tuple(map(plain, row)) for row in found]


def wide(store: Store, table: str, fields: Fields, ours: list[str]) -> dict[str, dict[str, Any]]:
    """identity -> every column of ours and every known field."""
    columns = ["identity", *ours, *(f.column for f in fields.values())]
    keys = [*ours, *fields]
    return {
        row[0]: {k: v for k, v in zip(keys, row[1:], strict=True) if v is not None}
        for row in rows(store, table, columns)
    }


def people(store: Store) -> dict[tuple[str, str], tuple[bool, str | None, int | None]]:
    found = store.con.execute(
        "SELECT c.identity, a.identity, p.active, p.role, p.joined FROM people AS p"
        " JOIN contacts AS c ON c.id = p.contact JOIN accounts AS a ON a.id = p.account"
    ).fetchall()
    return {(row[0], row[1]): row[2:] for row in found}


def events(store: Store) -> dict[str, dict[str, Any]]:
    """message id -> name, times, contact and account as text, known properties."""
    contacts = dict(store.con.execute("SELECT id, identity FROM contacts").fetchall())
    accounts = dict(store.con.execute("SELECT id, identity FROM accounts").fetchall())
    found = {}
    for info in store.catalog().events.values():
        ours = ["message_id", "ts", "received_at", "contact", "account", "account_stated"]
        columns = [*ours, *(f.column for f in info.properties.values())]
        for row in rows(store, info.table, columns):
            known = {k: v for k, v in zip(info.properties, row[6:], strict=True) if v is not None}
            found[row[0]] = {
                "name": info.name,
                "times": row[1:3],
                "contact": contacts.get(row[3]),
                "account": accounts.get(row[4]),
                "stated": row[5],
                **known,
            }
    return found
