"""Options of the whole suite, and where its records are."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from on_postgres import VARIABLE, Databases, everything_on
from postgres import Postgres, postgres_server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cases",
        type=int,
        default=int(os.environ.get("LETTERSHOP_CASES", "0")),
        help="how many (history, definition, as_of) cases engines are compared on, at least",
    )
    parser.addoption(
        "--engines",
        choices=["usual", "all"],
        default=os.environ.get("LETTERSHOP_ENGINES", "usual"),
        help="all: every story is told to Spark, too",
    )
    parser.addoption(
        "--records",
        choices=("sqlite", "postgresql"),
        default="postgresql" if os.environ.get("LETTERSHOP_SUITE") == "postgresql" else "sqlite",
        help="where workspaces have their records that do not say it themselves",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite: is about records in SQLite, and keeps them there")
    if config.getoption("--records") == "postgresql":
        # Django has a connection per thread: those of a test's own threads end with them.
        left = "ignore:.*psycopg.* was deleted while still open:ResourceWarning"
        config.addinivalue_line("filterwarnings", left)


def pytest_collection_finish() -> None:
    """What was collected stays until the end: looking for garbage in it again and again took up to
    a tenth of the time of tests that make many small objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--cases"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for every process of the suite."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases | None]:
    """None when the records are in SQLite."""
    if request.config.getoption("--records") == "sqlite":
        yield None
        return
    with everything_on(request.getfixturevalue("postgres")) as made:
        made.active = True
        yield made


@pytest.fixture(autouse=True)
def on_postgres(request: pytest.FixtureRequest, databases: Databases | None) -> Iterator[None]:
    """With `--records postgresql`: nothing of a test is in SQLite unless it is about that."""
    if databases is None:
        yield
        return
    native = about_sqlite(request)
    own = "tmp_path" in request.fixturenames
    folder: Path | None = request.getfixturevalue("tmp_path") if own else None
    databases.active = not native
    yield
    databases.active = True
    os.environ.pop(VARIABLE, None)
    if folder is not None:
        databases.drop(folder)
        assert native or not [*folder.rglob("records.sqlite")], "this has gone to SQLite"


def about_sqlite(request: pytest.FixtureRequest) -> bool:
    said = getattr(request.node, "callspec", None)
    told = said is not None and "sqlite" in said.params.values()
    return told or request.node.get_closest_marker("sqlite") is not None
