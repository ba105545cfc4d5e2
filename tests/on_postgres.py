"""The whole suite with its records on PostgreSQL: `pytest --records postgresql`.

The tests do not know: where a workspace says nothing about its records, they are in a database of
that folder's own. It is made when it is first connected to, as a copy of a migrated one; a copied
folder (most often of what a session has prepared) gets a copy of its database. Tests that are about
SQLite itself keep it: they are marked `sqlite`, or told once for each of the two.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg
from msgspec.structs import replace
from postgres import Postgres
from psycopg import sql

from lettershop.app import records, settings as reading
from lettershop.model.settings import Settings

MARK: Final = ".records"
"""A file in `data/` with the database's name: it goes along when the folder is copied."""
VARIABLE: Final = "LETTERSHOP_RECORDS"
"""For processes that a test starts: the database that was made or connected to last."""
Reader = Callable[[Path, Mapping[str, str]], Settings]


class Databases:
    """Which folder has which database. `active` is false while a test is about SQLite itself."""

    def __init__(self, server: Postgres) -> None:
        self._server, self.active = server, False
        self._of: dict[Path, str] = {}
        self._like: dict[str, str] = {}
        self._made: set[str] = set()
        self._numbers = count(1)
        self._migrated = ""
        self._read: Reader = reading.read_settings
        self._connect = records.connect

    def address(self, folder: Path) -> str:
        """Of a database that need not be there yet."""
        folder = folder.resolve()
        mark = folder / "data" / MARK
        said = mark.read_text("ascii") if mark.exists() else ""
        if not said or self._of.get(folder) != said:
            name = self._of[folder] = f"of{next(self._numbers)}"
            self._like[name] = said
            mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            mark.write_text(name, "ascii")
        return self._server.address(self._of[folder])

    def there(self, folder: Path) -> str:
        """The address of the folder's database, made if it is not there."""
        address = self.address(folder)
        name = self._of[folder.resolve()]
        if name not in self._made:
            like = self._like[name]
            like = like if like in self._made else self._empty()
            self._do("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, like)
            self._made.add(name)
        os.environ[VARIABLE] = address
        return address

    def drop(self, below: Path) -> None:
        """What folders in `below` had; databases of others stay for the whole session."""
        for folder in [one for one in self._of if one.is_relative_to(below.resolve())]:
            name = self._of.pop(folder)
            if name in self._made:
                self._made.remove(name)
                self._do("DROP DATABASE {} WITH (FORCE)", name)

    def read_settings(self, folder: Path, environ: Mapping[str, str]) -> Settings:
        said = environ.get(VARIABLE, "")
        if self.active and self._server.name(said) in self._like:
            environ = {name: text for name, text in environ.items() if name != VARIABLE}
        settings = self._read(folder, environ)
        wanted = self.active and not settings.records
        return replace(settings, records=self.address(folder)) if wanted else settings

    def connect(self, folder: Path, settings: Settings) -> None:
        if self.active and settings.records in ("", self.address(folder)):
            settings = replace(settings, records=self.there(folder))
        self._connect(folder, settings)

    def _empty(self) -> str:
        if not self._migrated:
            address = self._server.database("migrated")
            with TemporaryDirectory() as folder:
                self._connect(Path(folder), Settings(records=address))
                records.migrate()
                records.disconnect()
            self._migrated = self._server.name(address)
        return self._migrated

    def _do(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class Here:
    """This process's, when the suite runs that way."""

    databases: Databases | None = None


def elsewhere() -> bool:
    """Whether a workspace that says nothing has its records on PostgreSQL now."""
    return Here.databases is not None and Here.databases.active


@contextmanager
def kept_on_sqlite() -> Iterator[None]:
    """For what a session prepares before the mark of a test can say so."""
    found = Here.databases
    before = found.active if found else False
    if found:
        found.active = False
    try:
        yield
    finally:
        if found:
            found.active = before


@contextmanager
def everything_on(server: Postgres) -> Iterator[Databases]:
    """For a whole session: wherever settings are read and records connected to, in this process."""
    made = Databases(server)
    changed = {reading.read_settings: made.read_settings, records.connect: made.connect}
    _exchange(changed)
    Here.databases = made
    try:
        yield made
    finally:
        Here.databases = None
        _exchange({new: old for old, new in changed.items()})


def _exchange(changed: Mapping[Any, Any]) -> None:
    """In every module that has taken one of them by name."""
    for module in list(sys.modules.values()):
        for name, found in list(vars(module).items()) if hasattr(module, "__dict__") else ():
            if callable(found) and _known(found, changed):
                setattr(module, name, changed[found])


def _known(found: object, changed: Mapping[Any, Any]) -> bool:
    return any(found is one or found == one for one in changed)
