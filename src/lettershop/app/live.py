"""What is coming in right now: the last events, and how many per minute. Lost at a restart."""

import threading
from collections import Counter, deque
from collections.abc import Iterable

import msgspec

from lettershop.ingest.seen import Seen as Seen
from lettershop.model.clock import MINUTE, Clock

SHOWN = 200
MINUTES = 60


class Rates(msgspec.Struct, frozen=True):
    """Events per minute, the oldest first, the last one still running; by outcome."""

    start: int
    loaded: tuple[int, ...]
    duplicate: tuple[int, ...]
    refused: tuple[int, ...]


class Live:
    """Filled by the loader, read by pages and the API, from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: deque[Seen] = deque(maxlen=SHOWN)
        self._minutes: dict[int, Counter[str]] = {}
        self._guard = threading.Lock()

    def add(self, seen: Iterable[Seen], counts: Counter[str]) -> None:
        """Show some events and count all of them: `counts` holds events by outcome."""
        minute = self._clock.now() // MINUTE
        with self._guard:
            self._last.extend(seen)
            self._minutes.setdefault(minute, Counter()).update(counts)
            for old in [m for m in self._minutes if m <= minute - MINUTES]:
                del self._minutes[old]

    def last(self, most: int = 50) -> list[Seen]:
        """The newest first."""
        with self._guard:
            return list(self._last)[: -most - 1 : -1]

    def rates(self) -> Rates:
        now = self._clock.now() // MINUTE
        span = range(now - MINUTES + 1, now + 1)
        with self._guard:
            rows = [self._minutes.get(minute, Counter()) for minute in span]
        columns = (tuple(row[k] for row in rows) for k in ("loaded", "duplicate", "refused"))
        return Rates(span[0] * MINUTE, *columns)
