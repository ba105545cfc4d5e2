"""A loader that stands by: every second it tries to lead, and when it does, readies its facts."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, connection

from lettershop.app.cluster.facts import Fetch, prepare
from lettershop.cluster.leading import BEAT, Leading, leader
from lettershop.cluster.models import Process
from lettershop.model.errors import LettershopError, WorkspaceError
from lettershop.model.settings import Settings

PATIENCE: Final = 5.0
"""Seconds that `lettershop up` tries to lead: the one before it may just be ending."""
_log = structlog.get_logger("lettershop.cluster")


class Waiting:
    """`start`; then `told` is called once, in a thread: `leading` is there, or `error`; or neither,
    when it was stopped before."""

    def __init__(
        self, folder: Path, settings: Settings, process: Process, fetch: Fetch | None
    ) -> None:
        """`folder`: of the workspace."""
        self._folder, self._settings, self._fetch = folder, settings, fetch
        self._attempt = Leading(process)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.state = "standing by"
        self.leading: Leading | None = None
        self.error: Exception | None = None

    def start(self, told: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=self._run, args=(told,), name="standby")
        self._thread.start()

    def stop(self) -> None:
        """It stands by no longer; what it has won is kept."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        if self.leading is None:
            self._attempt.stop()

    def _run(self, told: Callable[[], None]) -> None:
        try:
            if self._won():
                self._attempt.keep()
                self.state = "making its facts ready"
                prepare(self._folder, self._settings, self._attempt, self._fetch, shared=True)
                self.leading = self._attempt
        except (LettershopError, DatabaseError, InterfaceError, OSError) as error:
            self.error = error
        finally:
            connection.close()
            told()

    def _won(self) -> bool:
        while not self._stopping.is_set():
            try:
                if self._attempt.attempt():
                    _log.info("leader.new", epoch=self._attempt.epoch)
                    return True
            except (DatabaseError, InterfaceError) as error:  # others lead, or nobody can
                _log.warning("standby.records", error=str(error).strip()[:200])
            self._stopping.wait(BEAT)
        return False


def lead_now(process: Process) -> Leading:
    """For `lettershop up`, which does not stand by. WorkspaceError `cluster.led`."""
    leading, waited = Leading(process), 0.0
    pause = threading.Event()
    while not leading.attempt():
        if waited >= PATIENCE:
            leading.stop()
            found = leader()
            other = found.process if found is not None else None
            where = f"{other.host}, process {other.pid}" if other is not None else ""
            message = "another process owns the facts and does what is due"
            hint = "end it first; or run lettershop loader, which stands by until it may lead"
            raise WorkspaceError("cluster.led", message, where=where, hint=hint)
        waited += BEAT
        pause.wait(BEAT)
    leading.keep()
    return leading
