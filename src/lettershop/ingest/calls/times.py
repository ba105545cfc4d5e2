"""When a call happened.

A device's clock may be wrong, but it is wrong alike for `timestamp` and `sentAt`: what lies
between them is true, and we know when the call arrived. So it happened at
received_at - (sentAt - timestamp), as the Segment protocol has it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from operator import sub

from lettershop.model.clock import DAY
from lettershop.model.errors import InputError

Moment = str | int | float | None

FUTURE = 3_653 * DAY
"""What is dated further ahead than ten years is a mistake."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_read = datetime.fromisoformat
_MILLISECOND = timedelta(milliseconds=1)
_SECONDS_BELOW = 10**11
"""Smaller numbers are seconds since 1970, larger ones milliseconds."""


def instant(said: Moment) -> int | None:
    """Milliseconds since 1970; a time without a zone is UTC. None when it is no time."""
    if isinstance(said, str):
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            return _number(said)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // _MILLISECOND
    return None if said is None or isinstance(said, bool) else _seconds(said)


def _number(said: str) -> int | None:
    text = said.strip()
    if text != said:
        return instant(text)
    try:
        return _seconds(float(text)) if text[:1].isdigit() else None
    except ValueError:
        return None


def _seconds(number: int | float) -> int | None:
    if not abs(number) < 10**15:
        return None
    return int(number * 1000) if abs(number) < _SECONDS_BELOW else int(number)


def quick(timestamp: Moment, shift: int, received_at: int) -> int | None:
    """What `happened` says for an ordinary ISO time with a zone, `shift` being received_at less
    sent_at; None where it has to be asked."""
    try:
        at = (_read(timestamp) - _EPOCH) // _MILLISECOND + shift  # type: ignore[arg-type]
    except (TypeError, ValueError):  # no text, no time, or one without a zone
        return None
    return at if 0 <= at <= received_at + FUTURE else None


def quick_all(timestamps: Sequence[Moment], shift: int, received_at: int) -> list[int | None]:
    """`quick` of each."""
    latest, step = received_at + FUTURE, _MILLISECOND
    try:
        spans = map(sub, map(_read, timestamps), repeat(_EPOCH))  # type: ignore[arg-type]
        found = [span // step + shift for span in spans]
    except (TypeError, ValueError):  # one of them
        return [quick(timestamp, shift, received_at) for timestamp in timestamps]
    return [at if 0 <= at <= latest else None for at in found]


def happened(timestamp: Moment, sent_at: int | None, received_at: int) -> int:
    """The instant of a call. `sent_at`: by the sender's clock, None when it did not say.

    InputError `call.time` for what is no time, `call.time_range` for one nobody can mean.
    """
    if timestamp is None or timestamp == "":
        return received_at
    at = instant(timestamp)
    if at is None:
        hint = "write it as 2026-01-31T12:00:00Z"
        raise InputError("call.time", f"“{str(timestamp)[:60]}” is not a time", hint=hint)
    if sent_at is not None:
        at += received_at - sent_at
    if not 0 <= at <= received_at + FUTURE:
        when = "before 1970" if at < 0 else "more than ten years ahead"
        raise InputError("call.time_range", f"“{str(timestamp)[:60]}” is {when}")
    return at
