"""Events that came twice: message ids identify them for ever.

Beside each id its hash is stored (`key`): to look through eight bytes of every event there ever was
takes a tenth of the time that the ids would take, and only where a key is met the id is compared.
"""

from collections.abc import Sequence

import duckdb
import numpy as np

from lettershop.engines.duckdb.compose import Sql, sql


def repeated(
    con: duckdb.DuckDBPyConnection, numbers: Sequence[int], ids: Sequence[str]
) -> set[int]:
    """The numbers of those events whose message id was seen before, here or in what is stored."""
    seen = _seen(con, ids) if ids else set()
    if not seen and len(set(ids)) == len(ids):
        return set()
    found = set()
    for number, message_id in sorted(zip(numbers, ids, strict=True)):
        if message_id in seen:
            found.add(number)
        seen.add(message_id)
    return found


def remember(ids: Sql) -> Sql:
    """Store message ids; `ids` is a query with the column `id`."""
    return sql("INSERT INTO message_ids SELECT id, hash(id) FROM ({ids})", ids=ids)


def check_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Make the stored keys again if this version of the database hashes in another way."""
    row = con.execute("SELECT id, key <> hash(id) FROM message_ids LIMIT 1").fetchone()
    if row is not None and row[1]:
        con.execute("UPDATE message_ids SET key = hash(id)")


def _seen(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> set[str]:
    """Those of the ids that are stored. An array is read much faster than a bound list."""
    storable = ids
    if not all(map(str.isascii, ids)):
        storable = [i for i in ids if i.encode("utf-8", "ignore").decode() == i]
    con.register("load_ids", {"id": np.array(storable, dtype=object)})
    try:
        met = con.execute(
            "SELECT rowid FROM message_ids WHERE key IN (SELECT hash(id) FROM load_ids)"
        ).fetchall()
    finally:
        con.unregister("load_ids")
    if not met:
        return set()
    rows = con.execute(
        "SELECT id FROM message_ids WHERE rowid IN (SELECT unnest($met))",
        {"met": [row[0] for row in met]},
    ).fetchall()
    return {row[0] for row in rows}.intersection(storable)
