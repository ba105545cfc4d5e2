"""What comes between the start of a campaign and its first letter: the audience is frozen into the
rows of a send that holds, and these are looked at once more.

Killed at any point it begins anew: rows half planned belong to an attempt that is given up.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import Final

import msgspec

from lettershop.app.campaigning.checking import in_the_way
from lettershop.app.campaigning.contract import Crew, Interrupted, Told
from lettershop.app.campaigning.desk import paused, renewed
from lettershop.app.campaigning.known import digest
from lettershop.app.workspace import Workspace
from lettershop.campaigns import records
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.drawing import drawn, keys_of
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.records import BY_ITSELF, locked, moved, noted
from lettershop.campaigns.states import Stage
from lettershop.delivery.ledger import controls, planning
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Planned
from lettershop.model.clock import MINUTE, Clock

CANARY: Final = "canary"
MOST: Final = 2_000


def freeze(workspace: Workspace, name: str, crew: Crew, clock: Clock, told: Told) -> None:
    """From `freezing` to `checking`. Interrupted when somebody has moved the campaign on."""
    record = _attempt(name, clock.now())
    campaign = records.definition_of(record)
    frozen = crew.freeze(workspace, campaign, record.as_of, told)
    if digest(workspace.path, campaign) != record.digest:
        _changed(name, record.attempt, clock.now())
        return
    send = _begun(name, record.attempt, campaign, frozen.content, clock.now())
    draw = _Draw(campaign)
    with closing(frozen):
        planning.plan(send, draw.rows(frozen.rows()), clock.now())
    report = frozen.report
    with locked(name) as now:
        _ours(now, "freezing", record.attempt)
        now.freeze, now.stage = records.kept(report), "checking"
        if draw.withheld and not draw.chosen:
            controls.release(send)
            reason = "too few letters for a canary"
            noted(now, "go", now.state, BY_ITSELF, clock.now(), reason)
        if not report.letters:
            paused(now, BY_ITSELF, clock.now(), "nobody would get a letter")


def examine(workspace: Workspace, name: str, crew: Crew, clock: Clock, told: Told) -> None:
    """From `checking` to `holding`; paused when preflight minds something."""
    record = records.named(name)
    _ours(record, "checking", record.attempt)
    frozen = records.freeze_of(record)
    if frozen is None:
        raise Interrupted
    campaign, send = records.definition_of(record), planning.send(record.send)
    report = crew.examine_send(workspace, campaign, send, frozen, told)
    with locked(name) as now:
        _ours(now, "checking", record.attempt)
        now.preflight = records.kept(report)
        found = records.preflight_of(now)
        reason = in_the_way(found) if found else ""
        if reason:
            paused(now, BY_ITSELF, clock.now(), reason)
        else:
            now.stage, now.hold_until = "holding", clock.now() + campaign.hold_minutes * MINUTE


class _Draw:
    """Who is of the canary; all others wait to be released."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self.chosen = self.withheld = 0

    def rows(self, rows: Iterable[Planned]) -> Iterator[Planned]:
        canary = self._campaign.canary
        if canary is None:
            yield from rows
            return
        walk = iter(rows)
        while some := [*islice(walk, MOST)]:
            keys = keys_of(row.contact for row in some)
            lots = drawn(keys, self._campaign.name, CANARY, canary.percent)
            for row, first in zip(some, lots.tolist(), strict=True):
                yield self._told(row, first=first)

    def _told(self, row: Planned, *, first: bool) -> Planned:
        if row.suppressed:
            return row
        if first:
            self.chosen += 1
            return row
        self.withheld += 1
        return msgspec.structs.replace(row, due_at=row.due_at + controls.WITHHELD)


def _attempt(name: str, at: int) -> CampaignRecord:
    """The record, ready to be planned from nothing."""
    with locked(name) as record:
        _ours(record, "freezing", record.attempt)
        if record.send:
            controls.abort(record.send, at, "planning it was interrupted")
            started = record.started_at
            renewed(record)
            record.stage, record.started_at = "freezing", started
        record.as_of = record.as_of or at
    return record


def _begun(name: str, attempt: int, campaign: Campaign, content: SendContent, at: int) -> int:
    with locked(name) as record:
        _ours(record, "freezing", attempt)
        send = planning.begin(
            f"campaign:{record.pk}:{attempt}",
            kind="campaign",
            name=name,
            stream=campaign.stream,
            at=at,
            content=content.json(),
        )
        record.send = send.id
    return send.id


def _changed(name: str, attempt: int, at: int) -> None:
    with locked(name) as record:
        _ours(record, "freezing", attempt)
        moved(record, "undo", BY_ITSELF, at, "its template has changed since it was checked")
        renewed(record)


def _ours(record: CampaignRecord, stage: Stage, attempt: int) -> None:
    if (record.state, record.stage, record.attempt) != ("sending", stage, attempt):
        raise Interrupted
