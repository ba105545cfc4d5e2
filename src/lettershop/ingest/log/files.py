"""The files of the log: `000000000001.sqlite` holds requests from that sequence number on.

Each is an SQLite database in WAL mode with one table, one row per request. SQLite's checksums
repair a torn tail; a file that comes to exist has its table already, because it is made under
another name first.
"""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from lettershop.model.errors import InputError

SUFFIX = ".sqlite"
PAGE = 16_384
"""Bytes of a page: large bodies are written in fewer pieces; measured 1.4 times 4 KB pages."""
CHECKPOINT = 256
"""Pages of the write-ahead log after which they are moved into the file: a pause below 10 ms."""

_TABLE = """
    CREATE TABLE request (
        seq INTEGER PRIMARY KEY,
        received_at INTEGER NOT NULL,
        source TEXT NOT NULL,
        call TEXT NOT NULL,
        body BLOB NOT NULL
    )
"""


BUSY_SECONDS = 10.0
"""How long to wait for another process that holds the file, such as a backup."""

Row = tuple[int, int, str, str, bytes]
"""seq, received_at, source, call, body"""


class LogFile(NamedTuple):
    """`first` is the smallest sequence number the file may hold."""

    first: int
    path: Path


def list_files(folder: Path) -> list[LogFile]:
    """The oldest first."""
    names = (path for path in folder.glob("*" + SUFFIX) if path.stem.isdecimal())
    return sorted(LogFile(int(path.stem), path) for path in names)


def write_part(folder: Path, first: int, rows: Iterable[Row] = ()) -> Path:
    """A file that does not count yet. OSError, sqlite3.Error."""
    part = folder / f"{first:012}.part"
    remove(part)
    connection = sqlite3.connect(part, isolation_level=None)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE)
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO request VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    finally:
        connection.close()
    return part


def publish(part: Path, first: int) -> LogFile:
    """Let the part count; durable when this returns."""
    path = part.with_suffix(SUFFIX)
    part.replace(path)
    sync_folder(path.parent)
    return LogFile(first, path)


def create(folder: Path, first: int) -> LogFile:
    """A new, empty file. OSError, sqlite3.Error."""
    return publish(write_part(folder, first), first)


def open_to_write(file: LogFile) -> sqlite3.Connection:
    """A connection for the one thread that writes; may be handed to it from another."""
    connection = _connect(file.path, "rw")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
    return connection


def open_to_read(file: LogFile) -> sqlite3.Connection:
    # Not mode=ro: after a crash the first one to open the file has to repair its tail.
    connection = _connect(file.path, "rw")
    connection.execute("PRAGMA query_only = ON")
    return connection


def last_seq_in(connection: sqlite3.Connection, file: LogFile) -> int:
    (last,) = connection.execute("SELECT max(seq) FROM request").fetchone()
    return file.first - 1 if last is None else int(last)


def make_folder(folder: Path) -> None:
    """InputError when it cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in folder.glob("*.part*"):
            part.unlink()
    except OSError as error:
        message = f"the log of incoming requests cannot be kept here: {error.strerror}"
        hint = "give the account that runs lettershop write access to the folder"
        raise InputError("intake.folder", message, where=str(folder), hint=hint) from None


def remove(path: Path) -> None:
    """The file and what SQLite keeps beside it."""
    for suffix in ("-wal", "-shm", ""):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make names in the folder survive a power cut."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(
        address, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
    )
