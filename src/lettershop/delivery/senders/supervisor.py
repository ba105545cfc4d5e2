"""As many sender processes as wanted, kept alive by the server."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import structlog

log = structlog.get_logger("lettershop.senders")

STEADY: Final = 30.0
"""Seconds after which a process that has died is started again at once."""
LONGEST: Final = 60.0
GRACE: Final = 35.0
"""Seconds they get to end: more than they take (process.LAST)."""


class _Place(msgspec.Struct):
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    failures: int = 0
    not_before: float = 0.0


class Supervisor:
    """`step` again and again from one thread (a Job), `stop` once. They end when we do, too: each
    reads from a pipe that only we hold open."""

    def __init__(
        self, command: Sequence[str], count: int, environment: Mapping[str, str] | None = None
    ) -> None:
        """`environment`: theirs; None for our own."""
        self._command, self._environment = list(command), environment
        self._places = [_Place() for _ in range(count)]

    @property
    def alive(self) -> int:
        return sum(p.process is not None and p.process.poll() is None for p in self._places)

    @property
    def pids(self) -> list[int]:
        return [p.process.pid for p in self._places if p.process and p.process.poll() is None]

    def step(self) -> bool:
        """Start what is not there. Always False: there is nothing more to do at once."""
        for place in self._places:
            self._look(place)
        return False

    def stop(self, seconds: float = GRACE) -> None:
        """Ask all to end, wait, kill those that do not."""
        running = [p.process for p in self._places if p.process and p.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + seconds
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("sender.killed", pid=process.pid)
                process.kill()
                process.wait()
        for place in self._places:
            if place.process is not None and place.process.stdin is not None:
                place.process.stdin.close()
            place.process = None

    def _look(self, place: _Place) -> None:
        now = time.monotonic()
        if place.process is not None:
            code = place.process.poll()
            if code is None:
                return
            if place.process.stdin is not None:
                place.process.stdin.close()
            place.process = None
            place.failures = 1 if now - place.started > STEADY else place.failures + 1
            place.not_before = now + min(2.0 ** (place.failures - 2), LONGEST)
            log.error("sender.died", code=code, failures=place.failures)
        if now >= place.not_before:
            place.started = now
            place.process = subprocess.Popen(  # noqa: S603  (ours)
                self._command, stdin=subprocess.PIPE, env=self._environment
            )
