import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from app.preflight.post import PostRoom, make_room
from opened_shop import open_shop


@pytest.fixture(scope="session")
def filled_room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with people, letters and items, to be copied."""
    return make_room(tmp_path_factory.mktemp("preflight") / "shop")


@pytest.fixture
def room(tmp_path: Path, filled_room: Path) -> Iterator[PostRoom]:
    with open_shop(shutil.copytree(filled_room, tmp_path / "shop")) as opened:
        yield PostRoom(opened)
        opened.running.proofs.stop()
