"""When the cluster is asked by itself: every so often, at once when something else is published,
and again after a pause when it could not be reached."""

from typing import Final

from lettershop.model.clock import MINUTE, SECOND, format_instant

AGAIN: Final = MINUTE
"""The longest pause after a failure."""


class Schedule:
    """`every`: milliseconds between two evaluations. `last`: as of when members are stored, None
    where they never were. While attempts fail, segments stay as they were."""

    def __init__(self, every: int, last: int | None) -> None:
        self._every, self.last = every, last
        self._revision: int | None = None
        self._not_before = 0
        self.problem = ""
        self.failed = 0
        """Attempts that failed, since the start."""

    def is_due(self, now: int, revision: int) -> bool:
        """`revision`: of what is published and pinned."""
        if now < self._not_before:
            return False
        if self.last is None or now - self.last >= self._every or self.problem:
            return True
        return self._revision is not None and revision != self._revision

    def done(self, at: int, revision: int) -> None:
        self.last, self._revision, self.problem = at, revision, ""

    def seen(self, revision: int) -> None:
        """What is published; from then on a change makes it due."""
        if self._revision is None:
            self._revision = revision

    def failed_at(self, now: int, text: str) -> None:
        self.failed += 1
        self._not_before = now + min(AGAIN, max(SECOND, self._every))
        since = "never yet" if self.last is None else f"last {format_instant(self.last)}"
        self.problem = f"the segments are not kept current ({since}): {text}"
