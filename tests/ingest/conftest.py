from collections.abc import Iterator
from pathlib import Path

import pytest
from ingest.books import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    found = Book(tmp_path)
    yield found
    found.store.close()
