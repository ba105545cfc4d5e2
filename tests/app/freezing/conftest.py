import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from app.freezing.mailroom import Mailroom, make_mailroom
from opened_shop import open_shop


@pytest.fixture(scope="session")
def filled_mailroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with people, letters and items, to be copied."""
    return make_mailroom(tmp_path_factory.mktemp("mailroom") / "shop")


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory, filled_mailroom: Path) -> Iterator[Mailroom]:
    """For tests that change nothing in it. One workspace can be open at a time: not with `room`."""
    folder = shutil.copytree(filled_mailroom, tmp_path_factory.mktemp("steady") / "shop")
    with open_shop(folder) as opened:
        yield Mailroom(opened)


@pytest.fixture
def room(tmp_path: Path, filled_mailroom: Path) -> Iterator[Mailroom]:
    with open_shop(shutil.copytree(filled_mailroom, tmp_path / "shop")) as opened:
        yield Mailroom(opened)
