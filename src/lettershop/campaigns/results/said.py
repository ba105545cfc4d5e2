"""What a campaign caused, as it is answered. Rates are shares of 1; intervals are of 95 %."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from lettershop.campaigns.experiments.verdict import Verdict

Sort = Literal["segment", "variant", "provider"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of the ledger, and what came back later. `planned` = accepted + refused +
    suppressed + unknown + failed + open. `refused_by`, `bounced_by`: class of bounce -> letters;
    `suppressed_by`: reason -> people. `bounced`: after they had been accepted."""

    planned: int
    accepted: int
    refused: int
    suppressed: int
    unknown: int
    failed: int
    open: int
    refused_by: Mapping[str, int]
    suppressed_by: Mapping[str, int]
    bounced: int
    bounced_by: Mapping[str, int]


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """`people` of those whose letter was accepted (or may have been)."""

    people: int
    rate: float
    low: float
    high: float


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """People by the best grade of what came from their letter: a person with one human click is
    human, whatever machines did beside it."""

    human: Share
    unknown: int
    machine: int


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """`letters`: accepted, or perhaps. `opened` is null where no pixel was sent; it decides
    nothing."""

    letters: int
    clicked: Graded
    opened: Graded | None
    replied: Share
    auto_replied: int
    unsubscribed: Share
    complained: Share


class GoalArm(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody drawn for it. `revenue` is null where the goal names none."""

    people: int
    reached: int
    rate: float
    low: float
    high: float
    revenue: float | None = None
    per_person: float | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """`sure`: the interval does not hold zero."""

    value: float
    low: float
    high: float
    sure: bool


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """The goal, of all who were to get a letter against those held out. `until`: the moment it is
    asked of; `so_far`: that is still to come, and it was asked of now. `rate`: difference of the
    rates; `caused`: people who reached the goal and else would not have; `revenue`: per person,
    `revenue_caused` in all. Null where it cannot be said; `said` says why."""

    where: str
    until: str
    so_far: bool
    treated: GoalArm
    held_out: GoalArm | None
    rate: Difference | None
    caused: Difference | None
    revenue: Difference | None
    revenue_caused: Difference | None
    currency: str
    said: tuple[str, ...]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Some of a campaign's people: those of a segment when the audience was frozen, of a variant,
    or at a provider."""

    sort: Sort
    name: str
    delivery: Delivery
    response: Response
    effect: Effect | None


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """`frozen_at`, `as_of`: ISO 8601; `sends`: their numbers in the ledger. `said`: what a
    marketer should know first."""

    campaign: str
    title: str
    as_of: str
    frozen_at: str
    sends: tuple[int, ...]
    delivery: Delivery
    response: Response
    effect: Effect | None
    comparison: Verdict | None
    groups: tuple[Group, ...]
    said: tuple[str, ...]
