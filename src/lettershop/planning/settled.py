"""After the rule: what the mode, then pins, make of the answer about one subject."""

from collections.abc import Sequence
from typing import NamedTuple, assert_never

from msgspec.structs import replace

from lettershop.planning.explain import Explanation, PinSaid, Since, Upcoming

FROZEN = "a static segment keeps the members it was computed with"
KEPT = "an add-only segment keeps everybody who was ever in"
NOT_YET = "in a static segment nothing changes until it is published again"


class Recorded(NamedTuple):
    """What is stored of the subject in the segment as it is kept: whether it was a member when that
    was last computed, and since when."""

    member: bool
    since: Since


def settled(told: Explanation, stored: Recorded | None, pins: Sequence[PinSaid]) -> Explanation:
    """The explanation of the rule, with mode and pins having had their say, and with what is
    recorded of it. Being none of those segments are drawn from comes before everything."""
    if told.in_universe:
        told = _by_mode(told, stored)
        told = _by_pin(told, pins)
    if stored is not None and stored.member == told.member and stored.since.at is not None:
        return replace(told, since=stored.since)
    return told if told.decided_by in ("rule", "universe") else replace(told, since=None)


def _by_mode(told: Explanation, stored: Recorded | None) -> Explanation:
    match told.mode:
        case "dynamic":
            return told
        case "add_only":
            if stored is not None and stored.member and not told.member:
                return _fixed(told, member=True, note=KEPT)
            if told.member:
                stays = Upcoming(at=None, enters=False, note=KEPT)
                return replace(told, upcoming=stays, nearest=())
            return told
        case "static":
            if stored is None:
                return told
            note = FROZEN if stored.member else NOT_YET
            return _fixed(told, member=stored.member, note=note)
        case _:
            assert_never(told.mode)


def _fixed(told: Explanation, *, member: bool, note: str) -> Explanation:
    stays = Upcoming(at=None, enters=not member, note=note)
    return replace(told, member=member, decided_by="mode", upcoming=stays, nearest=())


def _by_pin(told: Explanation, pins: Sequence[PinSaid]) -> Explanation:
    """Kept out beats put in."""
    if not pins:
        return told
    pin = min(pins, key=lambda one: one.include)
    ends = f"the pin ends {pin.until}" if pin.until else "the pin has no end"
    stays = Upcoming(at=None, enters=not pin.include, note=ends)
    return replace(told, member=pin.include, decided_by="pin", pin=pin, upcoming=stays, nearest=())
