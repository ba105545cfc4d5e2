"""Events that came twice: message ids identify them for ever."""

from collections.abc import Sequence

import duckdb
import numpy as np

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


def _seen(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> set[str]:
    """Those of the ids that are stored. An array is read much faster than a bound list."""
    storable = [i for i in ids if i.isascii() or i.encode("utf-8", "ignore").decode() == i]
    con.register("load_ids", {"id": np.array(storable, dtype=object)})
    try:
        rows = con.execute("SELECT id FROM message_ids SEMI JOIN load_ids USING (id)").fetchall()
    finally:
        con.unregister("load_ids")
    return {row[0] for row in rows}
