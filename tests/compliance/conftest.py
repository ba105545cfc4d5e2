"""Every story is told twice: with the records in SQLite and in PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from consent_desk import Desk
from django.apps import apps
from django.db import connection
from opened_shop import migrated, with_records
from postgres import Postgres

from lettershop.app import records
from lettershop.model.settings import Settings


@pytest.fixture(scope="session")
def empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="session")
def in_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Settings:
    settings = Settings(records=postgres.database("shop"))
    migrated(tmp_path_factory.mktemp("postgres"), settings)
    return settings


@pytest.fixture
def sqlite(tmp_path: Path, empty_records: Path) -> Iterator[Path]:
    with_records(tmp_path, empty_records)
    records.connect(tmp_path, Settings())
    yield tmp_path
    records.disconnect()


@pytest.fixture(params=["sqlite", "postgresql"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """This process connected to the empty records of a new workspace folder."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    records.connect(tmp_path, request.getfixturevalue("in_postgres"))
    empty()
    yield tmp_path
    records.disconnect()


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder)


def empty() -> None:
    """As after migrating, but quicker."""
    with connection.cursor() as cursor:
        for app in ("compliance", "access", "delivery"):
            tables = [r._meta.db_table for r in apps.get_app_config(app).get_models()]
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
