"""The promise, proved by kills: sender processes are killed with -9 at random moments and started
again, while a mail server counts what it really took. Nobody is skipped; nobody gets it twice but
those whom the ledger calls unknown; and the figures add up."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from random import Random

import pytest
from delivery.conftest import Recorded
from delivery.senders import sending
from delivery.senders.sink import Sink, running_sink
from seeds import seed

from lettershop.delivery.ledger import controls, counting, planning
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.ledger.snapshot import freeze
from lettershop.delivery.models import Message
from lettershop.delivery.senders.supervisor import Supervisor
from lettershop.model.clock import SystemClock

PRELOAD = [
    "lettershop.app.records",
    "lettershop.delivery.models",
    "lettershop.delivery.senders.process",
    "lettershop.delivery.smtp.smarthost",
]
"""What takes long to import; only what is installed can be."""
PEOPLE, KILLS, CONNECTIONS = 700, 7, 4
NOW = SystemClock().now


def planned(count: int, kind: str = "campaign") -> int:
    """A send to so many people, going."""
    send = planning.begin(f"{kind}:1", kind=kind, name="spring", stream="marketing", at=NOW())  # type: ignore[arg-type]
    people = (
        Planned(
            contact=f"user:{n}",
            address=f"u{n}@example.com",
            values=freeze({"name": f"Person {n}"}),
        )
        for n in range(count)
    )
    assert planning.plan(send.id, people, NOW()) == count
    controls.start(send.id, NOW())
    return send.id


class Crew:
    """Sender processes, forked from one that has imported everything: a restart is quick."""

    def __init__(self, shop: Recorded, sink: Sink) -> None:
        self._with = (str(shop.folder), shop.settings.records, str(sink.port), str(CONNECTIONS))
        self._journal = shop.folder / "data" / "journal"
        self._made = multiprocessing.get_context("forkserver")
        self._made.set_forkserver_preload(PRELOAD)
        self.processes: list[BaseProcess] = []

    def start(self) -> None:
        process = self._made.Process(target=sending.main, args=(*self._with, ""), daemon=True)
        process.start()
        self.processes.append(process)

    def kill(self, which: int) -> None:
        process = self.processes.pop(which)
        process.kill()
        process.join()
        process.close()

    def begun(self, seconds: float = 30) -> None:
        """Until each has its journal, so that it knows what SIGTERM means."""
        end, wanted = time.monotonic() + seconds, {f"-{one.pid}-" for one in self.processes}
        while not all(any(pid in name for name in os.listdir(self._journal)) for pid in wanted):
            assert time.monotonic() < end, wanted
            time.sleep(0.01)

    def stop(self) -> list[int | None]:
        """Asked to end; their exit codes."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join(30)
        return [process.exitcode for process in self.processes]


@contextmanager
def crew(shop: Recorded, sink: Sink) -> Iterator[Crew]:
    made = Crew(shop, sink)
    try:
        yield made
    finally:
        for _ in list(made.processes):
            made.kill(0)


def done(send: int, seconds: float = 30) -> None:
    """Until nothing of the send is open."""
    end = time.monotonic() + seconds
    while counting.counts(send).open:
        assert time.monotonic() < end, counting.counts(send)
        time.sleep(0.05)


@pytest.mark.parametrize("count", [2, 3])
def test_nobody_is_skipped_and_nobody_gets_it_twice(recorded: Recorded, count: int) -> None:
    random, send = Random(seed() + count), planned(PEOPLE)
    with running_sink(slow=0.01) as sink, crew(recorded, sink) as senders:
        for _ in range(count):
            senders.start()
        for _ in range(KILLS):
            before = sum(sink.taken.values())
            while sum(sink.taken.values()) == before and counting.counts(send).open:
                time.sleep(0.01)
            time.sleep(random.random() * 0.15)
            senders.kill(random.randrange(count))
            senders.start()
        done(send)
        senders.begun()
        assert senders.stop() == [0] * count

    found = counting.counts(send)
    assert found.adds_up and found.planned == PEOPLE and found.open == 0
    for row in counting.rows(send, limit=PEOPLE):
        got = sink.taken[row.address]
        assert (row.state, got) in {("accepted", 1), ("unknown", 0), ("unknown", 1)}
        assert row.message_id in sink.ids.get(row.address, [row.message_id])
    assert found.states["unknown"] <= KILLS * CONNECTIONS
    assert list((recorded.folder / "data" / "journal").iterdir()) == []


def test_a_transactional_message_is_sent_again_under_the_same_message_id(
    recorded: Recorded,
) -> None:
    random, send = Random(seed()), planned(150, "transactional")
    with running_sink(slow=0.05) as sink, crew(recorded, sink) as senders:
        senders.start()
        while counting.counts(send).open > 90:
            taken = sum(sink.taken.values())
            while sum(sink.taken.values()) < taken + 8:
                time.sleep(0.01)
            time.sleep(random.random() * 0.05)
            senders.kill(0)
            senders.start()
        while counting.counts(send).open:
            Message.objects.filter(state="deferred").update(due_at=0)
            time.sleep(0.1)

    found = counting.counts(send)
    assert found.states["accepted"] == found.planned == 150
    assert found.resent > 0
    for row in counting.rows(send, limit=1_000):
        assert 1 <= sink.taken[row.address] <= 1 + row.unsure
        assert set(sink.ids[row.address]) == {row.message_id}


def test_senders_are_started_kept_alive_and_ended(recorded: Recorded) -> None:
    send = planned(20)
    with running_sink() as sink:
        command = [sys.executable, sending.__file__, str(recorded.folder)]
        command += [recorded.settings.records, str(sink.port), str(CONNECTIONS), "parent"]
        supervisor = Supervisor(command, 1)
        try:
            supervisor.step()
            done(send)
            (pid,) = supervisor.pids
            os.kill(pid, signal.SIGKILL)
            while supervisor.pids in ([], [pid]):
                supervisor.step()
                time.sleep(0.05)
        finally:
            supervisor.stop()
    assert supervisor.alive == 0
    assert sink.taken.total() == 20


def test_a_sender_ends_when_its_parent_is_gone(recorded: Recorded) -> None:
    with running_sink() as sink:
        command = [sys.executable, sending.__file__, str(recorded.folder)]
        command += [recorded.settings.records, str(sink.port), str(CONNECTIONS), "parent"]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(30) == 0
