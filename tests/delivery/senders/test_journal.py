"""What is in the journal is on disk; what a crash left of it is read for what it is."""

import asyncio
import os
from pathlib import Path

import pytest
from delivery.conftest import Recorded

from lettershop.delivery.ledger import controls, counting, leasing, planning
from lettershop.delivery.ledger.rows import Outcome, Planned, Row
from lettershop.delivery.senders import journal as journals
from lettershop.delivery.senders.journal import Broken, Journal
from lettershop.delivery.senders.lines import Attempting, line, replayed
from lettershop.delivery.senders.recovery import LOST, recover, settle_lost

AT = 1_767_268_800_000


def begun(number: int) -> Attempting:
    return Attempting(number, AT, 1, 0, f"<{number}@shop.example>")


def ended(number: int, state: str = "accepted") -> Outcome:
    return Outcome(id=number, state=state, at=AT, attempts=1, attempted_at=AT)  # type: ignore[arg-type]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- writing -------------------------------------------------------------------------------------


async def test_a_written_record_is_on_disk_and_a_group_shares_a_sync(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "one")
    await asyncio.gather(*(journal.write(begun(n)) for n in range(50)))
    (path,) = tmp_path.glob("*.log")
    assert replayed([path]).last == {n: begun(n) for n in range(50)}
    assert journal.stats.syncs == 1 and journal.stats.records == 50
    await journal.close()
    assert files(tmp_path) == ["one.000000.log", "one.lock"], "the ledger does not know them"


async def test_nothing_stays_when_the_ledger_knows_everything(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "one")
    await journal.write(begun(1))
    journal.add(ended(1))
    journal.settled(1)
    await journal.close()
    assert files(tmp_path) == []


async def test_a_long_file_goes_when_all_of_it_is_settled(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "one", rotate=50)
    for number in (1, 2, 3):
        await journal.write(begun(number))
    names = [f"one.{n:06}.log" for n in range(4)]
    assert files(tmp_path) == [*names, "one.lock"]
    journal.add(ended(2))
    journal.settled(2)
    assert files(tmp_path) == [names[0], *names[2:], "one.lock"]
    await journal.write(begun(4))
    last = replayed([tmp_path / name for name in names if (tmp_path / name).exists()]).last
    assert set(last) == {1, 2, 3, 4} and last[2] == ended(2)
    await journal.close()


