"""Records of PostgreSQL inside a backup: an SQLite file, of one moment, and nobody has to stop.

A restored workspace has its records there, and cannot touch those it was made from.
"""

from pathlib import Path

from django.db import transaction

from lettershop.app import records
from lettershop.app.moving.copying import Copied, Tell, copy_all
from lettershop.app.moving.guarding import fresh_file, one_state
from lettershop.app.moving.tables import tables
from lettershop.model.settings import Settings

ONE_FILE = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF"
"""It is a copy on its way into an archive: broken off, it is made again."""


def keep(folder: Path, settings: Settings, target: Path, tell: Tell) -> tuple[Copied, ...]:
    """The records of the workspace `folder` in a new file. InputError `records.unreachable`,
    `records.refused`, `records.differ`."""
    fresh_file(target)
    known, file = tables(), records.sqlite_file(target)
    file["OPTIONS"]["init_command"] = ONE_FILE
    with (
        records.beside(records.described(folder, settings.records)) as here,
        records.beside(file) as there,
        one_state(here),
        transaction.atomic(using=there.alias),
    ):
        return tuple(copy_all(here, there, known, tell))
