"""`at`: a local time in the workspace's zone -> the moment."""

from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from lettershop.model.clock import to_ms

EXAMPLE: Final = "2026-12-01 09:00"


class Moment(msgspec.Struct, frozen=True):
    """`at`: ms. `twice`: clocks are put back over it, so that it is there twice; the first one is
    meant."""

    at: int
    twice: bool = False


Unreadable = Literal["not_a_time", "has_a_zone", "skipped"]
"""skipped: clocks are put forward over it, so that it is never there."""


def moment_of(text: str, zone: str) -> Moment | Unreadable:
    """`zone`: IANA."""
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        return "not_a_time"
    if said.tzinfo is not None:
        return "has_a_zone"
    if len(text.strip()) <= len("2026-12-01") or not 1970 < said.year < 9000:
        return "not_a_time"
    place = ZoneInfo(zone)
    first, second = (said.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    before, after = first.utcoffset() or timedelta(), second.utcoffset() or timedelta()
    if after > before:
        return "skipped"
    return Moment(to_ms(first), twice=before > after)
