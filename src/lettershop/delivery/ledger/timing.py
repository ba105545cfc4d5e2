"""The clock that all machines of a fleet agree on: that of the records.

Leases, retries and heartbeats are written by one machine and judged by another. On SQLite there is
one machine, and its own clock will do.
"""

import time
from typing import Final

import structlog
from django.db import connection

from lettershop.model.clock import SECOND, Clock, SystemClock

log = structlog.get_logger("lettershop.records")

_NOW: Final = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
LONGEST: Final = SECOND
"""Milliseconds an answer may take to be believed, once there is one."""
ODD: Final = 2 * SECOND
"""How far this machine's clock may be off before that is worth a line in the log."""


class RecordsClock:
    """`look` now and then in the records' thread; `now` anywhere, without I/O. Between two looks it
    runs on by this machine's steady clock, which nobody can set."""

    def __init__(self, own: Clock | None = None) -> None:
        """`own`: this machine's; it counts until the first look, and on SQLite."""
        self._own = own or SystemClock()
        self._ahead: int | None = None
        self._odd = False

    def now(self) -> int:
        if self._ahead is None:
            return self._own.now()
        return _steady() + self._ahead

    def look(self) -> None:
        """Ask the records what time it is. DatabaseError."""
        if connection.vendor != "postgresql":
            return
        asked = _steady()
        with connection.cursor() as cursor:
            cursor.execute(_NOW)
            (said,) = cursor.fetchone()
        answered = _steady()
        if self._ahead is not None and answered - asked > LONGEST:
            return
        self._ahead = int(said) - (asked + answered) // 2
        self._wonder()

    def _wonder(self) -> None:
        """Say once that the two clocks differ, and once that they do not any more."""
        off = self._own.now() - self.now()
        odd = abs(off) > ODD
        if odd != self._odd:
            (log.warning if odd else log.info)("records.clock", machine_ahead_ms=off)
        self._odd = odd


def _steady() -> int:
    return time.monotonic_ns() // 1_000_000
