"""Frequency caps: letters to a contact in any so many days, to an account in a calendar day. Pure.

A stretch of days looks back from the moment asked about; an account's day is a calendar day in the
workspace's zone, because that is how people count (“five of you wrote to us today”).
"""

from bisect import bisect_right, insort
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Literal, Protocol

from lettershop.compliance.rules import Cap
from lettershop.compliance.standing import Reason
from lettershop.model.clock import DAY, format_instant

Side = Literal["contact", "account"]


class Sends(Protocol):
    """What the ledger knows."""

    def recent(
        self, side: Side, names: Collection[str], streams: Collection[str], since: int
    ) -> Mapping[str, Sequence[int]]:
        """When letters of these streams to these contacts (identities) or accounts (group ids)
        were taken, are under way, or may have been delivered (unknown), from `since` on; ms, in
        any order; names without any may be absent."""
        ...


class NoSends:
    """Where nothing was ever sent."""

    def recent(
        self, side: Side, names: Collection[str], streams: Collection[str], since: int
    ) -> Mapping[str, Sequence[int]]:
        return {}


class Tally:
    """Times of letters by name, to which those allowed now can be added."""

    def __init__(self, known: Mapping[str, Sequence[int]]) -> None:
        self._times = {name: sorted(times) for name, times in known.items()}

    def add(self, name: str, at: int) -> None:
        insort(self._times.setdefault(name, []), at)

    def times(self, name: str) -> Sequence[int]:
        return self._times.get(name, ())


def contact_capped(caps: Collection[Cap], times: Sequence[int], at: int) -> list[Reason]:
    """One reason for each cap that is reached; each ends when its oldest letter is old enough."""
    found: list[Reason] = []
    if not times:
        return found
    for cap in caps:
        recent = times[bisect_right(times, at - cap.days * DAY) : bisect_right(times, at)]
        if len(recent) >= cap.letters:
            until = recent[-cap.letters] + cap.days * DAY
            letters = f"{len(recent):,} letter{'s' if len(recent) > 1 else ''}"
            days = f"{cap.days} days" if cap.days > 1 else "24 hours"
            said = f"they had {letters} within {days}, and {cap.letters:,} are the most"
            found.append(_reason("cap.contact", said, until))
    return found


def account_capped(
    most: int | None, times: Sequence[int], day: tuple[int, int], at: int
) -> list[Reason]:
    """`day`: its first instant, and that of the next."""
    if most is None or not times:
        return []
    today = bisect_right(times, at) - bisect_right(times, day[0] - 1)
    if today < most:
        return []
    said = f"their account had {today:,} letters today, and {most:,} a day are the most"
    return [_reason("cap.account", said, day[1])]


@lru_cache(maxsize=10_000)
def _reason(code: str, said: str, until: int) -> Reason:
    """Many share one: those of an account, those who were written to together."""
    said += f"; from {format_instant(until)} on"
    return Reason(rule="AUD-5", code=code, level="block", said=said, until=until)
