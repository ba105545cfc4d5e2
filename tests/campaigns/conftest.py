"""Campaigns told as stories, for the tests of this room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from campaign_story import Story, open_story
from opened_shop import migrated


@pytest.fixture(scope="session")
def story_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture
def story(tmp_path: Path, story_records: Path) -> Iterator[Story]:
    with open_story(tmp_path / "shop", story_records) as opened:
        yield opened
