"""The same file again: known by its content, its events known by their message ids."""

from collections.abc import Sequence

import duckdb

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.repeats import remember
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.report import ImportReport
from lettershop.ingest.sql import from_table, name, text_of, tree


def seen_before(con: duckdb.DuckDBPyConnection, hash_: str, content: str) -> tuple[bool, bool]:
    """(imported with this mapping, imported with any mapping)."""
    row = con.execute(
        "SELECT count(*) FILTER (hash = $hash) > 0, count(*) > 0 FROM imports"
        " WHERE starts_with(hash, $content)",
        {"hash": hash_, "content": content},
    ).fetchone()
    return (bool(row[0]), bool(row[1])) if row else (False, False)


def note_import(con: duckdb.DuckDBPyConnection, hash_: str, report: ImportReport, at: int) -> None:
    con.execute(
        "INSERT INTO imports VALUES ($hash, $path, $rows, $refused, $at)",
        {
            "hash": hash_,
            "path": report.path,
            "rows": report.rows,
            "refused": report.refused_rows,
            "at": at,
        },
    )


def remember_ids(store: Store, prefixes: Sequence[str]) -> None:
    """Note the message ids of an earlier import of the file, which (being unique by their making)
    were not noted then, so that the store recognises its events."""
    for event in store.catalog().events.values():
        for prefix in filter(None, prefixes):
            ids = from_table(
                event.table,
                [name("message_id")],
                tree(
                    "starts_with(message_id, $p)"
                    " AND message_id NOT IN (SELECT id FROM message_ids)",
                    p=prefix,
                ),
            )
            found = sql("SELECT message_id AS id FROM ({ids})", ids=Sql(text_of(ids)))
            store.con.execute(remember(found))
