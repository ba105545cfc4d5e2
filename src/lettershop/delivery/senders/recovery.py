"""After a kill: what the journals of dead senders say goes into the ledger, their rows come back.

A row the journal says nothing about was not tried: it goes out again. One that was about to get its
final dot and has no outcome is `unknown`. Where the journal itself is damaged or lost, so is every
row that was marked `attempting` in the ledger: a few dozen. On several machines each recovers its
own senders; only when a machine stays away do the others settle for it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import structlog

from lettershop.cluster import processes
from lettershop.delivery.ledger import leasing
from lettershop.delivery.ledger.rows import Held, Outcome
from lettershop.delivery.senders.attempt import unknown
from lettershop.delivery.senders.lines import Attempting, Replayed, replayed
from lettershop.model.clock import HOUR

log = structlog.get_logger("lettershop.sender")

LOST: Final = HOUR
"""After the end of its lease, for how long the journal of a sender may be on a machine that is
down; then its rows are settled without it."""
DIED: Final = "its sender died before the answer was written down"
NO_JOURNAL: Final = "its sender on {machine} and its journal are lost"


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """Of one dead sender: outcomes its journal knew, messages nobody knows about, rows that came
    back."""

    holder: str
    outcomes: int
    unknown: int
    returned: int


def recover(folder: Path, at: int) -> list[Recovered]:
    """Settle for every sender of this folder that is dead; safe to do from several processes and
    to repeat."""
    found = []
    for lock in sorted(folder.glob("*.lock")):
        with _taken(lock) as ours:
            if ours:
                found.append(_settled(folder, lock.stem, at))
                lock.unlink(missing_ok=True)
    for one in found:
        log.warning("sender.recovered", **msgspec.structs.asdict(one))
    return found


def release_absent() -> int:
    """Rows that senders had only leased and that are not there any more, on whatever machine, go
    out again without waiting for the end of the lease; how many."""
    held = leasing.holders()
    if not held:
        return 0
    there = {one.name for one in processes.alive("sender")}
    returned = {holder: leasing.release_leased(holder) for holder in held if holder not in there}
    for holder, rows in returned.items():
        if rows:
            log.warning("sender.absent", holder=holder, returned=rows)
    return sum(returned.values())


def settle_lost(folder: Path, at: int, patience: int = LOST) -> list[Recovered]:
    """Rows whose lease was over `patience` ms ago, whose sender says nothing and has no journal
    here: its machine is gone. When it comes back after all, `recover` there still corrects what is
    unknown. `at`: by the clock of the records."""
    overdue = leasing.overdue(at - patience)
    if not overdue:
        return []
    others = {lock.stem for lock in folder.glob("*.lock")}
    others |= {one.name for one in processes.alive("sender")}
    lost = [_lost(holder, at) for holder in overdue if holder not in others]
    for one in lost:
        log.warning("sender.lost", **msgspec.structs.asdict(one))
    return lost


def machine_of(holder: str) -> str:
    """The machine in the name of a sender (process.holder_name)."""
    return holder.rsplit("-", 2)[0]


def _lost(holder: str, at: int) -> Recovered:
    why = NO_JOURNAL.format(machine=machine_of(holder))
    return _settle(holder, Replayed({}, damaged=True), at, why)


def _settled(folder: Path, holder: str, at: int) -> Recovered:
    files = sorted(folder.glob(f"{holder}.??????.log"))
    done = _settle(holder, replayed(files), at, DIED)
    for path in files:
        path.unlink()
    return done


def _settle(holder: str, said: Replayed, at: int, why: str) -> Recovered:
    outcomes = [last for last in said.last.values() if isinstance(last, Outcome)]
    unclear = [
        unknown(row.kind, begun, at, why)
        for row in leasing.held(holder)
        if (begun := _begun(row, said)) is not None
    ]
    leasing.settle(holder, [*outcomes, *unclear])
    returned = leasing.release_all(holder)
    return Recovered(holder=holder, outcomes=len(outcomes), unknown=len(unclear), returned=returned)


def _begun(row: Held, said: Replayed) -> Attempting | None:
    """How its final dot may have been said, by the end of its lease where no journal tells when;
    None: it was not."""
    match said.last.get(row.id):
        case Attempting(attempts=attempts) as begun if attempts > row.attempts:
            return begun
        case None if said.damaged and row.state == "attempting":
            tries = row.attempts + 1
            return Attempting(row.id, row.held_until, tries, row.unsure, row.message_id)
        case _:
            return None


@contextmanager
def _taken(lock: Path) -> Iterator[bool]:
    """Whether its owner is dead and nobody else is recovering it."""
    try:
        file = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        yield False
    else:
        yield lock.exists()
    finally:
        os.close(file)
