"""Backups of a running server: those that lie in data/backups/, and one that is being made."""

import threading
from pathlib import Path
from typing import Final

import msgspec
import structlog

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.backup import backup
from lettershop.app.engine import Engine
from lettershop.app.workspace import DATABASE
from lettershop.model.clock import Clock
from lettershop.model.errors import LettershopError, NotFound, UsageError

FOLDER: Final = "backups"
log = structlog.get_logger("lettershop.backups")


class Kept(msgspec.Struct, frozen=True):
    """A backup: its file's name, size in bytes, and when it was made (ms)."""

    name: str
    size: int
    made_at: int


class Making(msgspec.Struct, frozen=True):
    """How far it is, in bytes; `cancelled`: it ends soon. `error`: why the last one ended."""

    what: str = ""
    done: int = 0
    total: int = 0
    running: bool = False
    cancelled: bool = False
    error: str = ""


class _Cancelled(Exception):
    """Somebody does not want it any more."""


class Backups:
    """One at a time. A process that dies leaves no backup behind that is not whole."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._guard = threading.Lock()
        self._making = Making()
        self._thread: threading.Thread | None = None

    def kept(self) -> list[Kept]:
        """The newest first."""
        found = []
        for path in self._folder().glob("*.tar"):
            stat = path.stat()
            found.append(Kept(path.name, stat.st_size, int(stat.st_mtime * 1000)))
        return sorted(found, key=lambda one: (one.made_at, one.name), reverse=True)

    def path(self, name: str) -> Path:
        """NotFound `backup.unknown`."""
        if name not in {one.name for one in self.kept()}:
            raise NotFound("backup.unknown", f"there is no backup “{name[:100]}”")
        return self._folder() / name

    @property
    def making(self) -> Making:
        return self._making

    def begin(self, by: Principal, version: str) -> None:
        """Make one beside everything else; `version` of this lettershop. UsageError
        `backup.running`."""
        with self._guard:
            if self._making.running:
                raise UsageError("backup.running", "a backup is being made already")
            self._making = Making(running=True)
            audit(by, "backup.make", FOLDER)
            self._thread = threading.Thread(
                target=self._make, args=(version,), name="backup", daemon=True
            )
            self._thread.start()

    def cancel(self) -> None:
        with self._guard:
            if self._making.running:
                self._making = msgspec.structs.replace(self._making, cancelled=True)

    def wait(self, seconds: float) -> None:
        """Until it is made, or not."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _make(self, version: str) -> None:
        error = ""
        try:
            with self._engine.read() as workspace:
                backup(workspace, version, tell=self._tell)
        except _Cancelled:
            error = "cancelled"
        except LettershopError as problem:
            error = problem.message
        except Exception as problem:
            log.exception("backup.failed")
            error = type(problem).__name__
        with self._guard:
            self._making = Making(error=error)

    def _tell(self, what: str, done: int, total: int) -> None:
        with self._guard:
            if self._making.cancelled:
                raise _Cancelled
            self._making = Making(what=what, done=done, total=total, running=True)

    def _folder(self) -> Path:
        return self._engine.workspace.path / DATABASE.parent / FOLDER
