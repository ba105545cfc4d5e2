"""The log keeps what it acknowledged: in order, numbered without gaps, byte for byte."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest
from hypothesis import given, strategies as st

from lettershop.ingest.log import LogReader, LogWriter, tail, writer
from lettershop.ingest.log.room import parse_size
from lettershop.model.clock import DAY, FixedClock
from lettershop.model.errors import InputError, Unavailable
from lettershop.model.settings import Settings

MONDAY = FixedClock("2026-03-02T09:00Z").now()
SETTINGS = Settings(least_free="1MB")
EVERYTHING = 1 << 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "intake"


def opened(folder: Path, settings: Settings = SETTINGS, at: int = MONDAY, **more: int) -> LogWriter:
    return LogWriter(folder, settings, FixedClock(at), **more)


def put(log: LogWriter, *bodies: bytes, at: int = MONDAY) -> list[Unavailable | None]:
    """Append all, wait for all; what each was told."""
    told: SimpleQueue[Unavailable | None] = SimpleQueue()
    for body in bodies:
        log.append("shop", "track", body, at, told.put)
    return [told.get(timeout=10) for _ in bodies]


def bodies(folder: Path, after: int = 0, most: int = EVERYTHING) -> list[bytes]:
    with LogReader(folder) as reader:
        return [request.body for request in reader.after(after, most)]


def numbers(folder: Path) -> list[int]:
    with LogReader(folder) as reader:
        return [request.seq for request in reader.after(0, EVERYTHING)]


def wait_until(true: Callable[[], bool]) -> None:
    """Bounded: ten seconds."""
    pause = threading.Event()
    for _ in range(1_000):
        if true():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come true within ten seconds")


def test_a_request_comes_back_as_it_was_sent(folder: Path) -> None:
    with opened(folder) as log, LogReader(folder) as reader:
        log.append("web", "page", b'{"a": "\xc3\xa4"}', MONDAY, lambda _: None)
        wait_until(lambda: reader.last_seq() == 1)
        (found,) = reader.after(0, 1)
    assert (found.seq, found.source, found.call) == (1, "web", "page")
    assert (found.body, found.received_at) == (b'{"a": "\xc3\xa4"}', MONDAY)


def test_what_is_acknowledged_another_process_can_read(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from lettershop.ingest.log import LogReader\n"
        "print(LogReader(Path(sys.argv[1])).last_seq())"
    )
    with opened(folder) as log:
        assert put(log, b"1", b"2", b"3") == [None] * 3
        command = [sys.executable, "-c", script, str(folder)]
        assert subprocess.check_output(command, text=True).strip() == "3"


def test_numbers_go_on_after_a_restart(folder: Path) -> None:
    for start in (0, 700, 1400):
        with opened(folder) as log:
            put(log, *(b"%d" % n for n in range(start, start + 700)))
            assert log.last_seq == start + 700
    assert bodies(folder) == [b"%d" % n for n in range(2100)]
    assert numbers(folder) == [*range(1, 2101)]


def test_closing_writes_what_was_accepted(folder: Path) -> None:
    log = opened(folder)
    for n in range(2_000):
        log.append("shop", "track", b"%d" % n, MONDAY, lambda _: None)
    log.close()
    log.close()
    assert len(numbers(folder)) == 2_000
    with pytest.raises(Unavailable) as refused:
        put(log, b"late")
    assert refused.value.code == "intake.stopping"


def test_a_file_that_is_full_is_followed_by_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "FULL", 1_000)
    with opened(folder) as log:
        for n in range(12):
            put(log, b"%04d" % n * 100)
        assert len([*folder.glob("*.sqlite")]) == 4
        assert bodies(folder, after=5, most=850) == [b"%04d" % n * 100 for n in (5, 6)]
        assert bodies(folder, after=11) == [b"0011" * 100]
    assert numbers(folder) == [*range(1, 13)]
    with opened(folder) as log:
        put(log, b"next")
    assert numbers(folder) == [*range(1, 14)]


def test_days_are_forgotten_once_they_are_loaded(folder: Path) -> None:
    for day in range(4):
        with opened(folder, at=MONDAY + day * DAY) as log:
            put(log, b"%d" % day, b"%d" % day, at=MONDAY + day * DAY)
    with opened(folder, at=MONDAY + 3 * DAY) as log, LogReader(folder) as reader:
        assert reader.first_seq() == 1
        assert log.forget(upto_seq=8, before_ms=MONDAY) == 0
        assert log.forget(upto_seq=3, before_ms=MONDAY + 9 * DAY) == 1  # 4 is not loaded
        assert (reader.first_seq(), reader.last_seq()) == (3, 8)
        assert log.forget(upto_seq=8, before_ms=MONDAY + 9 * DAY) == 2
        assert reader.first_seq() == 7  # the file that is written to stays
        put(log, b"more")
    assert numbers(folder) == [7, 8, 9]


def test_a_lost_log_does_not_reuse_numbers(folder: Path) -> None:
    with opened(folder, loaded=500) as log:
        put(log, b"a")
    with opened(folder, loaded=900) as log:
        put(log, b"b")
    assert numbers(folder) == [501, 901]


def test_reading_beside_writing_misses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "FULL", 20_000)
    seen: list[int] = []

    def follow() -> None:
        with LogReader(folder) as reader:
            while len(seen) < 3_000:
                seen.extend(r.seq for r in reader.after(seen[-1] if seen else 0, 5_000))

    with opened(folder) as log:
        reader = threading.Thread(target=follow)
        reader.start()
        for n in range(100):
            put(log, *(b"%030d" % n for n in range(n * 30, n * 30 + 30)))
        reader.join(20)
    assert seen == [*range(1, 3_001)]


def test_an_answer_that_fails_stops_nobody(folder: Path) -> None:
    def fail(_: Unavailable | None) -> None:
        raise RuntimeError("the loop is closed")

    with opened(folder) as log:
        log.append("shop", "track", b"1", MONDAY, fail)
        assert put(log, b"2") == [None]
    assert bodies(folder) == [b"1", b"2"]


def test_a_log_that_vanishes_is_refused_and_comes_back(folder: Path) -> None:
    with opened(folder) as log:
        put(log, b"1")
        folder.rename(folder.with_name("away"))
        wait_until(lambda: log.refusal is not None)
        folder.with_name("away").rename(folder)
        wait_until(lambda: log.refusal is None)
        assert put(log, b"2") == [None]
    assert bodies(folder) == [b"1", b"2"]


# --- no room ------------------------------------------------------------------------------------


def test_too_many_at_once_are_refused_and_nothing_else_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 5)
    go, busy = threading.Event(), threading.Event()

    def slow(failure: Unavailable | None) -> None:
        busy.set()
        go.wait(10)

    with opened(folder) as log:
        log.append("shop", "track", b"slow", MONDAY, slow)
        assert busy.wait(10)
        for n in range(5):
            log.append("shop", "track", b"%d" % n, MONDAY, lambda _: None)
        with pytest.raises(Unavailable) as refused:
            log.append("shop", "track", b"6", MONDAY, lambda _: None)
        assert (refused.value.code, log.waiting) == ("intake.busy", 5)
        go.set()
        wait_until(lambda: log.waiting == 0)
        assert put(log, b"later") == [None]
    assert bodies(folder) == [b"slow", b"0", b"1", b"2", b"3", b"4", b"later"]


def test_waiting_bytes_are_bounded_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING_BYTES", 0)
    with opened(folder) as log, pytest.raises(Unavailable):
        put(log, b"1")


def test_unloaded_requests_have_a_limit_that_loading_lifts(folder: Path) -> None:
    settings = Settings(most_unloaded="1KB", least_free="1MB")
    with opened(folder, settings) as log:
        put(log, b"x" * 600, b"x" * 600)
        wait_until(lambda: log.refusal is not None)
        with pytest.raises(Unavailable) as refused:
            put(log, b"y")
        assert (refused.value.code, log.unloaded_bytes) == ("intake.unloaded", 1_200)
        log.loaded(2)
        wait_until(lambda: log.refusal is None)
        assert put(log, b"y") == [None]
    with opened(folder, settings, loaded=1) as log:  # counted again at the start
        assert log.unloaded_bytes == 601
    with opened(folder, settings) as log:
        assert log.refusal is not None


def test_a_nearly_full_disk_is_left_alone(folder: Path) -> None:
    with (
        opened(folder, Settings(least_free="9000TB")) as log,
        pytest.raises(Unavailable) as refused,
    ):
        put(log, b"1")
    assert (refused.value.code, refused.value.retry_after) == ("intake.disk", 10)


FILLED = """
import resource, sys
from pathlib import Path
from queue import SimpleQueue
from lettershop.ingest.log import LogReader, LogWriter
from lettershop.model.clock import SystemClock
from lettershop.model.settings import Settings

