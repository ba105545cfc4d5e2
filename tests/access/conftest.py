"""Every story is told twice: with the records in SQLite and in PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
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


@pytest.fixture(params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, empty_records: Path
) -> Iterator[tuple[Path, Settings]]:
    """This process connected to the empty records of a new workspace folder."""
    if request.param == "sqlite":
        settings = Settings()
        with_records(tmp_path, empty_records)
        records.connect(tmp_path, settings)
    else:
        settings = request.getfixturevalue("in_postgres")
        records.connect(tmp_path, settings)
        empty()
    yield tmp_path, settings
    records.disconnect()


def empty() -> None:
    """As after migrating, but quicker."""
    tables = [record._meta.db_table for record in apps.get_app_config("access").get_models()]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
