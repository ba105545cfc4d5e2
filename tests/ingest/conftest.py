import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from ingest.books import Book
from postgres import Postgres
from pulling import Shop, pulling

DATABASES = itertools.count()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    found = Book(tmp_path)
    yield found
    found.store.close()


@pytest.fixture
def in_postgres(postgres: Postgres, tmp_path: Path) -> Iterator[Shop]:
    with pulling(tmp_path / "shop", postgres.database(f"crm{next(DATABASES)}")) as shop:
        yield shop


@pytest.fixture
def in_sqlite(tmp_path: Path) -> Iterator[Shop]:
    path = tmp_path / "crm.db"
    path.touch()
    with pulling(tmp_path / "shop", f"sqlite:///{path}") as shop:
        yield shop


@pytest.fixture(params=["sqlite", "postgres"])
def pulled(request: pytest.FixtureRequest) -> Shop:
    """A customers table (id, plan, updated_at) and a pull of it."""
    return with_customers(request.getfixturevalue(f"in_{request.param}"))


@pytest.fixture
def pulled_locally(in_sqlite: Shop) -> Shop:
    """The same, for what does not depend on the kind of database."""
    return with_customers(in_sqlite)


def with_customers(shop: Shop) -> Shop:
    shop.sql("CREATE TABLE customers (id TEXT, plan TEXT, updated_at TIMESTAMP)")
    shop.write()
    return shop
