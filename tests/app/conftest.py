import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from opened_shop import open_shop
from publishing import Desk, make_empty, make_filled
from sample import make_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled workspace that no test changes."""
    return make_sample(tmp_path_factory.mktemp("sample") / "shop")


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace with records, to be copied."""
    return make_empty(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, empty: Path) -> Path:
    """With ten people and four accounts, to be copied."""
    return make_filled(tmp_path_factory.mktemp("filled") / "shop", empty)


@pytest.fixture
def desk(tmp_path: Path, filled: Path) -> Iterator[Desk]:
    with open_shop(shutil.copytree(filled, tmp_path / "shop")) as opened:
        yield Desk(opened)
