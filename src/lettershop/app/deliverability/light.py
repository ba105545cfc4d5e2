"""The light: how letters arrive, in one colour, with the reasons; the worst of them decides."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from lettershop.app.deliverability.doctor import OLD
from lettershop.app.deliverability.domains import DomainAnswer
from lettershop.app.deliverability.judging import Colour, Measured, judged, worst
from lettershop.app.deliverability.pools import PoolAnswer
from lettershop.app.deliverability.rates import Came, Rates

Code = Literal[
    "complaints",  # of a stream
    "bounces",
    "ours",  # refused for what we are or do
    "domain",  # the doctor found something
    "domain.fine",
    "domain.unasked",  # nobody has asked the doctor
    "domain.old",  # long ago
    "pool.paused",
    "pool.slowed",
    "senders",  # something is to be sent, and nobody does it
    "returns",  # nothing takes bounces in
    "few",  # too few letters to say
]
FINE: Final = frozenset({"domain.fine", "few"})


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """`code` with `values` says it in words (the doors do); `about`: of which stream, domain,
    provider. `address`: the page where it is looked into."""

    code: Code
    colour: Colour
    about: str = ""
    address: str
    values: Mapping[str, float] = {}
    text: str = ""


class Light(msgspec.Struct, frozen=True, kw_only=True):
    """`reasons`: the worst first. `leaves`: letters leave this machine."""

    colour: Colour
    reasons: tuple[Reason, ...]
    leaves: bool


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the light is made of. `senders`: why there are none, in words. `takes_returns`: the
    settings name somewhere that bounces are taken in."""

    came: Came
    domains: Sequence[DomainAnswer]
    pools: Sequence[PoolAnswer]
    leaves: bool
    takes_returns: bool
    senders: str
    now: int


def light(found: Situation) -> Light:
    reasons = [*_rates(found.came), *_pools(found), *_machinery(found)]
    if found.leaves:
        reasons += _domains(found)
    order: Mapping[Colour, int] = {"bad": 0, "warn": 1, "good": 2, "unknown": 3}
    reasons.sort(key=lambda one: order[one.colour])
    return Light(
        colour=worst(*(one.colour for one in reasons)),
        reasons=tuple(reasons),
        leaves=found.leaves,
    )


def _rates(came: Came) -> Iterator[Reason]:
    for stream, rates in came.streams.items():
        said = [one for one in (_rate(stream, rates, each) for each in _MEASURED) if one]
        yield from said
    if came.streams and not any(one.tried >= 100 for one in came.streams.values()):
        yield Reason(
            code="few",
            colour="unknown",
            address="/deliverability",
            values={"letters": came.total.tried},
        )


_MEASURED: Final[tuple[Measured, ...]] = ("complaints", "bounces", "ours")


def _rate(stream: str, rates: Rates, measured: Measured) -> Reason | None:
    part, whole = {
        "complaints": (rates.complained, rates.accepted),
        "bounces": (rates.bounced, rates.tried),
        "ours": (rates.ours, rates.tried),
    }[measured]
    found = judged(part, whole, measured)
    if found.share is None or found.colour == "unknown":
        return None
    if measured == "ours" and found.colour == "good":
        return None
    values = {"share": found.share, "part": float(part), "whole": float(whole)}
    address = "/deliverability" if measured == "complaints" else "/deliverability/bounces"
    return Reason(code=measured, colour=found.colour, about=stream, address=address, values=values)


def _pools(found: Situation) -> Iterator[Reason]:
    address = "/deliverability/providers"
    for pool in found.pools:
        until = pool.paused_until
        if until is not None:
            values = {"until": float(until), "waiting": float(pool.waiting)}
            yield Reason(
                code="pool.paused", colour="warn", about=pool.name, address=address, values=values
            )
        elif pool.slowed:
            values = {"connections": float(pool.connections), "waiting": float(pool.waiting)}
            yield Reason(
                code="pool.slowed", colour="warn", about=pool.name, address=address, values=values
            )


def _machinery(found: Situation) -> Iterator[Reason]:
    if found.senders:
        yield Reason(
            code="senders", colour="bad", address="/deliverability/providers", text=found.senders
        )
    if found.leaves and not found.takes_returns:
        yield Reason(code="returns", colour="warn", address="/deliverability/bounces")


def _domains(found: Situation) -> Iterator[Reason]:
    for one in found.domains:
        if one.sends:
            yield _domain(one, found.now)


def _domain(one: DomainAnswer, now: int) -> Reason:
    address, report = f"/deliverability/domains/{one.name}", one.report
    if report is None or one.colour == "unknown":
        return Reason(code="domain.unasked", colour="warn", about=one.name, address=address)
    if one.colour == "good":
        old = now - report.at > OLD
        return Reason(
            code="domain.old" if old else "domain.fine",
            colour="good",
            about=one.name,
            address=address,
            values={"at": float(report.at)},
        )
    wrong = (*report.blocking, *report.warned)
    return Reason(
        code="domain",
        colour=one.colour,
        about=one.name,
        address=address,
        values={"wrong": float(len(wrong))},
        text=wrong[0].found,
    )
