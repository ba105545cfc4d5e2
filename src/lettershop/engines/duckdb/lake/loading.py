"""A new database from a snapshot: the same tables, rows, order and ids as where it was written.

Every part is compared with its count and fingerprint before it is taken, every table with its count
afterwards.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb

from lettershop.engines.duckdb.compose import Sql, name, sql
from lettershop.engines.duckdb.lake.census import WORD, Count
from lettershop.engines.duckdb.lake.columns import ORD, columns_of, from_lake, own_type
from lettershop.engines.duckdb.lake.layout import Layout, layouts
from lettershop.engines.duckdb.schema import FORMAT
from lettershop.engines.duckdb.store import Store
from lettershop.lake.manifest import Column, Manifest, Part, Table
from lettershop.lake.storage import Lake
from lettershop.model.errors import WorkspaceError
from lettershop.model.settings import Settings

Tell = Callable[[str, int, int], None]
"""(table, rows taken, rows in all)"""
FIRST: Final = ("meta", "events", "record_kinds")
"""Tables that say what the others are."""
_FILES: Final = Sql("read_parquet($files, union_by_name := true, hive_partitioning := false)")
"""Parts written before a column came lack it; the names of folders are no columns."""


def load(
    lake: Lake,
    manifest: Manifest,
    database: Path,
    settings: Settings,
    progress: Tell | None = None,
) -> None:
    """Make the database file, which must not exist yet; on an error it is incomplete.

    WorkspaceError `lake.damaged` when a part is not what the manifest says,
    `workspace.other_version` when the facts are those of another version.
    """
    tell, total, done = progress or _quiet, _rows(manifest), 0
    with Store.open(database, settings=settings) as store:
        indexes = _drop_indexes(store.con)
        _prepare(store, lake, manifest)
        shapes = {layout.table: layout for layout in layouts(store.con)}
        for table in manifest.tables.values():
            tell(table.name, done, total)
            with store.transaction(), _files(lake, table) as files:
                _check(store.con, shapes[table.name], table, files)
                if table.name not in FIRST:
                    _take(store.con, table, files)
            done += table.rows
        for index in indexes:
            store.con.execute(index)
        store.con.execute("CHECKPOINT")


def _rows(manifest: Manifest) -> int:
    return sum(table.rows for table in manifest.tables.values())


def _prepare(store: Store, lake: Lake, manifest: Manifest) -> None:
    """All tables, empty but for those that say what the others are."""
    with store.transaction():
        there = columns_of(store.con)
        for table in manifest.tables.values():
            _make(store.con, table, there.get(table.name))
        for key in FIRST:
            with _files(lake, manifest.tables[key]) as files:
                _take(store.con, manifest.tables[key], files)
        _check_format(store, lake)


def _check_format(store: Store, lake: Lake) -> None:
    found = store.meta("format")
    if found != str(FORMAT):
        raise WorkspaceError(
            "workspace.other_version",
            f"the facts in this lake have format {found}, this lettershop reads format {FORMAT}",
            where=lake.address,
            hint="use the version that wrote it",
        )


def _drop_indexes(con: duckdb.DuckDBPyConnection) -> list[Sql]:
    """They are made again when all rows are there, which is faster; the statements for that."""
    rows = con.execute("SELECT index_name, sql FROM duckdb_indexes()").fetchall()
    for index, _ in rows:
        con.execute(sql("DROP INDEX {i}", i=index))
    return [Sql(statement) for _, statement in rows]


@contextmanager
def _files(lake: Lake, table: Table) -> Iterator[list[Path]]:
    """The table's parts on this machine, in their order."""
    folder = lake.folder
    if folder is not None:
        yield [folder / path for path in table.paths]
        return
    with TemporaryDirectory(prefix="lake-") as here:
        files = []
        for number, path in enumerate(table.paths):
            files.append(Path(here) / f"{number:06}.parquet")
            lake.get(path, files[-1])
        yield files


def _make(con: duckdb.DuckDBPyConnection, table: Table, there: tuple[Column, ...] | None) -> None:
    """The table, empty, with the columns of the snapshot in their order; `there`: those it has
    from the beginning."""
    columns = stored_columns(table)
    if there is None:
        definitions = [sql("{c} {type}", c=c.name, type=own_type(c)) for c in columns]
        con.execute(sql("CREATE TABLE {t} ({columns})", t=table.name, columns=definitions))
        return
    if there != columns[: len(there)]:
        message = "its columns are not those of this version of lettershop"
        raise WorkspaceError("lake.format", message, where=table.name)
    con.execute(sql("DELETE FROM {t}", t=table.name))
    for column in columns[len(there) :]:
        con.execute(
            sql(
                "ALTER TABLE {t} ADD COLUMN {c} {type}",
                t=table.name,
                c=column.name,
                type=own_type(column),
            )
        )


def stored_columns(table: Table) -> tuple[Column, ...]:
    """Those that the database has: the order of histories is the rows' own there."""
    return tuple(c for c in table.columns if not (table.sort == "history" and c == ORD))


def _check(
    con: duckdb.DuckDBPyConnection, layout: Layout, table: Table, files: Sequence[Path]
) -> None:
    parts = [part for partition in table.partitions for part in partition.parts]
    for part, file in zip(parts, files, strict=True):
        try:
            found = _counted(con, layout, table, file)
        except duckdb.Error as error:
            raise _damaged(part, f"cannot be read: {str(error).splitlines()[0]}") from None
        if found != Count(part.rows, part.fingerprint):
            raise _damaged(part, "does not hold what the snapshot says")


def _counted(con: duckdb.DuckDBPyConnection, layout: Layout, table: Table, file: Path) -> Count:
    watched = [column for column in table.columns if column.name in layout.watched]
    row = con.execute(
        sql(
            "SELECT count(*), {fingerprint} FROM (SELECT {columns} FROM {files})",
            files=_FILES,
            fingerprint=layout.fingerprint_in_files,
            columns=[sql("{value} AS {c}", value=from_lake(c), c=c.name) for c in watched],
        ),
        {"files": [str(file)]},
    ).fetchall()[0]
    return Count(row[0], (row[1] or 0) % WORD)


def _damaged(part: Part, what: str) -> WorkspaceError:
    hint = "import an earlier snapshot: lettershop lake status lists them"
    return WorkspaceError(
        "lake.damaged", f"this part of the lake {what}", where=part.path, hint=hint
    )


def _take(con: duckdb.DuckDBPyConnection, table: Table, files: Sequence[Path]) -> None:
    if not files:
        return
    said = {"files": [str(file) for file in files]}
    there = {
        row[0] for row in con.execute(sql("DESCRIBE FROM {files}", files=_FILES), said).fetchall()
    }
    columns = [column for column in stored_columns(table) if column.name in there]
    row = con.execute(
        sql(
            "INSERT INTO {t} ({names}) SELECT {values} FROM {files}{order}",
            files=_FILES,
            t=table.name,
            names=[name(column.name) for column in columns],
            values=map(from_lake, columns),
            order=_order(table),
        ),
        said,
    ).fetchone()
    if row is None or row[0] != table.rows:
        message = f"{row[0] if row else 0} rows were taken, the snapshot has {table.rows}"
        raise WorkspaceError("lake.damaged", message, where=table.name)


def _order(table: Table) -> Sql:
    """In the order in which they were stored first; other tables' parts have it already."""
    match table.sort:
        case "events":
            return Sql(" ORDER BY seq")
        case "history":
            return sql(" ORDER BY {ord}", ord=ORD.name)
        case "wide" | "other":
            return Sql("")


def _quiet(table: str, done: int, total: int) -> None:
    pass
