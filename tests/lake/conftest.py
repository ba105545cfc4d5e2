"""A store on disk and a lake beside it, for every story."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lettershop.engines.duckdb.store import Store
from lettershop.lake.storage import Lake
from lettershop.model.settings import Settings


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    settings = Settings(most_emails=3, most_anonymous=5)
    with Store.open(tmp_path / "facts.duckdb", settings=settings) as opened:
        yield opened


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))
