"""The benchmark runs from end to end, and its hand-written queries agree with our answers."""

import json
from pathlib import Path

import pytest

from bench.__main__ import SECTIONS, main
from bench.data import AS_OF, EVENTS, Size, generate
from bench.segments import KINDS, segments

SMALL = ("--contacts", "200", "--accounts", "20", "--events", "16000", "--seed", "7")
COUNT = 60


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """One small run from end to end. It fails on any segment whose members differ."""
    file = tmp_path_factory.mktemp("bench") / "found.json"
    main([*SMALL, "--segments", str(COUNT), "--json", str(file)])
    found: dict[str, dict[str, object]] = json.loads(file.read_text("utf-8"))
    return found


def test_all_sections_are_measured(ran: dict[str, dict[str, object]]) -> None:
    assert set(ran) == {"data", *SECTIONS, "targets"}
    assert ran["load"]["events"] == 16_000
    assert ran["data"]["segments"] == len(segments(COUNT, 7))


def test_all_targets_are_judged(ran: dict[str, dict[str, object]]) -> None:
    assert len(ran["targets"]) == 6


def test_segments_are_of_every_kind_and_mostly_not_empty(ran: dict[str, dict[str, object]]) -> None:
    kinds = {d.name.rpartition(" ")[0] for d in segments(COUNT, 7)}
    assert kinds == set(KINDS)
    assert ran["full"]["empty"] < COUNT / 3


def test_the_same_seed_gives_the_same_data(tmp_path: Path) -> None:
    size = Size(contacts=50, accounts=5, events=400, seed=3)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        generate(tmp_path / name, size)
    events = [(tmp_path / name / "events-00.parquet").read_bytes() for name in ("one", "two")]
    assert events[0] == events[1]


def test_segments_are_drawn_from_the_seed() -> None:
    assert segments(20, 1) == segments(20, 1)
    assert [d.text for d in segments(20, 1)] != [d.text for d in segments(20, 2)]


def test_all_events_lie_before_the_moment_of_evaluation() -> None:
    assert AS_OF % 86_400_000 == 0
    assert len(set(EVENTS)) == 40
