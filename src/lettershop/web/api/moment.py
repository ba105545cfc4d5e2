"""The parameter `as_of` of questions: as at which moment they are answered."""

from typing import Annotated, Final

from ninja import Query

from lettershop.app.running import running
from lettershop.model.clock import ALWAYS, parse_instant
from lettershop.model.errors import UsageError

AsOf = Annotated[
    str, Query(max_length=40, description="Answer as at 2010-12-01T00:00Z; without it, now.")
]
_LATEST: Final = 253_402_300_800_000
"""10000-01-01: from here on calendars end."""


def moment(as_of: str) -> int:
    """Milliseconds since 1970 UTC. UsageError `time.unreadable`, `time.no_zone`."""
    if not as_of:
        return running().clock.now()
    try:
        found = parse_instant(as_of)
    except OverflowError:
        found = _LATEST
    if not ALWAYS <= found < _LATEST:
        raise UsageError("time.unreadable", f"“{as_of}” is not a time", where="as_of")
    return found
