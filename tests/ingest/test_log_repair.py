"""A torn tail, a damaged file: the log starts, keeps what is readable, and says what is not."""

import shutil
import sqlite3
from pathlib import Path
from queue import SimpleQueue
from random import Random

import pytest

from lettershop.ingest.log import LogReader, LogWriter, tail
from lettershop.model.clock import FixedClock
from lettershop.model.errors import InputError, Unavailable
from lettershop.model.settings import Settings

CLOCK = FixedClock("2026-03-02T09:00Z")
BODIES = [b"%04d" % n * (50 if n % 7 else 9_000) for n in range(60)]


def opened(folder: Path, loaded: int = 0) -> LogWriter:
    return LogWriter(folder, Settings(least_free="1MB"), CLOCK, loaded=loaded)


def put(log: LogWriter, *bodies: bytes) -> None:
    told: SimpleQueue[Unavailable | None] = SimpleQueue()
    for body in bodies:
        log.append("shop", "track", body, CLOCK.now(), told.put)
        assert told.get(timeout=10) is None


def rows(folder: Path) -> dict[int, bytes]:
    with LogReader(folder) as reader:
        return {r.seq: r.body for r in reader.after(0, 1 << 40)}


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The folder of a server that was killed while it ran: as it is on disk at that moment."""
    with opened(tmp_path / "alive") as log:
        put(log, *BODIES)
        shutil.copytree(tmp_path / "alive", tmp_path / "killed")
    return tmp_path / "killed"


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """The folder of a server that ended in order."""
    with opened(tmp_path / "stopped") as log:
        put(log, *BODIES)
    return tmp_path / "stopped"


def the_file(folder: Path, suffix: str = "") -> Path:
    (found,) = folder.glob("*.sqlite" + suffix)
    return found


def test_a_killed_server_had_everything_on_disk(killed: Path) -> None:
    assert the_file(killed, "-wal").stat().st_size > 0
    opened(killed).close()
    assert rows(killed) == dict(enumerate(BODIES, 1))


@pytest.mark.parametrize("cut", [1, 24, 5_000, 16_400, 40_000, 100_000])
def test_a_torn_tail_is_cut_off_at_the_last_whole_commit(killed: Path, cut: int) -> None:
    log = the_file(killed, "-wal")
    size = log.stat().st_size
    with log.open("r+b") as file:
        file.truncate(size - cut)
    with opened(killed) as again:
        kept = again.last_seq
        put(again, b"next")
    found = rows(killed)
    assert 0 < kept < len(BODIES) or cut == 1
    assert found == dict(enumerate([*BODIES[:kept], b"next"], 1))


def test_a_garbled_tail_too(killed: Path) -> None:
    log = the_file(killed, "-wal")
    with log.open("r+b") as file:
        file.seek(log.stat().st_size - 30_000)
        file.write(Random(1).randbytes(20_000))
    with opened(killed) as again:
        kept = again.last_seq
    assert rows(killed) == dict(enumerate(BODIES[:kept], 1)) and 0 < kept < len(BODIES)


@pytest.mark.parametrize("seed", range(4))
def test_a_garbled_file_gives_what_is_readable(stopped: Path, seed: int) -> None:
    file = the_file(stopped)
    random = Random(seed)
    with file.open("r+b") as raw:
        raw.seek(random.randrange(2, file.stat().st_size // 16_384) * 16_384)
        raw.write(bytes(16_384))
    with opened(stopped, loaded=len(BODIES)) as log:
        put(log, b"next")
    found = rows(stopped)
    assert found.pop(len(BODIES) + 1) == b"next"
    # SQLite has no sums over pages: zeros inside one long body can go unnoticed, but no more
    wrong = [seq for seq in found if found[seq] != BODIES[seq - 1]]
    assert len(wrong) <= 1 and all(len(found[seq]) == len(BODIES[seq - 1]) for seq in found)
    assert the_file_set_aside(stopped) or len(found) == len(BODIES)


@pytest.mark.parametrize("size", [0, 100, 16_384, 60_000])
def test_a_truncated_file_is_set_aside_and_the_server_starts(stopped: Path, size: int) -> None:
    with the_file(stopped).open("r+b") as file:
        file.truncate(size)
    with opened(stopped, loaded=20) as log:
        put(log, b"next")
        assert log.last_seq > 20
    found = rows(stopped)
    assert found[max(found)] == b"next"
    assert all(found[seq] == BODIES[seq - 1] for seq in found if seq < max(found))
    assert the_file_set_aside(stopped)
    with opened(stopped, loaded=20) as log:  # and once is enough
        put(log, b"again")
    assert len([*stopped.glob("*.damaged")]) == 1


def the_file_set_aside(folder: Path) -> bool:
    return any(folder.glob("*.damaged"))


def test_an_old_damaged_file_does_not_stop_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "FULL", 100_000)
    with opened(tmp_path) as log:
        put(log, *BODIES)
        first, second, *_ = sorted(tmp_path.glob("*.sqlite"))
        with first.open("r+b") as file:
            file.seek(2 * 16_384)
            file.write(b"\xff" * 16_384)
        found = rows(tmp_path)
        beyond = range(int(second.stem), len(BODIES) + 1)
        assert {seq: found[seq] for seq in beyond} == {s: BODIES[s - 1] for s in beyond}
        assert found == {seq: BODIES[seq - 1] for seq in found}


def test_a_half_made_file_is_no_file(stopped: Path) -> None:
    (stopped / "000000000061.part").write_bytes(b"half")
    with opened(stopped) as log:
        put(log, b"next")
    assert len(rows(stopped)) == 61 and not [*stopped.glob("*.part")]


def test_trouble_with_the_disk_is_not_taken_for_damage(
    stopped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is locked by somebody: it must not be set aside."""
    monkeypatch.setattr("lettershop.ingest.log.files.BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(the_file(stopped), isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("DELETE FROM request WHERE seq = 1")
    with pytest.raises(InputError) as refused:
        opened(stopped)
    assert refused.value.code == "intake.log"
    holder.execute("ROLLBACK")
    holder.close()
    opened(stopped).close()
    assert rows(stopped) == dict(enumerate(BODIES, 1))
