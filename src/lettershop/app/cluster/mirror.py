"""The shared log copied into the owner's own raw log, under the same numbers.

How far that is says the copy itself: its newest number. So a kill at any moment neither loses nor
doubles a request, and everything behind it (loader, rebuild, retention) works as on one machine.
"""

from pathlib import Path
from typing import Final

from lettershop.cluster import shared_log
from lettershop.ingest.log.tail import Tail
from lettershop.model.clock import Clock
from lettershop.model.errors import WorkspaceError

MOST_BYTES: Final = 8_000_000
"""Of bodies in one step."""


class Mirror:
    """`step` is a job's; `forget` may be called from another thread."""

    def __init__(self, folder: Path, clock: Clock, loaded: int) -> None:
        """`loaded`: the last request whose facts are there. InputError `intake.folder`,
        `intake.log`."""
        self._folder = folder
        self._tail = Tail(folder, clock, loaded)

    @property
    def last_seq(self) -> int:
        return self._tail.last_seq

    def step(self) -> bool:
        """Whether there may be more. WorkspaceError `cluster.gap`: never by itself."""
        found = shared_log.after(self._tail.last_seq, MOST_BYTES)
        if not found:
            return False
        check_gap(self._tail.last_seq, found[0].seq, self._folder)
        self._tail.write([one.item for one in found])
        return True

    def forget(self, upto_seq: int, before_ms: int) -> int:
        return self._tail.forget(upto_seq, before_ms)

    def close(self) -> None:
        self._tail.close()


def check_gap(here: int, following: int, folder: Path) -> None:
    """WorkspaceError `cluster.gap` when requests between the two numbers are nowhere any more."""
    if following > here + 1:
        message = f"requests {here + 1} to {following - 1} are in the shared log no more"
        hint = "these facts are too old: lettershop lake import brings newer ones"
        raise WorkspaceError("cluster.gap", message, where=str(folder), hint=hint)
