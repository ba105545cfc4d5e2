"""Campaigns side by side: how far each is, and what came back of it so far."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from django.db.models import Count

from lettershop.app.campaigning.reach import planned_at
from lettershop.app.results.response import Responses, responses
from lettershop.app.workspace import Workspace
from lettershop.campaigns import records
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.said import PreflightReport
from lettershop.campaigns.states import BEFORE, UNDER_WAY, Stage, State
from lettershop.delivery.models import Message, Send

ORDER: Final[Mapping[State, int]] = {
    "sending": 0,
    "paused": 0,
    "approved": 1,
    "checked": 2,
    "draft": 3,
    "done": 4,
    "aborted": 4,
}
RESTORED: Final = "restored from a backup"
"""How the reason of what app/restored.py held back begins."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign in the list. Instants in ms, 0 for none: `goes_at` of what has not left yet,
    `left_at` of what has. `letters`: states of its rows; `responses`: None before any letter.
    `blocking`: rules that keep it from leaving."""

    name: str
    title: str
    state: State
    stage: Stage
    definition: Campaign
    goes_at: int
    left_at: int
    ended_at: int
    hold_until: int
    reason: str
    trouble: str
    checking: bool
    held_back: bool
    blocking: tuple[str, ...]
    letters: Mapping[str, int]
    planned: int
    responses: Responses | None

    @property
    def accepted(self) -> int:
        return self.letters.get("accepted", 0)

    @property
    def to_send(self) -> int:
        """Without those that were never to get one."""
        return self.planned - self.letters.get("suppressed", 0)


def overview(workspace: Workspace, limit: int) -> list[Line]:
    """What is going first, then what is to come by its time, drafts, and what has ended, the last
    first. Of the newest `limit`. Within a reader's snapshot, with the records connected."""
    found = records.listed(limit)
    sends = [one.send for one in found if one.send]
    states = _states(sends)
    keys = dict(Send.objects.filter(id__in=sends).values_list("id", "key"))
    came = responses(workspace.store, [*keys.values()])
    lines = [
        _line(
            one,
            workspace.settings.timezone,
            states.get(one.send, {}),
            came.get(keys.get(one.send, "")),
        )
        for one in found
    ]
    return sorted(lines, key=_place)


def _states(sends: Sequence[int]) -> dict[int, dict[str, int]]:
    """By send: state of a row -> how many."""
    rows = Message.objects.filter(send__in=sends).order_by()
    found: dict[int, dict[str, int]] = {}
    for send, state, count in rows.values_list("send", "state").annotate(n=Count("id")):
        found.setdefault(send, {})[state] = count
    return found


def _line(
    record: CampaignRecord, zone: str, letters: Mapping[str, int], came: Responses | None
) -> Line:
    definition, report = records.definition_of(record), records.preflight_of(record)
    before = record.state in BEFORE
    return Line(
        name=record.name,
        title=definition.title or record.name,
        state=record.state,
        stage=record.stage,
        definition=definition,
        goes_at=(record.start_at or planned_at(definition, zone)) if before else 0,
        left_at=record.started_at,
        ended_at=record.ended_at,
        hold_until=record.hold_until,
        reason=record.reason,
        trouble=record.problem.partition("\n")[0] or record.alarm,
        checking=record.check_asked_at > 0,
        held_back=record.reason.startswith(RESTORED),
        blocking=_rules(report if before else None),
        letters=letters,
        planned=sum(letters.values()),
        responses=came if record.started_at else None,
    )


def _rules(report: PreflightReport | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.rule for one in report.blocking)) if report else ()


def _place(line: Line) -> tuple[int, int, str]:
    """What comes sooner stands higher; of what has ended, what ended later."""
    if line.state in UNDER_WAY:
        at = line.left_at
    elif line.state in BEFORE:
        at = line.goes_at or 2**62
    else:
        at = -line.ended_at
    return ORDER[line.state], at, line.name
