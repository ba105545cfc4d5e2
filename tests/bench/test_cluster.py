"""The benchmark of engines runs from end to end, and stops when one of them answers otherwise."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import cluster
from bench.cluster_run import Ran
from bench.watched import processor_seconds, watched

ENGINES = ("duckdb", "parquet", "sail 2")


def test_engines_are_measured_and_agree(tmp_path: Path) -> None:
    asked = ["--events", "3000", "6000", "--segments", "25", "--rounds", "1", "--engines", *ENGINES]
    cluster.main([*asked, "--json", str(tmp_path / "found.json")])

    found: dict[str, Any] = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert [one["stored"]["rows"]["events"] for one in found["sizes"]] == [3000, 6000]
    for size in found["sizes"]:
        assert [line["engine"] for line in size["engines"]] == list(ENGINES)
        assert all(line["mebibytes"] > 50 for line in size["engines"])
        assert len({line["members_bytes"] for line in size["engines"]}) == 1
    assert {one["engine"] for one in found["growth"]} == set(ENGINES)


def test_other_members_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(engine: str, *_: object) -> tuple[Ran, int, None]:
        return Ran(0, 0, [0], [0], {"did 1": engine.encode()}), 0, None

    monkeypatch.setattr(cluster, "_one", answered)
    with pytest.raises(SystemExit, match="parquet: other members in did 1"):
        cluster.main(["--events", "2000", "--engines", "duckdb", "parquet"])


def test_the_memory_of_a_process_and_its_children_is_seen() -> None:
    child = "import time; kept = b'x' * 90_000_000; time.sleep(1)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert watched([sys.executable, "-c", program], os.environ, []) > 90_000_000


def test_processor_time_counts_ended_children() -> None:
    group = frozenset([os.getpgid(0)])
    before = processor_seconds(group)
    subprocess.run([sys.executable, "-c", "sum(range(10_000_000))"], check=True)
    assert processor_seconds(group) - before > 0.05


def test_what_failed_is_told() -> None:
    with pytest.raises(RuntimeError, match="no such thing"):
        watched([sys.executable, "-c", "raise SystemExit('no such thing')"], os.environ, [])
