import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from opened_shop import open_shop
from publishing import Desk, make_empty, make_filled
from pysail.spark import SparkConnectServer

SETTINGS = 'lake = "lake"\nengine = "spark"\nspark = "{address}"\nspark_seconds = 60\n'


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """A Spark Connect server in this process: its address."""
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield f"sc://127.0.0.1:{server.listening_address[1]}"
    server.stop()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten people and four accounts, to be copied."""
    empty = make_empty(tmp_path_factory.mktemp("empty"))
    return make_filled(tmp_path_factory.mktemp("filled") / "shop", empty)


@pytest.fixture
def on_spark(tmp_path: Path, filled: Path, sail: str) -> Iterator[Desk]:
    """A workspace whose segments Spark keeps current."""
    folder = shutil.copytree(filled, tmp_path / "shop")
    said = (folder / "lettershop.toml").read_text("utf-8")
    (folder / "lettershop.toml").write_text(said + SETTINGS.format(address=sail), "utf-8")
    with open_shop(folder) as opened:
        yield Desk(opened)


@pytest.fixture
def on_duckdb(tmp_path: Path, filled: Path) -> Path:
    """The same, kept by the embedded engine: a folder to be opened afterwards."""
    return shutil.copytree(filled, tmp_path / "other")
