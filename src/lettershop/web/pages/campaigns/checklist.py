"""What preflight found, as a list to go through: what stands in the way first, then by kind."""

from collections.abc import Sequence
from typing import Final

import msgspec

from lettershop.campaigns.preflight.rules import rules
from lettershop.campaigns.said import Check, PreflightReport
from lettershop.web.pages.campaigns import said

ORDER: Final = ("AUD", "DATA", "MSG", "AUTH", "NET", "OPS")
COLOURS: Final = {"holds": "good", "not_asked": "", "block": "bad", "warn": "warn", "watch": ""}
REFERENCE: Final = "/api/v1/docs"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A rule. `blocks`: it keeps the campaign from leaving; `accepted`: why it is meant, by whom;
    `acceptable`: somebody may say that it is. `sentence`: what has to hold."""

    check: Check
    sentence: str
    level: str
    colour: str
    blocks: bool
    accepted: str
    acceptable: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """`failing`: how many rules of it fail without anybody having said that it is meant."""

    name: str
    says: str
    entries: tuple[Entry, ...]
    failing: int
    holding: int
    open: bool


class Checklist(msgspec.Struct, frozen=True, kw_only=True):
    """`holding`, `failing`, `not_asked`: rules; `messages`: letters that were looked at."""

    groups: tuple[Group, ...]
    blocking: tuple[Entry, ...]
    holding: int
    failing: int
    not_asked: int
    messages: int


def checklist(report: PreflightReport, *, may_accept: bool) -> Checklist:
    """`may_accept`: warnings can be accepted in the state the campaign is in."""
    blocking = {id(one) for one in report.blocking}
    entries = [_entry(one, report, id(one) in blocking, may_accept) for one in report.checks]
    held = [one.held for one in report.checks]
    return Checklist(
        groups=tuple(group for name in ORDER if (group := _group(name, entries)).entries),
        blocking=tuple(one for one in entries if one.blocks),
        holding=held.count("holds"),
        failing=held.count("fails"),
        not_asked=held.count("not_asked"),
        messages=report.messages,
    )


def _entry(one: Check, report: PreflightReport, blocks: bool, may_accept: bool) -> Entry:
    known = rules().get(one.rule)
    fails = one.held == "fails"
    return Entry(
        check=one,
        sentence=known.sentence if known else "",
        level=str(said.LEVELS[one.level]),
        colour=COLOURS[one.level if fails else one.held],
        blocks=blocks,
        accepted=report.accepted.get(one.key, "") if one.key else "",
        acceptable=may_accept and blocks and one.level == "warn",
    )


def _group(name: str, entries: Sequence[Entry]) -> Group:
    mine = [one for one in entries if one.check.rule.partition("-")[0] == name]
    failing = [one for one in mine if one.check.held == "fails" and not one.accepted]
    return Group(
        name=name,
        says=str(said.GROUPS[name]),
        entries=tuple(mine),
        failing=len(failing),
        holding=sum(one.check.held == "holds" for one in mine),
        open=any(one.blocks for one in mine),
    )
