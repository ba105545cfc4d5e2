"""Events that came twice: message ids identify them for ever.

Beside each id its hash is stored (`key`): to look through eight bytes of every event there ever was
takes a tenth of the time that the ids would take, and only where a key is met the id is compared.
"""

from collections.abc import Sequence

import duckdb
import numpy as np

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.model.facts import AnyFact, EventFact

Numbered = tuple[int, AnyFact]


def without_repeats(
    con: duckdb.DuckDBPyConnection, facts: Sequence[AnyFact]
) -> tuple[list[Numbered], int]:
    """The facts with their numbers, without events whose message id was seen before; and how many
    those were."""
    ids = [fact.message_id for fact in facts if isinstance(fact, EventFact)]
    seen = _seen(con, ids) if ids else set()
    numbered = list(enumerate(facts))
    if not seen and len(set(ids)) == len(ids):
        return numbered, 0
    kept = []
    for row, fact in numbered:
        if isinstance(fact, EventFact):
            if fact.message_id in seen:
                continue
            seen.add(fact.message_id)
        kept.append((row, fact))
    return kept, len(facts) - len(kept)


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
    storable = [i for i in ids if i.isascii() or i.encode("utf-8", "ignore").decode() == i]
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
