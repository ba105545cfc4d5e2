"""A Spark standalone cluster of separate processes: the same members, also when a worker dies."""

import os
from pathlib import Path

import pytest

from bench.cluster_data import make
from bench.cluster_run import run
from bench.data import Size
from bench.lost_worker import lose_a_worker
from bench.segments import segments
from bench.standalone import java_found, standalone

SIZE = Size(contacts=400, accounts=40, events=20_000, seed=1)
ENOUGH = 10
"""Jobs that come before the loss: a good part of the evaluation is done, more is to come."""


@pytest.mark.skipif(not java_found() and "CI" not in os.environ, reason="Spark runs on Java")
def test_a_worker_dies_in_the_middle_and_the_members_are_right(tmp_path: Path) -> None:
    make(tmp_path / "shop", SIZE)
    definitions = segments(100, SIZE.seed)
    expected = run("duckdb", str(tmp_path / "shop" / "facts.duckdb"), definitions, rounds=0)

    with standalone(tmp_path / "cluster", workers=2) as cluster:
        asked = ["--segments=100", f"--seed={SIZE.seed}", "--rounds=0"]
        lake, answer = tmp_path / "shop" / "lake", tmp_path / "answer"
        lost = lose_a_worker(cluster, lake, answer, asked, ENOUGH)

    assert lost.work.executors_lost == 1
    assert lost.work.failed["ExecutorLostFailure"] >= 1  # tasks were running on it
    assert lost.work.after > ENOUGH
    assert lost.ran.members == expected.members
    assert sum(len(ids) for ids in lost.ran.members.values()) > 1000