async def test_after_a_failed_sync_nothing_may_be_sent_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, "one")
    await journal.write(begun(1))

    def fails(file: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(journals.os, "fdatasync", fails)
    with pytest.raises(Broken, match="no space"):
        await journal.write(begun(2))
    monkeypatch.undo()
    with pytest.raises(Broken, match="no space"):
        await journal.write(begun(3))
    await journal.close()
    assert "one.lock" in files(tmp_path)


# --- reading -------------------------------------------------------------------------------------


def test_a_torn_last_line_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "one.000000.log"
    whole = line(begun(1)) + line(begun(2))
    for cut in range(len(line(begun(1))), len(whole)):
        path.write_bytes(whole[:cut])
        said = replayed([path])
        assert (set(said.last), said.damaged) == ({1}, False)


def test_a_changed_byte_before_the_end_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "one.000000.log"
    whole = bytearray(line(begun(1)) + line(begun(2)))
    for place in range(len(line(begun(1)))):
        changed = whole.copy()
        changed[place] ^= 0x15
        path.write_bytes(changed)
        said = replayed([path])
        assert said.damaged and 1 not in said.last


# --- after a kill --------------------------------------------------------------------------------


def held(count: int, kind: str = "campaign") -> tuple[int, list[Row]]:
    """A send with so many rows, all leased and marked by the sender `one`."""
    send = planning.begin("c:1", kind=kind, name="n", stream="marketing", at=AT).id  # type: ignore[arg-type]
    people = [Planned(contact=f"user:{n}", address=f"u{n}@example.com") for n in range(count)]
    planning.plan(send, people, AT)
    controls.start(send, AT)
    rows = leasing.lease("one", send, 100, AT + 1, AT)
    return send, leasing.mark_attempting("one", rows)


def left(folder: Path, data: bytes) -> Path:
    """The journal of a sender that is dead."""
    journal = folder / "data" / "journal"
    journal.mkdir()
    (journal / "one.lock").touch()
    (journal / "one.000000.log").write_bytes(data)
    return journal


def states(send: int) -> list[str]:
    return [row.state for row in counting.rows(send)]


def test_what_was_begun_and_has_no_outcome_is_unknown(recorded: Recorded) -> None:
    send, (first, second, _) = held(3)
    data = line(begun(first.id)) + line(begun(second.id)) + line(ended(first.id)) + b"torn"
    folder = left(recorded.folder, data)
    (found,) = recover(folder, AT)
    assert (found.outcomes, found.unknown, found.returned) == (1, 1, 1)
    assert states(send) == ["accepted", "unknown", "planned"]
    assert counting.message(second.id).message_id == begun(second.id).message_id
    assert files(folder) == [] and recover(folder, AT) == []


def test_a_letter_was_tried_when_its_sender_tried_it(recorded: Recorded) -> None:
    """Not when it was found dead; without a journal: by the end of the lease."""
    send, (first, second, _) = held(3)
    later = AT + 60_000
    damaged = line(begun(first.id)) + b"x" + line(begun(second.id))[1:]
    recover(left(recorded.folder, damaged), later)
    known = [(row.attempted_at, row.settled_at) for row in counting.rows(send)]
    assert known == [(begun(first.id).at, later)] + [(AT + 1, later)] * 2


def test_transactional_messages_go_out_again_as_they_were(recorded: Recorded) -> None:
    send, (row,) = held(1, "transactional")
    recover(left(recorded.folder, line(begun(row.id))), AT)
    assert states(send) == ["deferred"]
    (again,) = leasing.lease("two", send, 1, AT + 10**6, AT + 10**6)
    assert (again.message_id, again.unsure) == (begun(row.id).message_id, 1)


def test_of_a_damaged_journal_nothing_is_sent_again(recorded: Recorded) -> None:
    send, (first, second, _) = held(3)
    damaged = b"x" + line(begun(first.id))[1:] + line(begun(second.id)) + line(ended(second.id))
    recover(left(recorded.folder, damaged), AT)
    assert states(send) == ["unknown", "accepted", "unknown"]


def test_a_living_sender_is_left_alone(recorded: Recorded) -> None:
    send, _ = held(1)
    folder = recorded.folder / "data" / "journal"

    async def living() -> None:
        journal = Journal(folder, "one")
        assert await asyncio.to_thread(recover, folder, AT) == []
        await journal.close()

    asyncio.run(living())
    assert states(send) == ["attempting"]


def test_a_lost_machine_is_waited_for_and_may_come_back(recorded: Recorded) -> None:
    send, (first, _) = held(2)
    here = recorded.folder / "elsewhere"
    here.mkdir()
    assert settle_lost(here, AT + LOST) == []
    assert [one.unknown for one in settle_lost(here, AT + LOST + 2)] == [2]
    assert states(send) == ["unknown", "unknown"]
    recover(left(recorded.folder, line(begun(first.id)) + line(ended(first.id))), AT)
    assert states(send) == ["accepted", "unknown"]


def test_two_may_recover_at_once(recorded: Recorded) -> None:
    _, (row,) = held(1)
    folder = left(recorded.folder, line(begun(row.id)))
    lock = os.open(folder / "one.lock", os.O_RDWR)
    journals.fcntl.flock(lock, journals.fcntl.LOCK_EX)
    assert recover(folder, AT) == []
    os.close(lock)
    assert [one.unknown for one in recover(folder, AT)] == [1]
