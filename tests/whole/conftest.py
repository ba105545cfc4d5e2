"""What all proofs share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole.world import World, world


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[World]:
    """Its letters go nowhere: they are built by the test."""
    with world(tmp_path / "shop") as made:
        yield made
