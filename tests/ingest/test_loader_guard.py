"""What ended the process is tried in ever smaller pieces, and a single call at most five times."""

import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
import pytest

from lettershop.engines.duckdb.refusals import refusals
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.calls.chunk import Position
from lettershop.ingest.loader_guard import Guard
from lettershop.ingest.log.writer import LogWriter
from lettershop.model.clock import FixedClock, parse_instant
from lettershop.model.settings import Settings

HERE = Position(7, 3)
DEAD: list[AbstractContextManager[None]] = []
"""Attempts that ended their process: kept, as otherwise they would be ended in order."""


class Loading:
    """Calls 0 to `count` of which `poison` ends the process: how it goes, death by death."""

    def __init__(self, path: Path, count: int, poison: int) -> None:
        self.path, self.count, self.poison = path, count, poison
        self.at, self.deaths, self.given_up = 0, 0, list[int]()
        self.pauses = list[float]()

    def run_until_death(self) -> bool:
        """Whether everything is loaded."""
        guard = Guard(self.path, wait=self.pauses.append)
        while self.at < self.count:
            at = Position(1, self.at)
            calls = guard.calls(at, self.count - self.at)
            if not calls:
                self.given_up.append(self.at)
                self.at += 1
                continue
            trying = guard.trying(at, Position(1, self.at + calls), calls)
            if self.at <= self.poison < self.at + calls:
                DEAD.append(trying)
                trying.__enter__()  # and never leaves it
                self.deaths += 1
                return False
            with trying:
                self.at += calls
        return True


@pytest.mark.parametrize("poison", [0, 29_999, 49_999])
def test_one_call_in_fifty_thousand_is_found_and_given_up(tmp_path: Path, poison: int) -> None:
    loading = Loading(tmp_path / "trying.json", 50_000, poison)
    while not loading.run_until_death():
        assert loading.deaths < 12
    assert loading.given_up == [poison]
    assert loading.deaths <= 10
    assert loading.pauses == [1, 2, 3, 4]


def test_after_a_power_cut_everything_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "trying.json"
    DEAD.append(Guard(path).trying(HERE, Position(8), 1))
    DEAD[-1].__enter__()
    guard = Guard(path)
    assert guard.calls(HERE, 9) == 1, "a single call gets another chance"
    with guard.trying(HERE, Position(7, 4), 1):
        assert path.exists()
    assert Guard(path).calls(HERE, 9) == 9


def test_ended_in_the_pause_is_not_held_against_the_call(tmp_path: Path) -> None:
    """Somebody ends each server within a second of its start, for ever."""
    path = tmp_path / "trying.json"

    class Cut(BaseException):
        pass

    def cut(seconds: float) -> None:
        assert seconds == 1
        raise Cut

    DEAD.append(Guard(path).trying(HERE, Position(8), 1))
    DEAD[-1].__enter__()
    for _ in range(20):
        guard = Guard(path, wait=cut)
        assert guard.calls(HERE, 9) == 1
        with pytest.raises(Cut), guard.trying(HERE, Position(8), 1):
            pass
    guard = Guard(path, wait=lambda seconds: None)
    with guard.trying(HERE, Position(8), guard.calls(HERE, 9)):
        pass
    assert Guard(path).calls(HERE, 9) == 9


def test_a_garbled_file_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "trying.json").write_bytes(b"{")
    assert Guard(tmp_path / "trying.json").calls(HERE, 9) == 9


LOADER = """
import os, sys
from pathlib import Path
from contextlib import nullcontext
from lettershop.engines.duckdb import apply_events
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.loader import Loader
from lettershop.ingest.loader_guard import Guard
from lettershop.ingest.log.reader import LogReader
from lettershop.model.settings import Settings

def refuse_names(con, stage, *, original=apply_events.refuse_names):
    names = con.execute(f"SELECT DISTINCT name FROM {stage.table}").fetchall()
    if ("Poison",) in names:
        os._exit(9)  # what a crash in the engine would be
    return original(con, stage)

apply_events.refuse_names = refuse_names
folder = Path(sys.argv[1])
with Store.open(folder / "facts.duckdb") as store, LogReader(folder / "intake") as reader:
    class Owner:
        def write(self): return nullcontext(self)
    owner = Owner(); owner.store = store
    guard = Guard(folder / "loader.json", wait=lambda seconds: None)
    loader = Loader(owner, reader, Settings(), guard=guard)
    while loader.step().requests:
        pass
"""


def test_an_event_that_kills_is_refused_and_its_neighbours_load(tmp_path: Path) -> None:
    calls = [
        {"type": "track", "userId": f"u{n}", "event": "Fine", "messageId": str(n)}
        for n in range(300)
    ]
    calls[123] |= {"event": "Poison"}
    clock = FixedClock(parse_instant("2026-11-22"))
    with LogWriter(tmp_path / "intake", Settings(least_free="1MB"), clock) as log:
        for n in range(0, 300, 100):
            body = msgspec.json.encode({"batch": calls[n : n + 100]})
            log.append("app", "batch", body, clock.now(), lambda _: None)
    command = [sys.executable, "-c", LOADER, str(tmp_path)]
    codes = []
    while 0 not in codes and len(codes) < 12:
        codes.append(subprocess.run(command, check=False).returncode)
    assert codes[-1] == 0 and set(codes[:-1]) == {9}
    with Store.open(tmp_path / "facts.duckdb") as store:
        assert store.catalog().events["Fine"].rows == 299
        refused = [(r.seq, r.index, r.code) for r in refusals(store)]
    assert refused == [(2, 23, "event.unloadable")]
