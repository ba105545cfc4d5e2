"""What ended the process is tried in ever smaller pieces, and a single call at most twice."""

from pathlib import Path

import pytest

from lettershop.ingest.calls.chunk import Position
from lettershop.ingest.loader_guard import Guard

HERE = Position(7, 3)


class Loading:
    """Calls 0 to `count` of which `poison` ends the process: how it goes, death by death."""

    def __init__(self, path: Path, count: int, poison: int) -> None:
        self.path, self.count, self.poison = path, count, poison
        self.at, self.deaths, self.given_up = 0, 0, list[int]()

    def run_until_death(self) -> bool:
        """Whether everything is loaded."""
        guard = Guard(self.path)
        while self.at < self.count:
            at = Position(1, self.at)
            calls = guard.calls(at, self.count - self.at)
            if not calls:
                self.given_up.append(self.at)
                self.at += 1
                continue
            guard.trying(at, Position(1, self.at + calls), calls)
            if self.at <= self.poison < self.at + calls:
                self.deaths += 1
                return False
            self.at += calls
            guard.survived()
        return True


@pytest.mark.parametrize("poison", [0, 29_999, 49_999])
def test_one_call_in_fifty_thousand_is_found_and_given_up(tmp_path: Path, poison: int) -> None:
    loading = Loading(tmp_path / "trying.json", 50_000, poison)
    while not loading.run_until_death():
        assert loading.deaths < 10
    assert loading.given_up == [poison]
    assert loading.deaths <= 7


def test_after_a_power_cut_everything_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "trying.json"
    Guard(path).trying(HERE, Position(8), 1)
    guard = Guard(path)
    assert guard.calls(HERE, 9) == 1, "a single call gets a second chance"
    guard.trying(HERE, Position(7, 4), 1)
    guard.survived()
    assert Guard(path).calls(HERE, 9) == 9


def test_a_garbled_file_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "trying.json").write_bytes(b"{")
    assert Guard(tmp_path / "trying.json").calls(HERE, 9) == 9
