"""One snapshot of the lake: what changed since the newest one, then the manifest.

Everything is read in one transaction through a connection of its own, so nobody is held up and the
snapshot is one state of everything. A process that dies anywhere before the manifest leaves the
former snapshot as it was; its parts are never named by any, and removed some day (`sweep`).
"""

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final

import duckdb

from lettershop.engines.duckdb.lake.drafting import Drafted, Piece, draft
from lettershop.engines.duckdb.lake.layout import layouts
from lettershop.engines.duckdb.lake.writing import Writer, staging
from lettershop.engines.duckdb.store import Store
from lettershop.lake.manifest import Manifest, Partition, Table, Watermark
from lettershop.lake.snapshots import commit, latest
from lettershop.lake.storage import Lake
from lettershop.model.catalog import Catalog
from lettershop.model.errors import InputError

Tell = Callable[[str, int, int], None]
"""(table, rows written, rows to be written)"""
Beside = Callable[[Store], None]
"""Asked of the very state that is written."""
IDENTITY: Final = "@lake"
"""The salt by which a lake knows whose facts it holds: it is drawn once and copied with them."""
_WRITING: Final = threading.Lock()
"""Threads of one process take turns; other processes are told by the number of the snapshot."""
QUIET: Final = frozenset({"meta"})
"""Tables in which something changes all the time; alone they are worth no snapshot."""


def export(
    store: Store,
    lake: Lake,
    at: int,
    progress: Tell | None = None,
    *,
    anew: bool = False,
    beside: Callable[[Store], None] | None = None,
) -> Manifest:
    """Write a snapshot if anything changed since the newest one; the newest manifest then. `at`:
    now (ms). `anew`: write all parts again, whatever was written before. `beside`: asked of the
    very state that is written. In one process one export waits for the other.

    InputError `lake.of_another` for a lake with the facts of another workspace, `lake.ahead` for
    one that knows more than these facts; Unavailable `lake.overtaken` when another writes it.
    """
    identity = store.salt(IDENTITY)
    with _WRITING, closing(store.reader()) as reader, reader.snapshot():
        former = latest(lake)
        if former is not None:
            _check(lake, former, identity, watermark_of(reader))
        if beside is not None:
            beside(reader)
        drafted = _drafted(reader.con, None if anew else former)
        if former is not None and not anew and _is_same(former, drafted, watermark_of(reader)):
            return former
        manifest = _written(reader, lake, former, drafted, at, progress or _quiet)
        commit(lake, manifest)
    return manifest


def _drafted(con: duckdb.DuckDBPyConnection, former: Manifest | None) -> list[Drafted]:
    tables = former.tables if former is not None else {}
    return [draft(con, layout, tables.get(layout.table)) for layout in layouts(con)]


def _written(
    reader: Store,
    lake: Lake,
    former: Manifest | None,
    drafted: list[Drafted],
    at: int,
    tell: Tell,
) -> Manifest:
    """The parts are in the lake, the manifest is not yet."""
    number = former.snapshot + 1 if former is not None else 1
    with staging(lake) as folder:
        tables = _write(Writer(reader.con, lake, number, folder), drafted, tell)
    return Manifest(
        snapshot=number,
        made_at=at,
        watermark=watermark_of(reader),
        catalog=reader.catalog(),
        salts=salts_of(reader.con),
        timezone=reader.settings.timezone,
        timezone_field=reader.settings.timezone_field,
        tables=tables,
    )


def watermark_of(store: Store) -> Watermark:
    """How far the facts of a database go."""
    seq, part = (int(store.meta(key) or 0) for key in ("intake_seq", "intake_part"))
    return Watermark(seq=seq, part=part, visible=_visible(store.catalog()))


def salts_of(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return dict(con.execute("SELECT name, salt FROM salts ORDER BY name").fetchall())


def _visible(catalog: Catalog) -> int:
    events = (info.last_visible for info in catalog.events.values())
    return max([0, *(at for at in events if at is not None), *catalog.last_visible.values()])


def _check(lake: Lake, former: Manifest, identity: int, now: Watermark) -> None:
    """Whether these facts may go on with that lake."""
    if former.salts.get(IDENTITY) != identity:
        raise InputError(
            "lake.of_another",
            "this lake holds the facts of another workspace",
            where=lake.address,
            hint="export to another address; or take those facts over: lettershop lake import",
        )
    then = former.watermark
    if (then.seq, then.part) > (now.seq, now.part):
        raise InputError(
            "lake.ahead",
            f"the lake holds requests up to {then.seq:,}, these facts only up to {now.seq:,}",
            where=lake.address,
            hint="lettershop lake import takes over what the lake has; or export elsewhere",
        )


def _is_same(former: Manifest, drafted: list[Drafted], now: Watermark) -> bool:
    """Whether a snapshot would say nothing new."""
    if former.watermark != now or {one.layout.table for one in drafted} != {*former.tables}:
        return False
    return not any(
        _is_changed(former.tables[one.layout.table], one)
        for one in drafted
        if one.layout.table not in QUIET
    )


def _is_changed(former: Table, now: Drafted) -> bool:
    keys = [partition.key for partition in now.partitions]
    gone = keys != [partition.key for partition in former.partitions]
    return gone or former.columns != now.layout.columns or any(True for _ in now.pieces)


def _write(writer: Writer, drafted: list[Drafted], tell: Tell) -> dict[str, Table]:
    total, done = sum(p.holds.rows for one in drafted for p in one.pieces), 0
    tables = {}
    for one in drafted:
        partitions = []
        for partition in one.partitions:
            parts = []
            for part in partition.parts:
                if isinstance(part, Piece):
                    tell(one.layout.table, done, total)
                    done += part.holds.rows
                    part = writer.write(one.layout, partition.key, part)
                parts.append(part)
            partitions.append(Partition(key=partition.key, parts=tuple(parts), days=partition.days))
        tables[one.layout.table] = Table(
            name=one.layout.table,
            sort=one.layout.sort,
            columns=one.layout.columns,
            partitions=tuple(partitions),
            upto=one.upto,
        )
    return tables


def _quiet(table: str, done: int, total: int) -> None:
    pass
