import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from app.postoffice.window import Window, made, window


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("post") / "shop")


@pytest.fixture
def folder(tmp_path: Path, made_shop: Path) -> Path:
    return Path(shutil.copytree(made_shop, tmp_path / "shop"))


@pytest.fixture
def post(folder: Path) -> Iterator[Window]:
    with window(folder) as opened:
        yield opened
