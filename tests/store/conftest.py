"""A store in memory for every story."""

from collections.abc import Iterator

import pytest

from lettershop.engines.duckdb.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened
