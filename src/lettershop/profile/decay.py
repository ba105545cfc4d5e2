"""Points that fade, and points per event: rules taken apart into nested windows and counts.

A rule worth 8 with a half-life of 30 days and three steps is worth 8 while the last event is at
most 30 days old, 4 up to 60 days, 2 up to 90, then nothing. As sums of truths:

    within last 30 days: 4    within last 60 days: 2    within last 90 days: 2

Per event, “at least 1, 2, … m times” stands for each window in place of “did”. Adding these up
gives exactly the points of the newest m events, each with its own age.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from lettershop.language.node import AT_LEAST
from lettershop.language.tree import And, Condition, Did, Duration, Last, Unit
from lettershop.model.clock import DAY, HOUR, MINUTE, WEEK
from lettershop.profile.traits import Rule

ABOUT: dict[Unit, int] = {
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": WEEK,
    "month": 30 * DAY + 10 * HOUR,
    "year": 365 * DAY + 6 * HOUR,
}
"""Lengths of time that are good enough to tell which is longer."""


class Part(NamedTuple):
    """One truth of a rule: its name within the rule, the condition, what it adds (micro-units)."""

    key: str
    where: Condition
    worth: int


def fading(where: Condition) -> Did | None:
    """The one `did` whose events can be counted and aged; None when there is not exactly one."""
    parts = where.parts if isinstance(where, And) else (where,)
    plain = [part for part in parts if isinstance(part, Did) and _is_plain(part)]
    return plain[0] if len(plain) == 1 else None


def _is_plain(did: Did) -> bool:
    window = did.events.window
    asked = (did.count, did.n, did.days, did.same, did.negated)
    return asked == (AT_LEAST, 1, False, None, False) and isinstance(window, Last | None)


def parts_of(rule: Rule) -> list[Part]:
    """The truths a rule is the sum of."""
    did = fading(rule.where)
    if did is None or (rule.half_life is None and rule.most == 1):
        return [Part("", rule.where, rule.points)]
    windows = _windows(did.events.window, rule.half_life, rule.steps)
    worths = [_halved(rule.points, step) for step in range(len(windows))] + [0]
    adds = [now - later for now, later in pairwise(worths)]
    return [
        Part(_key(rule, step, n), _asked(rule.where, did, window, n), adds[step])
        for step, window in enumerate(windows)
        for n in range(1, rule.most + 1)
    ]


def _windows(own: object, half_life: Duration | None, steps: int) -> Sequence[Last | None]:
    """Each holds the one before; none is longer than the rule's own."""
    last = own if isinstance(own, Last) else None
    return [last] if half_life is None else [*_steps(last, half_life, steps)]


def _steps(own: Last | None, half_life: Duration, steps: int) -> Iterator[Last]:
    for step in range(1, steps + 1):
        window = Duration(half_life.n * step, half_life.unit)
        if own is not None and about(window) >= about(own.duration):
            yield own
            return
        yield Last(window)


def about(duration: Duration) -> int:
    """Its length in milliseconds, roughly for months and years."""
    return duration.n * ABOUT[duration.unit]


def _halved(points: int, times: int) -> int:
    """Rounded towards zero to whole micro-units."""
    return points >> times if points >= 0 else -(-points >> times)


def _key(rule: Rule, step: int, n: int) -> str:
    aged = f".{step + 1}" if rule.half_life is not None else ""
    return f"{aged}×{n}" if rule.most > 1 else aged


def _asked(where: Condition, did: Did, window: Last | None, n: int) -> Condition:
    events = msgspec.structs.replace(did.events, window=window)
    asked = Did(events, AT_LEAST, n)
    if not isinstance(where, And):
        return asked
    return And(tuple(asked if part is did else part for part in where.parts))
