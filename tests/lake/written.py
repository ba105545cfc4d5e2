"""What a lake holds, read by DuckDB as any reader would, beside what is stored."""

from collections import Counter
from typing import Any

import duckdb

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.lake.columns import from_lake
from lettershop.engines.duckdb.lake.layout import layouts
from lettershop.engines.duckdb.lake.loading import stored_columns
from lettershop.engines.duckdb.store import Store
from lettershop.lake.manifest import Manifest, Table
from lettershop.lake.storage import Lake

Rows = list[tuple[Any, ...]]
_FILE = Sql("FROM read_parquet($file, hive_partitioning := false)")


def in_files(lake: Lake, table: Table) -> Rows:
    """The rows of a table in the order of the manifest; what a part lacks is None."""
    columns = stored_columns(table)
    found: Rows = []
    assert lake.folder is not None
    with duckdb.connect() as con:
        for path in table.paths:
            said = {"file": str(lake.folder / path)}
            asked = con.execute(f"DESCRIBE {_FILE}", said)
            there = {row[0] for row in asked.fetchall()}
            values = [
                sql("{v} AS {c}", v=from_lake(c) if c.name in there else Sql("NULL"), c=c.name)
                for c in columns
            ]
            found += con.execute(sql("SELECT {v} FROM ({f})", v=values, f=_FILE), said).fetchall()
    return found


def stored(store: Store, table: str) -> Rows:
    """In the order in which they were stored."""
    return store.con.execute(sql("SELECT * FROM {t} ORDER BY rowid", t=table)).fetchall()


def check(store: Store, lake: Lake, manifest: Manifest) -> None:
    """Every table is in the lake with just its rows, each part with as many as it says."""
    shapes = {layout.table: layout for layout in layouts(store.con)}
    assert set(shapes) == set(manifest.tables)
    for name, table in manifest.tables.items():
        found = in_files(lake, table)
        assert len(found) == table.rows, name
        assert Counter(map(repr, found)) == Counter(map(repr, stored(store, name))), name
        assert len(set(table.paths)) == len(table.paths)


def paths(manifest: Manifest, table: str) -> list[str]:
    return manifest.tables[table].paths
