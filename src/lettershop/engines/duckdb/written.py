"""Everything that was ever written of one contact's or account's traits, the newest first."""

from collections.abc import Sequence
from typing import Any

import msgspec

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.entries import Side
from lettershop.engines.duckdb.schema import VALUE_COLUMN
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import Fields
from lettershop.model.values import ValueType

_TYPES: tuple[ValueType, ...] = tuple(VALUE_COLUMN)


class Write(msgspec.Struct, frozen=True):
    """`value` as stored; None where it ended a value. `at` is since when it holds, ms."""

    key: str
    at: int
    received_at: int
    message_id: str
    value: Any


def writes(store: Store, side: Side, subject: int, limit: int) -> list[Write]:
    """In the order in which they count: what holds now comes first. Ours (`@deleted`) are left
    out."""
    rows = store.con.execute(
        sql(
            "SELECT key, ts, received_at, message_id, {columns} FROM {history} WHERE subject = $who"
            " AND NOT starts_with(key, '@')"
            " ORDER BY ts DESC, received_at DESC, message_id DESC, rowid DESC LIMIT $limit",
            columns=[sql("{c}", c=VALUE_COLUMN[kind]) for kind in _TYPES],
            history=f"{side}_history",
        ),
        {"who": subject, "limit": limit},
    ).fetchall()
    fields = store.catalog().account if side == "account" else store.catalog().contact
    return [
        Write(key, at, received, message, values[_TYPES.index(fields[key].type)])
        for key, at, received, message, *values in rows
        if key in fields
    ]


class Return(msgspec.Struct, frozen=True):
    """An event about a letter: `message` is its row of the ledger, `grade` who it was by."""

    name: str
    message: int
    grade: str
    at: int
    url: str


def letter_events(store: Store, contact: int, names: Sequence[str], limit: int) -> list[Return]:
    """The events of these names about letters sent to a contact, the oldest first."""
    branches, asked = [], dict[str, Any](who=contact, limit=limit)
    known = store.catalog().events
    for number, info in enumerate(known[name] for name in names if name in known):
        message = info.properties.get("message")
        if message is None or message.type != "number":
            continue
        name = f"n{number}"
        asked[name] = info.name
        branches.append(
            sql(
                "SELECT {name} AS name, {message}::BIGINT AS message, {grade} AS grade, ts,"
                " {url} AS url FROM {table} WHERE contact = $who AND {message} IS NOT NULL",
                name=Sql(f"${name}"),
                message=message.column,
                grade=_text(info.properties, "grade"),
                url=_text(info.properties, "link_url"),
                table=info.table,
            )
        )
    if not branches:
        return []
    rows = store.con.execute(
        sql(
            "SELECT name, message, grade, ts, url FROM ({all}) ORDER BY ts, name LIMIT $limit",
            all=Sql("\nUNION ALL ".join(branches)),
        ),
        asked,
    ).fetchall()
    return [Return(*row) for row in rows]


def _text(properties: Fields, name: str) -> Sql:
    info = properties.get(name)
    if info is None or info.type != "text":
        return Sql("''")
    return sql("coalesce({c}, '')", c=info.column)
