from collections.abc import Iterator
from pathlib import Path

import pytest
from opened_shop import Shop, migrated, open_shop


@pytest.fixture(scope="session")
def empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    """A new workspace, opened as the server has it: records migrated, `running()` set."""
    with open_shop(tmp_path / "shop", empty_records) as opened:
        yield opened
