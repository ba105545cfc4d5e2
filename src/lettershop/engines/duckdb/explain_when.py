"""Since when an answer has been what it is, and when it changes if nothing happens.

Both by asking again at the moments at which it can have changed (explain_moments.py), one after the
other: conditions come and go, so halving the time in between would miss some.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence

from lettershop.engines.duckdb.aside import Aside
from lettershop.engines.duckdb.evaluate import Evaluation
from lettershop.engines.duckdb.explain_moments import moments
from lettershop.engines.duckdb.instants import Instants
from lettershop.language.definition import Definition
from lettershop.model.clock import ALWAYS, DAY, format_instant
from lettershop.model.settings import Settings
from lettershop.planning.explain import Because, Line, Since, Upcoming

HORIZON = 400 * DAY
MOST = 48
"""Moments that are tried in each direction: each costs some milliseconds."""
CHANGE = 3
"""What a moment costs more at which other facts than events came to count."""

NOT_SOON = "not within 400 days"
OTHERS = "depends on others"
TOO_MANY = "not worked out: there are too many moments at which it could change"

LONGER = "or longer: there are too many moments at which it could have begun"

Told = Callable[[Evaluation], list[Line]]
"""The conditions as they are in an evaluation."""


class Course:
    """One subject's answers over time, in the small copy."""

    def __init__(
        self, aside: Aside, definitions: Sequence[Definition], name: str, as_of: int, used: Settings
    ) -> None:
        self._aside, self._name, self._as_of = aside, name, as_of
        found = moments(aside.store, definitions, as_of + HORIZON)
        self._moments, self._now = found.every, bisect_right(found.every, as_of)
        self._changes = frozenset(found.changes)
        self._instants = Instants(aside.store, definitions, found.changes, used)

    def holds(self, instant: int) -> bool:
        return self._holds(self._instants.at(instant))

    def _holds(self, found: Evaluation) -> bool:
        return self._aside.subject in found.members(self._name)

    def since(self) -> Since:
        """The moment since which the answer is the one of now."""
        now = self.holds(self._as_of)
        start: int | None = None
        past = self._moments[: self._now][::-1]
        tried = self._affordable(past)
        for at in tried:
            if self.holds(at) != now:
                return Since(at=_told(start))
            start = at
        if len(tried) < len(past):
            return Since(at=_told(start), note=LONGER)
        if not now:
            return Since(at=None, note="never was")
        if start is None or start <= ALWAYS:
            return Since(at=None, note="ever since anything is known")
        return Since(at=_told(start))

    def upcoming(self, told: Told) -> Upcoming:
        """The next moment at which the answer is another."""
        last = self._instants.at(self._as_of)
        now = self._holds(last)
        ahead = self._moments[self._now :]
        tried = self._affordable(ahead)
        for at in tried:
            found = self._instants.at(at)
            if self._holds(found) != now:
                because = _turned(told(last), told(found))
                return Upcoming(at=format_instant(at), enters=not now, because=because)
            last = found
        note = NOT_SOON if len(tried) == len(ahead) else TOO_MANY
        return Upcoming(at=None, enters=not now, note=note)

    def _affordable(self, instants: Sequence[int]) -> Sequence[int]:
        """As many of the first of them as may be tried."""
        left = MOST
        for number, at in enumerate(instants):
            left -= 1 + CHANGE * (at in self._changes)
            if left < 0:
                return instants[:number]
        return instants


def _told(at: int | None) -> str | None:
    return None if at is None else format_instant(at)


def _turned(before: Sequence[Line], after: Sequence[Line]) -> tuple[Because, ...]:
    """The conditions that turned and decide afterwards (or did before); of opened segments what
    turned in them."""
    if [line.sentence for line in before] != [line.sentence for line in after]:
        return ()
    deeper = [*(line.depth for line in after[1:]), 0]
    return tuple(
        Because(is_.sentence, is_.truth)
        for was, is_, following in zip(before, after, deeper, strict=True)
        if was.truth != is_.truth and following <= is_.depth and (was.decides or is_.decides)
    )
