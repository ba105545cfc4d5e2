"""Sender processes: kept running from the first send on, ended with the server."""

import os
import sys
import threading
from pathlib import Path
from typing import Final

from lettershop.app.sending.parts import sender_count
from lettershop.app.sending.process import JOURNAL
from lettershop.delivery.dkim.processor import quick_signing
from lettershop.delivery.models import Send
from lettershop.delivery.senders.supervisor import Supervisor
from lettershop.model.settings import Settings

OPEN: Final = ("holding", "sending", "paused")


class Senders:
    """`step` is a job's: a fifth of a second after the first send was begun they are started. They
    stay: whoever waits for a password does not wait for a process, too."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """`folder`: of the workspace."""
        self._journal = folder / "data" / JOURNAL
        self._supervisor = Supervisor(
            command(folder), sender_count(settings), quick_signing(os.environ)
        )
        self._guard = threading.Lock()
        self._awake = self._stopping = False

    @property
    def alive(self) -> int:
        return self._supervisor.alive

    def step(self) -> bool:
        with self._guard:
            if self._stopping:
                return False
            self._awake = self._awake or self._needed()
            return self._supervisor.step() if self._awake else False

    def stop(self) -> None:
        """What they have in hand is settled, or comes back by itself."""
        with self._guard:
            self._stopping = True
            self._supervisor.stop()

    def problem(self) -> str:
        """In words, when there is something to send and nobody to do it."""
        if not self._awake or self._stopping or self.alive:
            return ""
        return "no sender process is running: the log says why they end"

    def _needed(self) -> bool:
        """Something is to be sent, or a journal to be settled that was left by a power cut."""
        if Send.objects.filter(state__in=OPEN).exists():
            return True
        return self._journal.is_dir() and any(self._journal.glob("*.lock"))


def command(folder: Path) -> list[str]:
    """By this Python."""
    return [sys.executable, "-m", "lettershop.app.postoffice.sender", str(folder)]
