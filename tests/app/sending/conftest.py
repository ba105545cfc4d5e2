from collections.abc import Iterator
from pathlib import Path

import pytest
from app.sending.office import Office
from opened_shop import NOW, migrated, with_records

from lettershop.app import records
from lettershop.model.clock import FixedClock


@pytest.fixture(scope="session")
def empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture
def office(tmp_path: Path, empty_records: Path) -> Iterator[Office]:
    with_records(tmp_path, empty_records)
    yield Office(tmp_path, FixedClock(NOW))
    records.disconnect()
