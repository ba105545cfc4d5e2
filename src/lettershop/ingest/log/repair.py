"""A damaged file is set aside, and what can still be read of it goes into a fresh one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import structlog

from lettershop.ingest.log.files import (
    LogFile,
    Row,
    last_seq_in,
    open_to_read,
    publish,
    remove,
    write_part,
)
from lettershop.ingest.log.request import Request

LEAST_ROW = 16
"""Bytes a request takes at least: how many a file of unknown end can hold at most."""

_log = structlog.get_logger()

ONE = "SELECT seq, received_at, source, call, body FROM request WHERE seq = ?"


DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""Result codes that speak of the file; SQLITE_ERROR is “no such table”. Others speak of the disk,
of memory, of another process: then nothing may be set aside."""


def is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE


def is_sound(file: LogFile) -> bool:
    """Whether SQLite finds nothing wrong, after repairing a torn tail by itself. sqlite3.Error."""
    try:
        with closing(open_to_read(file)) as connection:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            last_seq_in(connection, file)
            return bool(answer == "ok")
    except sqlite3.Error as error:
        if is_damage(error):
            return False
        raise


def repaired(file: LogFile, following: int | None = None) -> LogFile:
    """The file itself if it is sound, else a new one of the same name with what was readable.

    `following` is where the file after it begins. The damaged file stays beside it as `….damaged`,
    for people to look at. OSError, sqlite3.Error when even that fails.
    """
    if is_sound(file):
        return file
    stop = following or file.first + _bytes(file) // LEAST_ROW + 1
    rows = [as_row(request) for request in readable(file, file.first, stop)]
    part = write_part(file.path.parent, file.first, rows)
    aside = _set_aside(file)
    _log.error("intake.damaged", file=file.path.name, kept_as=aside.name, recovered=len(rows))
    return publish(part, file.first)


def readable(file: LogFile, start: int, stop: int) -> Iterator[Request]:
    """Every request from `start` to before `stop` that can still be read, one by one."""
    try:
        with closing(open_to_read(file)) as connection:
            for seq in range(start, stop):
                try:
                    row = connection.execute(ONE, (seq,)).fetchone()
                except sqlite3.DatabaseError:
                    continue  # this one is lost, its neighbours need not be
                if row is not None:
                    yield as_request(row)
    except sqlite3.DatabaseError:
        return


def _bytes(file: LogFile) -> int:
    parts = (Path(f"{file.path}{suffix}") for suffix in ("", "-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def as_request(row: Row) -> Request:
    seq, received_at, source, call, body = row
    return Request(seq=seq, received_at=received_at, source=source, call=call, body=body)


def as_row(request: Request) -> Row:
    return (request.seq, request.received_at, request.source, request.call, request.body)


def _set_aside(file: LogFile) -> Path:
    aside = file.path.with_suffix(".damaged")
    while aside.exists():
        aside = aside.with_suffix(aside.suffix + "x")
    file.path.replace(aside)
    log = Path(f"{file.path}-wal")
    if log.exists():
        log.replace(f"{aside}-wal")
    remove(file.path)
    return aside
