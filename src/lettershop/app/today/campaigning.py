"""Tasks about campaigns, letters and what came back."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from django.db.models import Count

from lettershop.access.principal import Principal
from lettershop.app.today.tasks import Code, Task
from lettershop.campaigns import records
from lettershop.campaigns.models import CampaignRecord
from lettershop.content.proof import records as proofs
from lettershop.content.register import published
from lettershop.delivery.models import Message
from lettershop.delivery.returns.noticeboard import waiting
from lettershop.model.clock import DAY
from lettershop.model.settings import Settings

MOST: Final = 50
RECENT: Final = 30 * DAY


def tasks(by: Principal, settings: Settings, now: int) -> Iterator[Task]:
    """As `by` sees them."""
    for record in CampaignRecord.objects.exclude(state__in=("done", "aborted"))[:MOST]:
        yield from _campaign(record, by, settings)
    yield from _notices()
    yield from _unknown(now)
    yield from _letters(now)


def _campaign(record: CampaignRecord, by: Principal, settings: Settings) -> Iterator[Task]:
    address, since = f"/campaigns/{quote(record.name)}", record.changed_at
    title = records.definition_of(record).title or record.name
    match record.state:
        case "checked":
            mine = settings.second_approval and record.author == by.name
            code: Code = "campaign.other" if mine else "campaign.approve"
            yield Task(code=code, about=title, address=address, since=since)
        case "draft":
            report = records.preflight_of(record) if record.checked_at else None
            if report is not None and report.blocking:
                values = {"blocking": float(len(report.blocking))}
                yield Task(
                    code="campaign.draft", about=title, address=address, since=since, values=values
                )
        case "sending" if record.stage == "canary":
            canary = records.definition_of(record).canary
            if canary is not None and not canary.minutes:
                since = record.canary_at or since
                yield Task(code="campaign.canary", about=title, address=address, since=since)
        case "paused":
            yield Task(
                code="campaign.paused",
                about=title,
                address=address,
                since=since,
                text=record.reason,
            )
        case _:
            return


def _notices() -> Iterator[Task]:
    number, since = waiting()
    if number:
        yield Task(
            code="notices",
            address="/deliverability/notices",
            since=since,
            values={"number": float(number)},
        )


def _unknown(now: int) -> Iterator[Task]:
    """By campaign."""
    unknown = Message.objects.filter(state="unknown", attempted_at__gte=now - RECENT)
    real = unknown.filter(send__kind="campaign").order_by()
    for name, number in real.values_list("send__name").annotate(Count("id")):
        address = f"/campaigns/{quote(name)}"
        yield Task(code="unknown", about=name, address=address, values={"number": float(number)})


def _letters(now: int) -> Iterator[Task]:
    """Templates in force that were not proved as they are, or whose proof found something."""
    for template in published():
        newest = next(iter(proofs.proofs(now, template.name, 1)), None)
        if newest is None or newest.digest != template.digest:
            address = f"/content/{quote(template.name)}"
            since = template.published_at
            yield Task(code="letter.unproved", about=template.name, address=address, since=since)
        elif newest.state == "done" and newest.locked:
            yield Task(
                code="proof.open",
                about=template.name,
                address=f"/proofs/{newest.id}",
                values={"findings": float(len(newest.open))},
                text=newest.locked,
            )