folder, full = Path(sys.argv[1]), sys.argv[2]
told = SimpleQueue()
with LogWriter(folder, Settings(least_free="0B"), SystemClock()) as log:
    def put(body):
        log.append("shop", "track", body, 0, told.put)
        return told.get(timeout=10)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    if full == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    results = []
    while not results or results[-1] is None:
        results.append(put(b"%04d" % len(results) * 10_000))
    for _ in range(3):
        again = put(b"x" * 400_000)
        assert again.code == "intake.disk" and again.retry_after, again
    if full == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    else:
        (folder.parent / "ballast").unlink()
    assert put(b"room again") is None
    assert log.stats.failed == 4
accepted = len(results) - 1
found = [(r.seq, r.body) for r in LogReader(folder).after(0, 1 << 40)]
wanted = [b"%04d" % n * 10_000 for n in range(accepted)] + [b"room again"]
print([body for _, body in found if body not in wanted] == [] and
      [body for body in wanted if body not in (b for _, b in found)] == [],
      [seq for seq, _ in found] == list(range(1, len(found) + 1)), accepted > 0)
"""


@pytest.mark.skipif(os.name == "nt", reason="file size limits are of POSIX")
def test_a_full_disk_fails_those_requests_and_writing_goes_on_with_room(folder: Path) -> None:
    command = [sys.executable, "-c", FILLED, str(folder), "limit"]
    assert subprocess.check_output(command, text=True, timeout=20).strip()[-14:] == "True True True"


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.name == "nt" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is for root")
    return place


def test_a_disk_that_is_really_full(tiny_disk: Path) -> None:
    (tiny_disk / "ballast").write_bytes(bytes(800_000))
    try:
        command = [sys.executable, "-c", FILLED, str(tiny_disk / "intake"), "disk"]
        said = subprocess.check_output(command, text=True, timeout=20)
        assert said.strip()[-14:] == "True True True"
    finally:
        subprocess.run(["umount", str(tiny_disk)], check=True)


def test_a_folder_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "intake").write_text("a file")
    with pytest.raises(InputError) as refused:
        opened(tmp_path / "intake")
    assert refused.value.code == "intake.folder"


@pytest.mark.parametrize(
    ("text", "size"),
    [("0B", 0), ("2GB", 2 * 10**9), ("500 MB", 5 * 10**8), ("1.5KiB", 1536), ("1tb", 10**12)],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text, "least_free") == size


@given(st.text(max_size=8).filter(lambda text: not text.strip().upper().endswith("B")))
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_size(text, "least_free")
    assert (refused.value.code, refused.value.where) == ("settings.size", "least_free")
