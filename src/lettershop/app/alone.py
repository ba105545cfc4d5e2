"""The server of a workspace that no other process shares: its raw log is its own, and whatever is
due by the clock is its own to do. Its counterpart is app/cluster/owner.py."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from lettershop.app.background import Job
from lettershop.app.vitals import Vital
from lettershop.ingest.log.writer import LogWriter
from lettershop.model.clock import Clock
from lettershop.model.settings import Settings


class Place(Protocol):
    """What a server is among others."""

    sends: bool
    """Whether it keeps sender processes."""

    def open_log(self, folder: Path, settings: Settings, clock: Clock, loaded: int) -> LogWriter:
        """Where requests become durable; `folder`: of the raw log that the loader reads."""

    def permit(self) -> None:
        """Called before every step of a job."""

    def loaded(self, seq: int) -> None:
        """Requests of the raw log up to `seq` are facts."""

    def jobs(self) -> Sequence[Job]: ...
    def figures(self) -> Iterator[Vital]: ...
    def closed(self) -> None:
        """The jobs have ended; the records are still there."""


class Alone:
    sends = True

    def open_log(self, folder: Path, settings: Settings, clock: Clock, loaded: int) -> LogWriter:
        """InputError `intake.folder`, `intake.log`."""
        return LogWriter(folder, settings, clock, loaded=loaded)

    def permit(self) -> None:
        """Nobody else does it."""

    def loaded(self, seq: int) -> None:
        """Nobody waits for it."""

    def jobs(self) -> Sequence[Job]:
        return ()

    def figures(self) -> Iterator[Vital]:
        return iter(())

    def closed(self) -> None:
        """Nothing more is open."""
