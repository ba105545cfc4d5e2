"""A shop with segments that are kept, made once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from opened_shop import open_shop
from segment_shop import SegmentShop, filled


@pytest.fixture(scope="session")
def segments_made(tmp_path_factory: pytest.TempPathFactory, empty_records: Path) -> Path:
    folder = tmp_path_factory.mktemp("segments") / "shop"
    with open_shop(folder, empty_records) as opened:
        filled(opened)
    return folder


@pytest.fixture
def segment_shop(tmp_path: Path, segments_made: Path) -> Iterator[SegmentShop]:
    """Changed by its test alone."""
    with open_shop(shutil.copytree(segments_made, tmp_path / "shop")) as opened:
        made = SegmentShop(opened)
        made.pass_time()
        yield made
