"""When a message is tried again."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

import re2

from lettershop.delivery.providers.duration import SECONDS
from lettershop.delivery.providers.knowledge import Delay, packaged, sentence
from lettershop.delivery.said import BounceClass
from lettershop.delivery.wire import Reply

FIRST: Final = 5 * 60.0
LONGEST: Final = 4 * 3_600.0
GIVE_UP: Final = 3 * 86_400.0
"""Seconds since the first attempt after which there is no other."""
SOONEST: Final = 30.0
"""Nothing is tried again before, whatever the other side says."""

Classify = Callable[[Reply], BounceClass]
"""What a refusal while sending means: the rules of delivery/returns know."""


def backoff(attempt: int, reply: Reply | None = None, waited: float | None = None) -> float | None:
    """Seconds until the next attempt; None when there is none.

    `attempt`: how many there were (1 after the first). `reply`: None when the connection was lost.
    `waited`: seconds since the first attempt; worked out from the attempts when not known. A 5xx is
    never tried again; what the other side asks for (“try again in 10 minutes”) is granted.
    """
    if reply is not None and reply.code >= 500:
        return None
    if (_waited(attempt) if waited is None else waited) >= GIVE_UP:
        return None
    asked = None if reply is None else asked_for(reply)
    if asked is not None:
        return min(max(asked, SOONEST), GIVE_UP / 3)
    return _pause(max(attempt, 1) - 1)


def asked_for(reply: Reply, delays: Sequence[Delay] | None = None) -> float | None:
    """The seconds the other side asks us to wait, when it says so."""
    said = sentence(reply)[:2_000]
    for delay in packaged().delay if delays is None else delays:
        found = _pattern(delay.match).search(said)
        if found is not None:
            named = found.groupdict()
            unit = (named.get("unit") or delay.unit).lower()
            return float(int(named["n"]) * SECONDS[unit])
    return None


@cache
def _waited(attempt: int) -> float:
    """Seconds from the first attempt to this one, at the usual pace."""
    return sum(_pause(n) for n in range(min(attempt, 1_000) - 1))


def _pause(doubled: int) -> float:
    return min(FIRST * float(1 << min(doubled, 20)), LONGEST)


@cache
def _pattern(text: str) -> Any:
    return re2.compile(f"(?i){text}")
