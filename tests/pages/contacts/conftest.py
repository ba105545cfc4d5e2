from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from opened_shop import Shop, open_shop
from pages.contacts.town import fill, furnish, publish

from lettershop.app import Workspace


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, empty_records: Path) -> Iterator[Shop]:
    """The town with everything in force, for tests that only look."""
    with _opened(tmp_path_factory.mktemp("town") / "shop", empty_records) as shop:
        publish(shop)
        yield shop


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    """The town, to be changed."""
    with _opened(tmp_path / "shop", empty_records) as shop:
        yield shop


@contextmanager
def _opened(folder: Path, empty_records: Path) -> Iterator[Shop]:
    Workspace.init(folder)
    furnish(folder)
    with open_shop(folder, empty_records) as opened:
        fill(opened)
        yield opened
