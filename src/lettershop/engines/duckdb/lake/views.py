"""A snapshot of the lake, asked as if it were the database: views over its files, nothing copied.

For questions about few (identities of members, the explanation of one subject), whose rows DuckDB
finds by the statistics of the files; who is in a segment of millions is asked of a cluster.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from lettershop.engines.duckdb.compose import Sql, name, sql
from lettershop.engines.duckdb.lake.columns import ORD, file_type, from_lake
from lettershop.engines.duckdb.store import Store
from lettershop.lake.manifest import Column, Manifest, Table
from lettershop.lake.storage import Lake
from lettershop.model.catalog import Catalog
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings


class LakeStore(Store):
    """Only for reading. `manifest`: the snapshot it is of."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, settings: Settings, lake: Lake, manifest: Manifest
    ) -> None:
        super().__init__(con, None, settings)
        self.lake, self.manifest = lake, manifest

    def catalog(self) -> Catalog:
        return self.manifest.catalog

    def salt(self, name: str) -> int:
        """InputError `lake.salt`: whoever owns the facts draws the salts of samples."""
        if name not in self.manifest.salts:
            message = f"the random sample “{name}” is not drawn in this snapshot of the lake"
            hint = "lettershop lake export writes a snapshot that knows it"
            raise InputError("lake.salt", message, where=self.lake.address, hint=hint)
        return self.manifest.salts[name]


@contextmanager
def lake_store(lake: Lake, manifest: Manifest, settings: Settings) -> Iterator[LakeStore]:
    """The snapshot as a store, for as long as the `with` lasts."""
    with duckdb.connect() as con:
        con.execute("SET memory_limit = $limit", {"limit": settings.memory_limit})
        con.execute("SET pandas_analyze_sample = 0")
        if lake.folder is None:
            con.register_filesystem(lake.files)
        for table in manifest.tables.values():
            _view(con, lake, table)
        yield LakeStore(con, settings, lake, manifest)


def _view(con: duckdb.DuckDBPyConnection, lake: Lake, table: Table) -> None:
    """With the columns and types of the table; histories in the order of the table they were."""
    empty, files = f"empty {table.name}", f"files {table.name}"
    con.execute(sql("CREATE TABLE {t} ({c})", t=empty, c=map(_declared, table.columns)))
    source = name(empty)
    if table.paths:
        found = con.read_parquet(_places(lake, table), union_by_name=True)
        found.create_view(files)
        # Parts that were written before a column came lack it; all of them, perhaps.
        source = sql("(FROM {e} UNION ALL BY NAME FROM {f})", e=empty, f=files)
    con.execute(
        sql(
            "CREATE VIEW {t} AS SELECT {columns} FROM {source}",
            t=table.name,
            columns=map(_column, table.columns),
            source=source,
        )
    )


def _places(lake: Lake, table: Table) -> list[str]:
    folder = lake.folder
    if folder is None:
        return [lake.url(path) for path in table.paths]
    return [str(folder / path) for path in table.paths]


def _declared(column: Column) -> Sql:
    return sql("{c} {type}", c=column.name, type=file_type(column))


def _column(column: Column) -> Sql:
    """The order of a history is its row number, in the database."""
    shown = "rowid" if column == ORD else column.name
    return sql("{value} AS {shown}", value=from_lake(column), shown=shown)
