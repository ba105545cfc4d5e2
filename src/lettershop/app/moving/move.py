"""`lettershop records move`: all records to another database, then the setting that says where.

    nobody else at work -> copied and read back in one transaction -> committed -> switched

Killed before the switch, the old records are in force and the move can simply be made again; what
it left in PostgreSQL is known by its mark. SQLite's old file is kept under another name.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from msgspec.structs import replace as changed

from lettershop.access.audit import LOCAL, audit, verify
from lettershop.app import records
from lettershop.app.changing.changing import changed_text
from lettershop.app.changing.files import replace as replace_file
from lettershop.app.moving.copying import Copied, Tell, copy_all, count
from lettershop.app.moving.guarding import (
    alone,
    exclusive,
    fresh_file,
    held,
    make_room,
    steady,
    unmark,
)
from lettershop.app.moving.tables import Table, tables
from lettershop.app.settings import FILE, read_settings
from lettershop.app.workspace import Workspace
from lettershop.model.errors import InputError, UsageError
from lettershop.model.settings import Settings

VARIABLE: Final = "LETTERSHOP_RECORDS"
PART: Final = f"{records.SQLITE}.part"
Where = Literal["file", "environment"]


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """`origin`, `target`: without passwords. `said`: where the setting says so now: in the file, or
    it has to be said in the environment (`say`). `old`: SQLite's file from before. `broken`: the
    first entry of the audit trail that does not fit, as it was before."""

    origin: str
    target: str
    tables: tuple[Copied, ...]
    said: Where | None = None
    say: str = ""
    old: str = ""
    entries: int = 0
    broken: int | None = None


def move(
    folder: Path, to: str, tell: Tell, *, replace: bool = False, dry_run: bool = False
) -> Moved:
    """Records of the workspace to `to`: the address of a PostgreSQL database, or "" for SQLite.

    UsageError `records.same`; WorkspaceError `workspace.in_use`, `records.in_use`; InputError
    `records.not_empty`, `records.refused`, `records.differ`, and what `connect` raises.
    """
    settings = read_settings(folder, os.environ)
    _worth_it(settings.records, to)
    records.connect(folder, settings)  # it says what is wrong with them, before anything is begun
    records.disconnect()
    known = tables()
    with (
        Workspace.open(folder),  # no server has it then, and no other command
        exclusive(),
        _both(folder, settings.records, to) as (here, there),
        steady(here, known),
    ):
        with transaction.atomic(using=there.alias):
            make_room(there, known, folder, replace=replace)
            _free(folder, to, replace=replace)
            if dry_run:
                transaction.set_rollback(True, using=there.alias)
                return _planned(settings, to, here, known)
            made = copy_all(here, there, known, tell)
        said, old = _switch(folder, to)
        unmark(there)
    return _told(folder, settings, to, made, said, old)


def _worth_it(now: str, to: str) -> None:
    if now == to or (now and to and _place(now) == _place(to)):
        where = records.shown(to) if to else records.SQLITE
        raise UsageError("records.same", "the records are there already", where=where)


def _place(address: str) -> tuple[object, ...]:
    parts = urlsplit(address)
    return parts.hostname or dict(parse_qsl(parts.query)).get("host"), parts.port, parts.path


@contextmanager
def _both(
    folder: Path, now: str, to: str
) -> Iterator[tuple[BaseDatabaseWrapper, BaseDatabaseWrapper]]:
    part = folder / "data" / PART
    if not to:
        fresh_file(part)
    try:
        with (
            records.beside(alone(folder, now)) as here,
            records.beside(alone(folder, to, PART)) as there,
        ):
            yield here, there
    finally:
        part.unlink(missing_ok=True)


def _planned(
    settings: Settings, to: str, here: BaseDatabaseWrapper, known: Sequence[Table]
) -> Moved:
    planned = tuple(Copied(table.name, count(here, table), "") for table in known)
    return Moved(origin=_shown(settings.records), target=_shown(to), tables=planned)


def _free(folder: Path, to: str, *, replace: bool) -> None:
    file = folder / "data" / records.SQLITE
    if to or replace or not file.exists():
        return
    with records.beside(alone(folder, "")) as kept:
        full = held(kept, tables())
    if full:
        hint = "move it away, or throw it away: --replace"
        message = f"there are records already: {', '.join(full[:5])}"
        raise InputError("records.not_empty", message, where=str(file), hint=hint)


# --- the switch ----------------------------------------------------------------------------------


def _switch(folder: Path, to: str) -> tuple[Where, str]:
    """Where the setting is said now, and the old SQLite file's new name."""
    data, said = folder / "data", _where(to)
    file, old = data / records.SQLITE, ""
    if not to and file.exists():  # empty, or to be thrown away
        old = _aside(file)
    if not to:
        (data / PART).replace(file)
    if said == "file" or not to:
        text = (folder / FILE).read_text("utf-8")
        replace_file(folder / FILE, changed_text(text, {"records": to or None}))
    if to:
        replace_file(data / records.MOVED, records.shown(to) + "\n")
    else:
        (data / records.MOVED).unlink(missing_ok=True)
    if to and file.exists():
        old = _aside(file)
    return said, old


def _aside(file: Path) -> str:
    kept = file.with_name(f"{file.name}.moved-{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}")
    file.replace(kept)
    return str(kept)


def _where(to: str) -> Where:
    """Files are shared and kept as versions: passwords are for the environment."""
    parts = urlsplit(to)
    secret = parts.password or "password" in dict(parse_qsl(parts.query))
    return "environment" if secret or os.environ.get(VARIABLE) else "file"


def _told(
    folder: Path, settings: Settings, to: str, made: Sequence[Copied], said: Where, old: str
) -> Moved:
    """The first word in the new records, which is also the proof that they are to be used."""
    records.connect(folder, changed(settings, records=to))
    try:
        before = verify()
        audit(LOCAL, "records.move", _shown(to), origin=_shown(settings.records))
    finally:
        records.disconnect()
    unset = f"unset {VARIABLE}" if os.environ.get(VARIABLE) else ""
    say = f"{VARIABLE}={records.shown(to)}" if to else unset
    return Moved(
        origin=_shown(settings.records),
        target=_shown(to),
        tables=tuple(made),
        said=said,
        say=say if said == "environment" else "",
        old=old,
        entries=before.entries,
        broken=before.broken,
    )


def _shown(address: str) -> str:
    return records.shown(address) if address else "sqlite"
