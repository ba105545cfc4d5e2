"""One file that holds a whole workspace, made while it is in use, and the way back.

lettershop-2026-11-22T10-15-00Z.tar
    manifest.json        format, when, and size and SHA-256 of every file
    lettershop.toml, segments/, sources/, …
    data/facts.duckdb    a consistent copy, as of one committed state
    data/records.sqlite  also when they are in PostgreSQL: copied, of one moment
    data/intake/         the raw log, copied after the facts: it never lacks what they hold
    data/kept/, data/secret.key
"""

import hashlib
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from lettershop.app.changing.changing import changed_text
from lettershop.app.moving.keeping import keep
from lettershop.app.records import MOVED, SECRET, SQLITE, secret_key
from lettershop.app.settings import FILE, said_in
from lettershop.app.workspace import DATABASE, Workspace
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import format_instant
from lettershop.model.errors import InputError, WorkspaceError

FORMAT = 1
LEFT_OUT = (
    *("backups", "uploads", "refused", "server.json", "facts.lock", "loader.json"),
    *("records.migrating", f"{SQLITE}.", MOVED),
)
"""In data/: what can be made again, or belongs to a running process."""

Tell = Callable[[str, int, int], None]
"""(what, bytes done, bytes in all)"""


class Entry(msgspec.Struct, frozen=True):
    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    made_at: str
    version: str
    records: str
    """“sqlite” when they are inside, “postgresql” when they are not (until 0.1 they never were)."""
    origin: str = "sqlite"
    """Where the records were: “sqlite” or “postgresql”."""
    entries: tuple[Entry, ...]


