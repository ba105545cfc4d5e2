"""Workspaces with catalogs, their records in SQLite; some stories also in PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from opened_shop import migrated, with_records
from postgres import Postgres

from lettershop.access.audit import LOCAL
from lettershop.app import Workspace, records
from lettershop.app.catalogs import CatalogReport, Choices, import_catalogs
from lettershop.model.clock import parse_instant
from lettershop.model.settings import Settings

NOW = parse_instant("2026-03-02T09:00Z")


class Shop:
    """A workspace folder whose files are written and imported."""

    def __init__(self, path: Path) -> None:
        self.path, self.settings, self.now = path, Settings(timezone="Europe/Berlin"), NOW
        (path / "catalog").mkdir()

    def write(self, name: str, text: str) -> Path:
        path = self.path / "catalog" / name
        path.write_text(text, "utf-8")
        return path

    def run(self, names: Sequence[str] = (), **choices: Any) -> list[CatalogReport]:
        chosen = Choices(**choices)
        return [*import_catalogs(self.path, self.settings, names, chosen, by=LOCAL, at=self.now)]


@pytest.fixture(scope="session")
def empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="session")
def in_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Settings:
    settings = Settings(records=postgres.database("shop"))
    migrated(tmp_path_factory.mktemp("postgres"), settings)
    return settings


@contextmanager
def _opened(folder: Path, empty: Path, settings: Settings) -> Iterator[Shop]:
    Workspace.init(folder)
    with_records(folder, empty)
    records.connect(folder, settings)
    try:
        yield Shop(folder)
    finally:
        records.disconnect()


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with _opened(tmp_path, empty_records, Settings()) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    """The same with the records in either database."""
    postgres = request.param == "postgresql"
    settings = request.getfixturevalue("in_postgres") if postgres else Settings()
    with _opened(tmp_path, empty_records, settings) as made:
        if postgres:
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE content_catalogrecord CASCADE")
        yield made
