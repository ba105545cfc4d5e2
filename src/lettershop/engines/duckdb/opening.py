"""Opening the database file: one process at a time, and clear words when it cannot be used."""

import os
import re
import sys
from pathlib import Path

import duckdb
import msgspec

from lettershop.model.clock import SystemClock, format_instant
from lettershop.model.errors import WorkspaceError


class Holder(msgspec.Struct, frozen=True):
    """Who has the database open: written next to it, for the message a second process gets.
    DuckDB holds the real lock; a file left behind by a dead process does no harm."""

    pid: int
    command: str
    since: str


def open_file(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """The connection; `WorkspaceError` when the file is in use or is not a database.

    A writer leaves `facts.lock` beside `facts.duckdb`; `release` removes it.
    """
    if read_only and not path.exists():
        raise WorkspaceError("workspace.absent", "there is no database here", where=str(path))
    if not path.parent.is_dir():
        raise WorkspaceError(
            "workspace.absent", "the folder does not exist", where=str(path.parent)
        )
    try:
        connection = duckdb.connect(str(path), read_only=read_only)
    except duckdb.Error as problem:
        text = str(problem)
    else:
        if not read_only:
            _lock_file(path).write_bytes(msgspec.json.encode(_myself()))
        return connection
    raise _explained(path, text)


def release(path: Path) -> None:
    """Remove the lock file if it is ours."""
    holder = _read_holder(path)
    if holder is not None and holder.pid == os.getpid():
        _lock_file(path).unlink(missing_ok=True)


def _explained(path: Path, text: str) -> WorkspaceError:
    if "lock" in text.lower():
        return _in_use(path, text)
    if "valid DuckDB database" in text or "serialization" in text or "version" in text:
        return WorkspaceError(
            "workspace.not_a_database",
            "this file is not a database that this version can read",
            where=str(path),
            hint="restore it from a backup, or remove it and import the data again",
        )
    return WorkspaceError(
        "workspace.unreadable", f"the database cannot be opened: {text}", where=str(path)
    )


def _in_use(path: Path, text: str) -> WorkspaceError:
    holder = _read_holder(path)
    found = re.search(r"PID (\d+)", text)
    pid = int(found[1]) if found else holder.pid if holder else None
    who = f"process {pid}" if pid is not None else "another process"
    if holder is not None and holder.pid == pid:
        who += f" (“{holder.command}”, since {holder.since})"
    return WorkspaceError(
        "workspace.in_use",
        f"the workspace is in use by {who}",
        where=str(path),
        hint="wait until it has finished, or stop it",
    )


def _myself() -> Holder:
    command = " ".join(sys.orig_argv)[:200]
    return Holder(os.getpid(), command, format_instant(SystemClock().now() // 1000 * 1000))


def _read_holder(path: Path) -> Holder | None:
    try:
        return msgspec.json.decode(_lock_file(path).read_bytes(), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None


def _lock_file(path: Path) -> Path:
    return path.with_suffix(".lock")
