"""A file that holds secrets is nobody else's to read, not even while it is written."""

import os
from pathlib import Path

import pytest

from lettershop.app.changing.files import replace
from lettershop.model.errors import WorkspaceError


def test_the_mode_stays_and_new_files_are_their_owners(tmp_path: Path) -> None:
    shared, new = tmp_path / "shared.toml", tmp_path / "new.toml"
    shared.write_text("a = 1\n")
    shared.chmod(0o640)
    for path in (shared, new):
        replace(path, "a = 2\n")
    assert [p.stat().st_mode & 0o777 for p in (shared, new)] == [0o640, 0o600]
    assert shared.read_text() == "a = 2\n" and sorted(os.listdir(tmp_path)) == [
        "new.toml",
        "shared.toml",
    ]


def test_nothing_is_left_of_what_could_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(WorkspaceError) as refused:
        replace(tmp_path / "folder", "a = 2\n")
    assert refused.value.code == "file.unwritable"
    assert os.listdir(tmp_path) == ["folder"]
