"""A shop with two languages of one letter, three people and a deal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opened_shop import Shop, open_shop
from pages.content.content_shop import fill, write


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    write(tmp_path / "shop")
    with open_shop(tmp_path / "shop", empty_records) as opened:
        fill(opened)
        yield opened
        opened.running.proofs.stop()
