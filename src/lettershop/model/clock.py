"""Time: instants are integers, milliseconds since 1970-01-01T00:00Z; clocks can be moved."""

import time
from datetime import UTC, datetime
from typing import Protocol

from lettershop.model.errors import UsageError

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

ALWAYS = -62_135_596_800_000
"""0001-01-01: the instant of facts that came without any date (see docs/explanation/meaning)."""


class Clock(Protocol):
    def now(self) -> int: ...


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000


class FixedClock:
    """A clock for tests, previews and time travel; it moves only when told to."""

    def __init__(self, at: int | str) -> None:
        self.at = parse_instant(at) if isinstance(at, str) else at

    def now(self) -> int:
        return self.at

    def advance(self, milliseconds: int) -> None:
        self.at += milliseconds


def to_ms(moment: datetime) -> int:
    """The instant of an aware datetime, rounded down to the millisecond."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return delta.days * DAY + delta.seconds * SECOND + delta.microseconds // 1_000


def from_ms(instant: int) -> datetime:
    """The aware UTC datetime of an instant; exact."""
    days, rest = divmod(instant, DAY)
    return datetime.fromordinal(719_163 + days).replace(
        hour=rest // HOUR,
        minute=rest // MINUTE % 60,
        second=rest // SECOND % 60,
        microsecond=rest % 1_000 * 1_000,
        tzinfo=UTC,
    )


def format_instant(instant: int) -> str:
    """ISO 8601 in UTC, as short as it can be without losing anything."""
    moment = from_ms(instant)
    spec = "milliseconds" if moment.microsecond else "seconds" if moment.second else "minutes"
    return moment.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def parse_instant(text: str) -> int:
    """`2010-12-01T00:00Z`, any ISO 8601 with a zone, or a bare date (its midnight in UTC)."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            "time.unreadable", f"“{text}” is not a time", hint="write it as 2010-12-01T00:00Z"
        ) from None
    if moment.tzinfo is None and "T" in text.upper():
        raise UsageError(
            "time.no_zone", f"“{text}” has no time zone", hint=f"write {text.strip()}Z for UTC"
        )
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