class BackupReport(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    size: int
    files: int
    records: str
    """Where they are: “sqlite” or “postgresql”; inside in any case."""


def backup(
    workspace: Workspace, version: str, target: Path | None = None, tell: Tell | None = None
) -> BackupReport:
    """Write a backup of the workspace to `target`, by default into `data/backups/`.

    The facts are read through a connection of their own: work goes on meanwhile.
    """
    made_at = format_instant(workspace.clock.now() // 1000 * 1000)
    data = workspace.path / DATABASE.parent
    name = f"lettershop-{made_at.replace(':', '-')}.tar"
    path = target or data / "backups" / name
    if path.exists():
        raise InputError("backup.exists", "this file exists already", where=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
            origin = _stage(workspace, Path(folder), tell or _quiet)
            files = _pack(Path(folder), part, made_at, version, origin, tell or _quiet)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return BackupReport(path=str(path), size=path.stat().st_size, files=files, records=origin)


def _stage(workspace: Workspace, folder: Path, tell: Tell) -> str:
    """Consistent copies of everything; which database holds the records."""
    data, copy = workspace.path / DATABASE.parent, folder / DATABASE.parent
    outside = bool(workspace.settings.records)
    copy.mkdir()
    _copy_facts(workspace.store, folder / DATABASE)
    for source in sorted(workspace.path.iterdir()):
        if source.name != data.name and not source.is_symlink():
            _copy(source, folder / source.name)
    for source in sorted(data.rglob("*")):
        inside = source.relative_to(data)
        if source.is_dir() or inside.parts[0].startswith((*LEFT_OUT, DATABASE.name, ".")):
            continue
        if outside and inside.name == SQLITE:
            continue
        (copy / inside).parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".sqlite":
            _copy_sqlite(source, copy / inside)
        elif not source.name.endswith(("-wal", "-shm", ".part")):
            shutil.copy2(source, copy / inside)
    if outside:
        keep(workspace.path, workspace.settings, copy / SQLITE, tell)
        _keep_key(data, copy)
    return "postgresql" if outside else "sqlite"


def _keep_key(data: Path, copy: Path) -> None:
    """It may be said in the environment of machines that share records."""
    with os.fdopen(os.open(copy / SECRET, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.truncate()
        file.write(secret_key(data))


def _copy_facts(store: Store, target: Path) -> None:
    """By the engine itself: reading the file beside it would release its lock (POSIX, fcntl)."""
    reader = store.reader()
    con = reader.con
    here = con.execute("SELECT current_database()").fetchall()[0][0]
    con.execute("ATTACH $target AS backup", {"target": str(target)})
    try:
        with reader.snapshot():
            con.execute(sql("COPY FROM DATABASE {here} TO backup", here=here))
    finally:
        con.execute("DETACH backup")
        reader.close()


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as here,
        closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)


def _pack(folder: Path, part: Path, made_at: str, version: str, origin: str, tell: Tell) -> int:
    files = sorted(f for f in folder.rglob("*") if f.is_file() and not f.is_symlink())
    total, done, entries = sum(f.stat().st_size for f in files), 0, []
    for file in files:
        entries.append(_entry(folder, file))
    manifest = Manifest(
        format=FORMAT,
        made_at=made_at,
        version=version,
        records="sqlite",
        origin=origin,
        entries=tuple(entries),
    )
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    # Whoever can read the workspace's secrets can sign in: for the owner's eyes only.
    closed = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(closed, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(folder / "manifest.json", "manifest.json")
        for file in files:
            archive.add(file, str(file.relative_to(folder)))
            done += file.stat().st_size
            tell(str(file.relative_to(folder)), done, total)
    return len(files)


def _entry(folder: Path, file: Path) -> Entry:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Entry(str(file.relative_to(folder)), file.stat().st_size, digest)


def restore(archive: Path, folder: Path, tell: Tell | None = None) -> Manifest:
    """Unpack a backup into a new or empty folder, every file compared with its checksum.

    InputError `backup.damaged`, `backup.not_one`, `backup.format`; WorkspaceError
    `restore.not_empty`. On any error the folder is left as it was.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WorkspaceError(
            "restore.not_empty",
            "this folder is not empty; a backup is restored into a new one",
            where=str(folder),
            hint="name a new folder, look at it, then put it in the old one's place",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".restore-", dir=folder.parent) as work:
        manifest = _unpack(archive, Path(work) / "new", tell or _quiet)
        _at_home(Path(work) / "new")
        if folder.exists():
            folder.rmdir()
        (Path(work) / "new").replace(folder)
    return manifest


def _at_home(folder: Path) -> None:
    """Its records are in it: those it was made from may be at work still."""
    file = folder / FILE
    text = file.read_text("utf-8") if file.exists() else ""
    if (folder / DATABASE.parent / SQLITE).exists() and "records" in said_in(text):
        file.write_text(changed_text(text, {"records": None}), "utf-8")


def _unpack(archive: Path, target: Path, tell: Tell) -> Manifest:
    target.mkdir()
    try:
        with tarfile.open(archive, "r:") as opened:
            opened.extractall(target, filter="data")
        manifest = msgspec.json.decode((target / "manifest.json").read_bytes(), type=Manifest)
    except (tarfile.TarError, FileNotFoundError, msgspec.DecodeError) as error:
        where = str(archive)
        raise InputError("backup.not_one", f"is not a whole backup: {error}", where=where) from None
    if manifest.format != FORMAT:
        message = f"has format {manifest.format}, this lettershop reads {FORMAT}"
        raise InputError("backup.format", message, where=str(archive))
    (target / "manifest.json").unlink()
    total, done = sum(e.size for e in manifest.entries), 0
    for entry in manifest.entries:
        if not (target / entry.path).is_file() or _entry(target, target / entry.path) != entry:
            message = f"{entry.path} is missing or differs from its checksum"
            raise InputError("backup.damaged", message, where=str(archive))
        done += entry.size
        tell(entry.path, done, total)
    for found in _files(target):
        if found not in {entry.path for entry in manifest.entries}:
            raise InputError("backup.damaged", f"{found} is not listed", where=str(archive))
    return manifest


def _files(folder: Path) -> Iterator[str]:
    yield from (str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())


def _quiet(what: str, done: int, total: int) -> None:
    pass
