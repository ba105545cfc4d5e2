"""The lake of a running server: written by the clock, and what monitoring is told of it."""

import math
import time
from collections.abc import Iterator
from typing import Final

import structlog

from lettershop.app.engine import Engine
from lettershop.app.lake import Exported, export_lake, vacuum_lake
from lettershop.app.vitals import Vital
from lettershop.model.clock import HOUR, SECOND, Clock
from lettershop.model.errors import Unavailable

log = structlog.get_logger("lettershop.lake")

SWEEP: Final = HOUR
"""How often parts of writers that died are looked for."""


class Lakes:
    """One per server whose settings name a lake."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._last: Exported | None = None
        self._made_at = 0
        self._written = self._snapshots = 0
        self._seconds = 0.0
        self._swept = 0
        self._deadline = math.inf

    def step(self) -> bool:
        """A snapshot if anything changed; now and then what died writers left is removed."""
        with self._engine.read() as workspace:
            done = export_lake(workspace, tell=self._patient)
            if self._clock.now() - self._swept >= SWEEP:
                vacuum_lake(workspace)
                self._swept = self._clock.now()
        self._last = done
        if done.changed:
            self._snapshots += 1
            self._written += done.written
            self._seconds += done.seconds
            log.info("lake.snapshot", snapshot=done.snapshot, bytes=done.written)
        self._made_at = self._clock.now()
        return False

    def stop(self, seconds: float) -> None:
        """A snapshot that is not made in that time is given up; the former one stays."""
        self._deadline = time.monotonic() + seconds

    def _patient(self, table: str, done: int, total: int) -> None:
        if time.monotonic() > self._deadline:
            raise Unavailable("server.stopping", "the server is stopping", retry_after=5)

    def figures(self) -> Iterator[Vital]:
        """Age: since the facts were last found to be in the lake as they are."""
        if self._last is None:
            return
        age = (self._clock.now() - self._made_at) / SECOND
        yield Vital(name="lake_age_seconds", help="Since the lake was last current.", value=age)
        text = "Number of the newest snapshot of the lake."
        yield Vital(name="lake_snapshot", help=text, value=self._last.snapshot)
        counted = (
            ("lake_snapshots_total", "Snapshots written.", self._snapshots),
            ("lake_written_bytes_total", "Bytes of parts written.", self._written),
            ("lake_seconds_total", "Time spent writing snapshots.", self._seconds),
        )
        for name, text, value in counted:
            yield Vital(name=name, help=text, value=value, kind="counter")
