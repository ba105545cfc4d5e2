"""Members in the lake: run by run, in a folder and in object storage."""

from pathlib import Path

import pytest
from pyroaring import BitMap

from lettershop.lake.manifest import RANGE
from lettershop.lake.members import Held, Run, read_members, read_moves, read_runs, write_run
from lettershop.lake.storage import Lake
from lettershop.model.errors import NotFound


@pytest.fixture(params=["folder", "store"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    return Lake(str(tmp_path) if request.param == "folder" else f"memory://{tmp_path.name}")


def written(lake: Lake, at: int, kept: int = 9, **segments: list[int]) -> Run:
    held = {name: Held("contact", 1, BitMap(ids)) for name, ids in segments.items()}
    return write_run(lake, held, as_of=at, made_at=at, engine="spark", snapshot=at, kept=kept)


def test_members_far_apart_and_none_at_all(lake: Lake) -> None:
    far = [0, RANGE - 1, RANGE, 7 * RANGE + 5]
    run = written(lake, 1, far=far, nobody=[])
    found = read_members(lake)
    assert set(found["far"].members) == set(far) and not found["nobody"].members
    assert [(one.segment, one.size, one.entered) for one in run.segments] == [
        ("far", 4, 4),
        ("nobody", 0, 0),
    ]


def test_each_run_says_who_came_and_went(lake: Lake) -> None:
    first = written(lake, 1, vips=[1, 2, RANGE + 3], gone=[4])
    second = written(lake, 2, vips=[2, RANGE + 3, 5 * RANGE])
    assert read_moves(lake, second) == {
        "vips": (BitMap([5 * RANGE]), BitMap([1])),
        "gone": (BitMap(), BitMap([4])),
    }
    assert set(read_members(lake)) == {"vips"}, "what is not kept any more is not in the run"
    assert read_members(lake, first)["gone"].members == BitMap([4]), "runs stay as they were"
    third = written(lake, 3, vips=[2, RANGE + 3, 5 * RANGE])
    assert read_moves(lake, third) == {}


def test_old_runs_go_with_their_files(lake: Lake) -> None:
    first = written(lake, 1, kept=2, vips=[1])
    for at in (2, 3):
        written(lake, at, kept=2, vips=[at])
    assert [run.as_of for run in read_runs(lake)] == [2, 3]
    with pytest.raises(FileNotFoundError):
        read_members(lake, first)
    assert len(lake.list("members")) == 3, "two runs, and the file that names them"


def test_before_the_first_run(lake: Lake) -> None:
    assert read_runs(lake) == ()
    with pytest.raises(NotFound) as refused:
        read_members(lake)
    assert refused.value.code == "lake.no_members"
