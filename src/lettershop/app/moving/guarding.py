"""Nobody else at work while records are copied; what a database holds already; and the mark that a
move leaves in the database it goes to, until the setting is switched."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError, OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from lettershop.app.moving.copying import count
from lettershop.app.moving.tables import MADE_ANEW, Table
from lettershop.app.records import APPLICATION, SQLITE, described, sqlite_file
from lettershop.model.errors import InputError, WorkspaceError

MARK: Final = "lettershop_move"  # a table
PATIENCE: Final = 5
"""Seconds for which others may still be about to end."""
OTHERS: Final = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = %s AND pid <> pg_backend_pid()"""
ALONE: Final = {
    "transaction_mode": "EXCLUSIVE",
    "timeout": PATIENCE,
    "init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL",
}
"""SQLite leaves its log (WAL) only while nobody else has the file open; then one file is all."""


def alone(folder: Path, address: str, name: str = SQLITE) -> dict[str, Any]:
    """A database as Django describes it, for nobody but us; `name`: of the SQLite file."""
    if address:
        return described(folder, address)
    return sqlite_file(folder / "data" / name) | {"OPTIONS": dict(ALONE)}


@contextmanager
def steady(wrapper: BaseDatabaseWrapper, known: Sequence[Table]) -> Iterator[None]:
    """What is read stays as it is until the end: nobody writes, on this machine or another.
    WorkspaceError `records.in_use`."""
    _nobody_else(wrapper)
    with transaction.atomic(using=wrapper.alias):
        if wrapper.vendor == "postgresql":
            _locked(wrapper, known)
        yield


def _locked(wrapper: BaseDatabaseWrapper, known: Sequence[Table]) -> None:
    """Before anything is read: what is seen is then of the moment in which the locks are had."""
    names = ", ".join(wrapper.ops.quote_name(table.name) for table in known)
    with wrapper.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        try:
            cursor.execute(f"LOCK TABLE {names} IN SHARE MODE")
        except OperationalError:
            raise in_use("somebody writes into them") from None


@contextmanager
def one_state(wrapper: BaseDatabaseWrapper) -> Iterator[None]:
    """What is read is of one moment; others go on writing."""
    with transaction.atomic(using=wrapper.alias):
        if wrapper.vendor == "postgresql":
            with wrapper.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def in_use(message: str) -> WorkspaceError:
    hint = "stop the server, senders and other commands first, on every machine"
    return WorkspaceError("records.in_use", f"the records are in use: {message}", hint=hint)


def _nobody_else(wrapper: BaseDatabaseWrapper) -> None:
    with wrapper.cursor() as cursor:
        if wrapper.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone()[0] == "wal":  # it was told to leave that, see ALONE
                raise in_use("a sender or a command has the file open")
            return
        cursor.execute(OTHERS, [APPLICATION])
        others = cursor.fetchone()[0]
    if others:
        raise in_use(f"{others} connections of Lettershop are open")


# --- the database it goes to ---------------------------------------------------------------------


def make_room(
    there: BaseDatabaseWrapper, known: Sequence[Table], folder: Path, *, replace: bool
) -> None:
    """Within the transaction of the copy: empty tables. What is in them may be thrown away when
    `replace` says so, or when this workspace's own move was broken off after it.

    InputError `records.not_empty`; WorkspaceError `records.in_use`.
    """
    _nobody_else(there)
    full = held(there, known)
    if full and not replace and broken_off(there) != origin(folder):
        message = f"there are records already: {', '.join(full[:5])}"
        hint = "name an empty database, or throw away what is there: --replace"
        raise InputError("records.not_empty", message, where=_name(there), hint=hint)
    if there.vendor != "postgresql":  # a file that is named what it is when all is done
        return
    names = ", ".join(there.ops.quote_name(table.name) for table in known)
    with there.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        cursor.execute("DROP TABLE IF EXISTS lettershop_move")
        cursor.execute("CREATE TABLE lettershop_move (origin text)")
        cursor.execute("INSERT INTO lettershop_move VALUES (%s)", [origin(folder)])


def held(wrapper: BaseDatabaseWrapper, known: Sequence[Table]) -> list[str]:
    """Tables with rows in them that somebody has put there."""
    return [t.name for t in known if t.name not in MADE_ANEW and count(wrapper, t)]


def origin(folder: Path) -> str:
    return f"{socket.gethostname()}:{folder.resolve()}"


def broken_off(wrapper: BaseDatabaseWrapper) -> str:
    """Where records came from that were copied here, and for which the setting was not switched."""
    with wrapper.cursor() as cursor:
        if MARK not in wrapper.introspection.table_names(cursor):
            return ""
        cursor.execute("SELECT origin FROM lettershop_move")
        found = cursor.fetchone()
        return str(found[0]) if found else ""


def unmark(wrapper: BaseDatabaseWrapper) -> None:
    if wrapper.vendor != "postgresql":
        return
    with wrapper.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS lettershop_move")


def _name(wrapper: BaseDatabaseWrapper) -> str:
    return str(wrapper.settings_dict["NAME"])


@contextmanager
def exclusive() -> Iterator[None]:
    """An SQLite file that somebody has open says so as a database error."""
    try:
        yield
    except (DatabaseError, InputError) as error:
        if "is locked" in str(error):
            raise in_use("a sender or a command has the file open") from None
        raise


def fresh_file(path: Path) -> None:
    """A new file for nobody but its owner; what a broken-off move left is gone."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
