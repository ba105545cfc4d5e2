"""Compliance as consent.toml says it now: read again when the file has changed."""

import threading
from pathlib import Path

import structlog

from lettershop.app.compliance import Compliance
from lettershop.compliance.policy import FILE, read_policy
from lettershop.model.clock import Clock
from lettershop.model.settings import Settings

log = structlog.get_logger("lettershop.compliance")


class CurrentCompliance:
    """Call it. A file with mistakes changes nothing: unsubscribing and returns go on by what it
    said before, or as far as it can be read."""

    def __init__(self, folder: Path, settings: Settings, clock: Clock) -> None:
        self._folder, self._settings, self._clock = folder, settings, clock
        self._guard = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._now: Compliance | None = None

    def __call__(self) -> Compliance:
        with self._guard:
            stamp = self._stamp()
            if self._now is None or stamp != self._seen:
                self._now, self._seen = self._read(), stamp
            return self._now

    def _read(self) -> Compliance:
        policy, findings = read_policy(self._folder)
        wrong = [one for one in findings if one.level == "error"]
        if wrong:
            log.error("compliance.policy", problems=len(wrong), first=str(wrong[0]))
            if self._now is not None:
                return self._now
        return Compliance(self._folder, self._settings, clock=self._clock, policy=policy)

    def _stamp(self) -> tuple[int, int]:
        try:
            found = (self._folder / FILE).stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size
