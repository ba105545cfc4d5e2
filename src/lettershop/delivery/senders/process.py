"""A sender as a process of its own: started, recovering what others left, told to end."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
import uvloop

from lettershop.cluster import processes
from lettershop.delivery.ledger.timing import RecordsClock
from lettershop.delivery.senders.desk import Desk
from lettershop.delivery.senders.journal import Journal
from lettershop.delivery.senders.parts import Parts
from lettershop.delivery.senders.recovery import LOST
from lettershop.delivery.senders.rounds import Rounds
from lettershop.delivery.senders.sender import Sender
from lettershop.model.clock import Clock

log = structlog.get_logger("lettershop.sender")

ENDING: Final = (signal.SIGTERM, signal.SIGINT)
LAST: Final = 30.0
"""Seconds a sender has for its end; what hangs then is `unknown`."""
GARBAGE: Final = 20_000
"""New objects after which garbage is looked for: a letter makes hundreds that go by themselves."""
SWITCH: Final = 0.0005
"""Seconds a thread may hold the interpreter while others want it: connections, journal and ledger
have little to do each time, and should not wait for whole letters."""


def holder_name() -> str:
    """Of this process, never the same again: machine, process, four random bytes."""
    return processes.process_name()


def run_sender(
    make: Callable[[], Parts],
    journal: Path,
    *,
    clock: Clock | None = None,
    lost: int = LOST,
    version: str = "",
    with_parent: bool = True,
) -> int:
    """Send until told to stop (SIGTERM, SIGINT) or until the parent is gone (`with_parent`: stdin
    is a pipe it holds open). The records must be connected. `make` is called in the thread
    that asks the records. `clock`: the records' own by default. `lost`: see recovery.LOST.
    `version`: of the program, for those who look at who is there.
    Returns the exit code: 0, or 1 when the journal or the records failed."""
    sys.setswitchinterval(SWITCH)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        desk = Desk()
        rounds = Rounds(desk, journal, clock or RecordsClock(), lost, version)
        return runner.run(_sent(make, rounds, with_parent=with_parent))


async def _sent(make: Callable[[], Parts], rounds: Rounds, *, with_parent: bool) -> int:
    desk, told = rounds.desk, asyncio.Event()
    for each in ENDING:
        asyncio.get_running_loop().add_signal_handler(each, told.set)  # until there is a sender
    rounds.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    await rounds.recover()
    journal = Journal(rounds.folder, holder_name())
    await rounds.begin(journal.holder)
    sender = Sender(await desk(make), journal, desk, rounds.clock)
    _settle_memory()
    _listen(sender, with_parent=with_parent)
    if told.is_set():
        sender.stop()
    going_round = asyncio.create_task(rounds.run())
    log.info("sender.started", holder=journal.holder)
    try:
        await sender.run()
        await rounds.end()
    except Exception:
        log.exception("sender.failed", holder=journal.holder)
        return 1
    finally:
        going_round.cancel()
        await asyncio.gather(going_round, return_exceptions=True)
        await journal.close()
        await desk.close()
        gc.unfreeze()
    log.info("sender.stopped", holder=journal.holder, settled=sender.settling.settled)
    return 0


def _settle_memory() -> None:
    """What is there now stays: it need not be gone through again and again for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def _listen(sender: Sender, *, with_parent: bool) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        sender.stop()
        loop.call_later(LAST, os._exit, 1)

    for each in ENDING:
        loop.add_signal_handler(each, stop)
    if with_parent:
        pipe = sys.stdin.fileno()
        os.set_blocking(pipe, False)

        def heard() -> None:
            if not os.read(pipe, 64):
                loop.remove_reader(pipe)
                stop()

        loop.add_reader(pipe, heard)
