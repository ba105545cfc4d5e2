"""What the server of the leader does besides: it copies the shared log, and shortens it.

A server that no other process shares is `app/alone.py`; the two say the same to `app/server.py`.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from django.db import close_old_connections

from lettershop.app.alone import Alone
from lettershop.app.background import Job
from lettershop.app.cluster.facts import vouch
from lettershop.app.cluster.intake import shared_writer
from lettershop.app.cluster.mirror import Mirror
from lettershop.app.vitals import Vital
from lettershop.cluster import processes, shared_log
from lettershop.cluster.leading import Leading
from lettershop.ingest.log.writer import LogWriter
from lettershop.lake.snapshots import current, snapshot
from lettershop.lake.storage import Lake
from lettershop.model.clock import Clock
from lettershop.model.settings import Settings

log = structlog.get_logger("lettershop.cluster")

DRAIN: Final = 0.1
SHORTEN: Final = 5.0
"""Seconds between two looks at what need not be kept in the shared log."""


class Owner:
    """Of one leader. `sends`: whether sender processes run beside it, as with `lettershop up`."""

    def __init__(self, leading: Leading, lake: Lake | None, *, sends: bool) -> None:
        """`lake`: where the facts are written, if anywhere."""
        self.leading, self.sends, self._lake = leading, sends, lake
        self._mirror: Mirror | None = None
        self._position = self._snapshot = self._safe = 0

    def open_log(self, folder: Path, settings: Settings, clock: Clock, loaded: int) -> LogWriter:
        """`folder`: of the own raw log. InputError `intake.folder`, `intake.log`."""
        self._mirror = Mirror(folder, clock, loaded)
        self._position = loaded
        return shared_writer(settings, self._mirror, self.leading.epoch, loaded)

    def permit(self) -> None:
        """Before each step of a job: a process that may have been replaced does nothing more."""
        self.leading.require()

    def jobs(self) -> list[Job]:
        return [
            Job("shared-log", DRAIN, self._drain, drain=True),
            Job("shorten", SHORTEN, partial(_fresh, self._shorten)),
            Job("processes", 3600, partial(_fresh, self._forget)),
        ]

    def loaded(self, seq: int) -> None:
        self._position = seq

    def closed(self) -> None:
        """The jobs have ended, and the lake has been written for the last time: others may lead."""
        if self._mirror is not None:
            self._mirror.close()
        try:
            self._shorten()
        except Exception as error:  # the next leader does it: nothing else waits for it
            log.warning("shorten.failed", error=str(error)[:200])

    def figures(self) -> Iterator[Vital]:
        found = shared_log.standing()
        text = "Requests in the shared log."
        yield Vital(name="shared_log_requests", help=text, value=found.last_seq - found.removed_seq)
        text = "The number of this leader."
        yield Vital(name="leader_epoch", help=text, value=self.leading.epoch)

    def _drain(self) -> bool:
        close_old_connections()
        return self._mirror is not None and self._mirror.step()

    def _shorten(self) -> bool:
        """Requests are kept until they are in a snapshot of the lake that has a successor; without
        a lake, until they are facts."""
        upto = self._position
        if self._lake is not None:
            upto = min(upto, self._in_lake(self._lake))
        return upto > 0 and shared_log.remove(self.leading.epoch, upto) > 0

    def _in_lake(self, lake: Lake) -> int:
        """Up to where the last snapshot goes that has a successor; 0 while none is known to."""
        number = current(lake)
        if number != self._snapshot:
            found = snapshot(lake, number)
            self._safe = max(self._safe, vouch(self.leading.epoch, number, found.watermark.seq))
            self._snapshot = number
        return self._safe

    def _forget(self) -> bool:
        processes.forget_gone()
        return False


def _fresh(step: Callable[[], bool]) -> bool:
    close_old_connections()
    return step()


class Single(Alone):
    """`lettershop up` on PostgreSQL, where no shared log was ever opened: nobody else leads."""

    def __init__(self, leading: Leading) -> None:
        self.leading = leading

    def permit(self) -> None:
        self.leading.require()
