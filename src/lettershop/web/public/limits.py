"""So often, and no more, in a stretch of time: per network or per letter, in memory."""

import threading
from time import monotonic
from typing import Final

MOST_KNOWN: Final = 20_000
"""Names that are counted at once; then all begin anew."""


class Allowance:
    """`most` times in `seconds`, counted from the first of them."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._counted: dict[str, tuple[float, int]] = {}
        self._guard = threading.Lock()

    def spent(self, name: str) -> int:
        """Seconds to wait, 0 while it may; nothing is counted."""
        since, times = self._counted.get(name, (0.0, 0))
        left = since + self._seconds - monotonic()
        return int(left) + 1 if times >= self._most and left > 0 else 0

    def count(self, name: str) -> int:
        """Count one; seconds to wait, 0 when this one may be."""
        wait = self.spent(name)
        if wait:
            return wait
        now = monotonic()
        with self._guard:
            if len(self._counted) >= MOST_KNOWN:
                self._counted.clear()
            since, times = self._counted.get(name, (now, 0))
            fresh = now - since < self._seconds
            self._counted[name] = (since, times + 1) if fresh else (now, 1)
        return 0
