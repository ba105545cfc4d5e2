"""A campaign as doors show it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from lettershop.campaigns import records
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.experiments import Plan, planned
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.said import FreezeReport, PreflightReport
from lettershop.campaigns.states import Stage, State
from lettershop.delivery.ledger import controls, counting
from lettershop.delivery.ledger.counting import Counts
from lettershop.model.clock import MINUTE, SECOND, format_instant
from lettershop.model.errors import Finding

PACE = MINUTE
"""Over which the rate is measured."""


class Working(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is being done with it: how many of how many; 0 while that is not known."""

    what: str
    done: int
    total: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of its send. `waiting`: canary not yet released. `per_second`: accepted, over the last
    minute. `ends_at`: at that rate; null when nothing moves."""

    planned: int
    accepted: int
    refused: int
    suppressed: int
    failed: int
    unknown: int
    open: int
    waiting: int
    adds_up: bool
    per_second: float
    ends_at: str | None
    suppressed_by: Mapping[str, int] = {}


class MoveAnswer(msgspec.Struct, frozen=True, kw_only=True):
    move: str
    before: str
    after: str
    attempt: int
    by: str
    at: str
    reason: str


class CampaignAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`start_at`: when it may begin, once it is approved. `hold_until`: until then it can be
    undone. `freeze`, `preflight`: the newest reports; `comparison`: how many people its variants
    need, and have. `blocking`: rules that keep it from leaving.
    `send`: number of its send. `working`: what a server is doing with it at this moment.
    `findings`: warnings about what was just drafted."""

    name: str
    title: str
    state: State
    stage: Stage
    reason: str
    problem: str
    alarm: str
    author: str
    approver: str
    attempt: int
    send: int | None
    definition: Campaign
    checking: bool
    blocking: tuple[str, ...]
    created_at: str
    changed_at: str
    checked_at: str | None
    approved_at: str | None
    start_at: str | None
    started_at: str | None
    hold_until: str | None
    canary_at: str | None
    ended_at: str | None
    freeze: FreezeReport | None = None
    preflight: PreflightReport | None = None
    comparison: Plan | None = None
    figures: Figures | None = None
    working: Working | None = None
    moves: tuple[MoveAnswer, ...] = ()
    findings: tuple[Finding, ...] = ()


def answer(
    record: CampaignRecord,
    now: int,
    *,
    whole: bool = True,
    working: Working | None = None,
    findings: tuple[Finding, ...] = (),
) -> CampaignAnswer:
    """`whole`: with reports, figures and moves."""
    definition, report = records.definition_of(record), records.preflight_of(record)
    return CampaignAnswer(
        name=record.name,
        title=definition.title,
        state=record.state,
        stage=record.stage,
        reason=record.reason,
        problem=record.problem,
        alarm=record.alarm,
        author=record.author,
        approver=record.approver,
        attempt=record.attempt,
        send=record.send or None,
        definition=definition,
        checking=record.check_asked_at > 0,
        blocking=tuple(one.rule for one in report.blocking) if report else (),
        findings=findings,
        working=working,
        **_moments(record),
        **(_details(record, report, now) if whole else {}),
    )


def _moments(record: CampaignRecord) -> dict[str, Any]:
    names = ("checked_at", "approved_at", "start_at", "started_at", "hold_until", "canary_at")
    found = {name: getattr(record, name) for name in (*names, "ended_at")}
    return {name: format_instant(at) if at else None for name, at in found.items()} | {
        "created_at": format_instant(record.created_at),
        "changed_at": format_instant(record.changed_at),
    }


def _details(record: CampaignRecord, report: PreflightReport | None, now: int) -> dict[str, Any]:
    moves = [
        MoveAnswer(
            move=one.move,
            before=one.before,
            after=one.after,
            attempt=one.attempt,
            by=one.by,
            at=format_instant(one.at),
            reason=one.reason,
        )
        for one in records.moves_of(record)
    ]
    freeze, definition = records.freeze_of(record), records.definition_of(record)
    return {
        "freeze": freeze,
        "comparison": _comparison(definition, freeze),
        "preflight": report,
        "figures": figures(record.send, now) if record.send else None,
        "moves": tuple(moves),
    }


def _comparison(definition: Campaign, freeze: FreezeReport | None) -> Plan | None:
    if definition.compare is None or freeze is None:
        return None
    letters = {one.name: freeze.variants.get(one.name, 0) for one in definition.letters}
    return planned(definition.compare, letters, definition.unit)


def figures(send: int, now: int) -> Figures:
    """NotFound `send.unknown`."""
    found = counting.counts(send)
    waiting = controls.withheld(send)
    rate = counting.accepted_since(send, now - PACE) / (PACE / SECOND)
    left = found.open - waiting
    return Figures(
        planned=found.planned,
        accepted=found.states["accepted"],
        refused=found.states["refused"],
        suppressed=found.states["suppressed"],
        failed=found.states["failed"],
        unknown=found.states["unknown"],
        open=found.open,
        waiting=waiting,
        adds_up=found.adds_up,
        per_second=round(rate, 2),
        ends_at=format_instant(now + int(left / rate * SECOND)) if rate and left else None,
        suppressed_by=_why(found),
    )


def _why(found: Counts) -> dict[str, int]:
    said: dict[str, int] = {}
    for one in found.why:
        if one.state == "suppressed":
            said[one.reason] = said.get(one.reason, 0) + one.messages
    return said
