"""Pieces of tables become files: each sorted, compressed, counted, then put into the lake whole."""

import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.lake.columns import ORD, to_lake
from lettershop.engines.duckdb.lake.drafting import Piece
from lettershop.engines.duckdb.lake.layout import ROWID, Layout
from lettershop.lake.manifest import RANGE, Column, Part
from lettershop.lake.snapshots import part_path
from lettershop.lake.storage import Lake
from lettershop.model.clock import DAY
from lettershop.model.errors import Unavailable

STAGING = ".staging"
"""Where files are made, in the folder of a lake."""
LEFT = 3600
"""Seconds after which a folder in there, in which nothing happens, is nobody's."""


class Writer:
    """Writes the parts of one snapshot, through a connection that sees one state of everything."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, lake: Lake, snapshot: int, folder: Path
    ) -> None:
        self._con, self._lake, self._snapshot, self._folder = con, lake, snapshot, folder

    def write(self, layout: Layout, key: str, piece: Piece) -> Part:
        token = secrets.token_hex(6)
        made = self._folder / f"{token}.parquet"
        rows = self._copy(layout, piece, made)
        if rows != piece.holds.rows:
            message = f"{rows} rows were written where {piece.holds.rows} were counted"
            raise Unavailable("lake.miscounted", message, where=f"{layout.table} {key}")
        size = made.stat().st_size
        path = part_path(layout.table, key, self._snapshot, token)
        self._lake.put(made, path)
        return Part(
            path=path,
            rows=rows,
            bytes=size,
            fingerprint=piece.holds.fingerprint,
            first=piece.places.start,
        )

    def _copy(self, layout: Layout, piece: Piece, target: Path) -> int:
        wanted, bounds = _where(layout, piece)
        row = self._con.execute(
            sql(
                "COPY (SELECT {columns} FROM {t} WHERE {wanted} ORDER BY {order})"
                " TO $target (FORMAT parquet, COMPRESSION zstd)",
                columns=[_selected(layout, column) for column in layout.columns],
                t=layout.table,
                wanted=wanted,
                order=layout.sorted,
            ),
            {"target": str(target), **bounds},
        ).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def staging(lake: Lake) -> Iterator[Path]:
    """A folder for files that are being made: on the disk of the lake, if it has one. What writers
    that were killed have left there goes after a while."""
    parent = lake.folder
    if parent is not None:
        parent = parent / STAGING
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.iterdir():
            if time.time() - left.stat().st_mtime > LEFT:
                shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix="lake-", dir=parent) as folder:
        yield Path(folder)


def _selected(layout: Layout, column: Column) -> Sql:
    if layout.sort == "history" and column == ORD:
        return sql("{place} AS {c}", place=ROWID, c=column.name)
    return sql("{value} AS {c}", value=to_lake(column), c=column.name)


def _where(layout: Layout, piece: Piece) -> tuple[Sql, dict[str, int]]:
    """The condition for the rows of a piece, and its parameters."""
    wanted, bounds = ["true"], dict[str, int]()
    if layout.by != "all":
        unit = DAY if layout.by == "day" else RANGE
        bounds |= {"low": piece.groups.start * unit, "high": piece.groups.stop * unit}
        wanted.append(sql("{c} >= $low AND {c} < $high", c=layout.cut))
    if layout.grows:
        bounds |= {"first": piece.places.start, "upto": piece.places.stop}
        wanted.append(sql("{p} >= $first AND {p} < $upto", p=layout.place))
    return Sql(" AND ".join(wanted)), bounds
