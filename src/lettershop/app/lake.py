"""The lake of a workspace: written on demand or by the clock, looked at, tidied, taken over."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec

from lettershop.app.rebuild import Counts, change_places, counts, held, room_beside
from lettershop.app.settings import read_settings
from lettershop.app.workspace import DATABASE, Workspace
from lettershop.engines.duckdb.lake.export import Tell, export, watermark_of
from lettershop.engines.duckdb.lake.loading import load
from lettershop.engines.duckdb.store import Store
from lettershop.lake.manifest import Manifest, Part
from lettershop.lake.snapshots import newest, numbers, snapshot, sweep, vacuum
from lettershop.lake.storage import Lake, lake_at
from lettershop.model.clock import format_instant
from lettershop.model.errors import NotFound, UsageError, WorkspaceError
from lettershop.model.settings import Settings


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """`changed`: this export has made the snapshot; `written`: bytes of new parts."""

    address: str
    snapshot: int
    made_at: str
    changed: bool
    rows: int
    parts: int
    new_parts: int
    written: int
    seconds: float


class SnapshotSaid(msgspec.Struct, frozen=True, kw_only=True):
    """`seq`: the request of the raw log up to which it goes; `bytes` of all its parts."""

    snapshot: int
    made_at: str
    seq: int
    visible: str
    rows: int
    parts: int
    bytes: int


class LakeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`snapshots`: the newest first. `behind`: requests that are facts here and not in the lake
    yet. `bytes`: of everything the kept snapshots name."""

    address: str
    snapshots: tuple[SnapshotSaid, ...]
    behind: int
    bytes: int


class Vacuumed(msgspec.Struct, frozen=True, kw_only=True):
    """Parts removed because only old snapshots named them, and because none did."""

    address: str
    outdated: int
    lost: int


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    snapshot: int
    made_at: str
    rows: int
    counts: Counts
    seq: int
    """The request of the raw log up to which the facts go."""
    old: str | None
    """Where the database from before is now."""


def lake_of(folder: Path, settings: Settings, address: str = "") -> Lake:
    """The lake of the workspace at `folder`, or that at another address; UsageError `lake.none`
    without either."""
    lake = Lake(address) if address else lake_set(folder, settings)
    if lake is None:
        raise UsageError(
            "lake.none",
            "this workspace has no lake",
            where="lake",
            hint='lake = "lake" in lettershop.toml; or name one',
        )
    return lake


def lake_set(folder: Path, settings: Settings) -> Lake | None:
    """The lake that the settings of the workspace at `folder` name; None where they name none."""
    return lake_at(settings.lake, folder) if settings.lake else None


def export_lake(
    workspace: Workspace, address: str = "", tell: Tell | None = None, *, anew: bool = False
) -> Exported:
    """Write a snapshot of the facts, if anything changed, and remove outdated ones. Errors are
    those of `export` and of `lake_of`."""
    lake = lake_of(workspace.path, workspace.settings, address)
    began, now = time.monotonic(), workspace.clock.now()
    before = newest(lake)
    made = export(workspace.store, lake, now, tell, anew=anew)
    vacuum(lake, now)
    return _exported(lake, made, before, time.monotonic() - began)


def lake_status(workspace: Workspace, address: str = "") -> LakeStatus:
    """What lies in the lake, and how far it is behind the facts."""
    lake = lake_of(workspace.path, workspace.settings, address)
    kept = [snapshot(lake, number) for number in numbers(lake)]
    files = {part.path: part.bytes for one in kept for part in _parts(one)}
    loaded = watermark_of(workspace.store).seq
    return LakeStatus(
        address=lake.address,
        snapshots=tuple(_said(one) for one in reversed(kept)),
        behind=max(0, loaded - (kept[-1].watermark.seq if kept else 0)),
        bytes=sum(files.values()),
    )


def vacuum_lake(workspace: Workspace, address: str = "") -> Vacuumed:
    """Remove what no kept snapshot names."""
    lake = lake_of(workspace.path, workspace.settings, address)
    outdated = vacuum(lake, workspace.clock.now())
    return Vacuumed(address=lake.address, outdated=outdated, lost=sweep(lake))


def import_lake(
    folder: Path,
    address: str = "",
    number: int | None = None,
    tell: Tell | None = None,
    *,
    replace: bool = False,
) -> Imported:
    """Take the facts of a snapshot over into the workspace at `folder`, which nobody has open: of
    the newest one, or of that number. The facts from before stay, under another name.

    WorkspaceError `lake.facts_there` when there are facts and `replace` is false, and as `load`;
    NotFound `lake.no_snapshot`.
    """
    settings = read_settings(folder, os.environ)
    lake = lake_of(folder, settings, address)
    manifest = newest(lake) if number is None else snapshot(lake, number)
    if manifest is None:
        message = "nothing was exported to this lake yet"
        raise NotFound("lake.no_snapshot", message, where=lake.address)
    database = folder / DATABASE
    database.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = room_beside(database, ".import")
    with held(database) as old:
        if old is not None and not replace and _has_facts(old):
            raise WorkspaceError(
                "lake.facts_there",
                "this workspace has facts already",
                where=str(database),
                hint="--replace takes the lake's instead; the old database is kept",
            )
        load(lake, manifest, fresh, settings, tell)
        with Store.open(fresh, settings=settings) as store:
            found = counts(store.con)
    return Imported(
        snapshot=manifest.snapshot,
        made_at=format_instant(manifest.made_at),
        rows=rows_of(manifest),
        counts=found,
        seq=manifest.watermark.seq,
        old=change_places(database, fresh, "import"),
    )


def rows_of(manifest: Manifest) -> int:
    return sum(table.rows for table in manifest.tables.values())


def _has_facts(old: duckdb.DuckDBPyConnection) -> bool:
    """Also of an earlier format."""
    rows = old.execute("SELECT estimated_size FROM duckdb_tables() WHERE estimated_size > 0")
    return len(rows.fetchall()) > 1  # one is `meta`, which says the format


def _exported(lake: Lake, made: Manifest, before: Manifest | None, seconds: float) -> Exported:
    known = {part.path for part in _parts(before)} if before else set[str]()
    new = [part for part in _parts(made) if part.path not in known]
    return Exported(
        address=lake.address,
        snapshot=made.snapshot,
        made_at=format_instant(made.made_at),
        changed=before is None or before.snapshot != made.snapshot,
        rows=rows_of(made),
        parts=sum(1 for _ in _parts(made)),
        new_parts=len(new),
        written=sum(part.bytes for part in new),
        seconds=round(seconds, 3),
    )


def _said(manifest: Manifest) -> SnapshotSaid:
    found = [*_parts(manifest)]
    return SnapshotSaid(
        snapshot=manifest.snapshot,
        made_at=format_instant(manifest.made_at),
        seq=manifest.watermark.seq,
        visible=format_instant(manifest.watermark.visible),
        rows=sum(part.rows for part in found),
        parts=len(found),
        bytes=sum(part.bytes for part in found),
    )


def _parts(manifest: Manifest) -> Iterator[Part]:
    for table in manifest.tables.values():
        for partition in table.partitions:
            yield from partition.parts
