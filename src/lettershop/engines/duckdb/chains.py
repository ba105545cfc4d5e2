"""Follows the chains of a sequence, backwards from the last step.

An event is good when the next good one after it comes within the gap. The earliest next good event
is always the best, also for when the chain is done, so one binary search per event decides.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lettershop.planning.frame import Ints

_FIT = 1 << 62


class Times(NamedTuple):
    """Events: whose (dense id) and when."""

    ids: Ints
    ts: Ints


def followed(
    first: Times, links: Sequence[tuple[Times, int | None]], without: Times | None
) -> Ints | None:
    """Ids of the subjects with a chain from `first` through all links, each no more than its gap
    (ms) after the one before. `without`: none of these events between the first and the last.

    None when ids and times do not fit together into 64 bits.
    """
    line = _Line.over([first, *(times for times, _ in links), *([without] if without else [])])
    if line is None:
        return None
    befores = [first, *(times for times, _ in links[:-1])]
    good = done = line.places(links[-1][0])
    for before, (_, gap) in zip(reversed(befores), reversed(links), strict=True):
        good, done = line.followed(line.places(before), good, done, gap)
    if without is not None:
        between = line.places(without)
        after = np.searchsorted(between, good, side="right")
        bounded = np.append(between, _FIT)[after]
        good = good[(bounded // line.width != good // line.width) | (bounded >= done)]
    return good // line.width


class _Line(NamedTuple):
    """All subjects' times one after the other on one line of numbers."""

    base: int
    width: int

    @classmethod
    def over(cls, events: Sequence[Times]) -> "_Line | None":
        times = [e.ts for e in events if len(e.ts)]
        low = min((int(ts.min()) for ts in times), default=0)
        width = max((int(ts.max()) for ts in times), default=0) - low + 1
        most = max((int(e.ids.max()) for e in events if len(e.ids)), default=0)
        return cls(low, width) if width * (most + 1) < _FIT else None

    def places(self, events: Times) -> Ints:
        """Sorted, for the search."""
        return np.sort(events.ids.astype(np.int64) * self.width + (events.ts - self.base))

    def followed(self, before: Ints, good: Ints, done: Ints, gap: int | None) -> tuple[Ints, Ints]:
        """The places of `before` that a good one follows, and when their chain is done."""
        after = np.searchsorted(good, before, side="right")
        following = np.append(good, _FIT)[after]
        fits = following // self.width == before // self.width
        if gap is not None:
            fits &= following - before <= gap
        return before[fits], done[after[fits]]
