"""Records on PostgreSQL: without it there is no cluster."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from opened_shop import migrated
from postgres import Postgres

from lettershop.app import records
from lettershop.model.settings import Settings

TABLES = "cluster_leadership, cluster_process, cluster_intakestate, cluster_intakerequest"


@pytest.fixture(scope="session")
def in_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Settings:
    settings = Settings(records=postgres.database("cluster"))
    migrated(tmp_path_factory.mktemp("cluster"), settings)
    return settings


@pytest.fixture
def shared(tmp_path: Path, in_postgres: Settings) -> Iterator[Settings]:
    """This process connected to records in which no process has ever been."""
    records.connect(tmp_path, in_postgres)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE")
    yield in_postgres
    records.disconnect()
