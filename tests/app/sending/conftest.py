import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from app.sending.office import Office
from opened_shop import NOW, migrated

from lettershop.app import records
from lettershop.model.clock import FixedClock


@pytest.fixture(scope="session")
def empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture
def office(tmp_path: Path, empty_records: Path) -> Iterator[Office]:
    (tmp_path / "data").mkdir()
    shutil.copy(empty_records / "data" / records.SQLITE, tmp_path / "data")
    yield Office(tmp_path, FixedClock(NOW))
    records.disconnect()
