"""Campaigns kept: found, locked, moved. Every move is written down here and in the audit trail."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, Final

import msgspec
from django.db import transaction
from django.db.models import Q

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.models import CampaignMove, CampaignRecord
from lettershop.campaigns.reading import Read, read_json, read_text
from lettershop.campaigns.said import FreezeReport, PreflightReport
from lettershop.campaigns.states import ENDED, Move, after
from lettershop.compliance.storable import storable
from lettershop.language.tables import nearest
from lettershop.model.errors import NotFound

BY_ITSELF: Final = Principal("lettershop", "owner", "local")
"""Who made the moves that no person made."""


class Acceptance(msgspec.Struct, frozen=True):
    """Somebody says that a warning is meant."""

    by: str
    reason: str
    at: int


def named(name: str) -> CampaignRecord:
    """NotFound `campaign.unknown`."""
    found = CampaignRecord.objects.filter(name=name).first() if _possible(name) else None
    if found is None:
        near = nearest(name, [*CampaignRecord.objects.values_list("name", flat=True)[:1_000]])
        hint = f"did you mean “{near}”?" if near else "lettershop campaign list shows them"
        raise NotFound("campaign.unknown", f"there is no campaign “{name}”", hint=hint)
    return found


def listed(limit: int) -> Sequence[CampaignRecord]:
    """The newest first."""
    return [*CampaignRecord.objects.all()[:limit]]


def due(ended_after: int) -> Sequence[CampaignRecord]:
    """Those that may want something: a check, or a step; or to be watched after their end."""
    going = Q(state__in=("approved", "sending", "paused")) | Q(check_asked_at__gt=0)
    ended = Q(state="done", ended_at__gt=ended_after)
    return [*CampaignRecord.objects.filter(going | ended).order_by("id")]


@contextmanager
def locked(name: str) -> Iterator[CampaignRecord]:
    """The record, for nobody else to change until the end of the block, when it is saved.
    NotFound `campaign.unknown`."""
    number = named(name).pk
    with transaction.atomic():
        record = CampaignRecord.objects.select_for_update().get(pk=number)
        yield record
        record.save()


def moved(record: CampaignRecord, move: Move, by: Principal, at: int, reason: str = "") -> None:
    """Within `locked`. UsageError `campaign.state`, `campaign.ended`."""
    before = record.state
    record.state = after(before, move, record.stage)
    record.reason, record.changed_at = storable(reason), at
    record.stage = "" if record.state in ENDED else record.stage
    noted(record, move, before, by, at, reason)


def noted(
    record: CampaignRecord, what: str, before: str, by: Principal, at: int, reason: str = ""
) -> None:
    """Something done with it, whether or not its state is another now."""
    said = storable(reason)
    CampaignMove.objects.create(
        campaign=record,
        move=what,
        before=before,
        after=record.state,
        attempt=record.attempt,
        by=by.name[:254],
        at=at,
        reason=said,
    )
    details = {"attempt": record.attempt} | ({"reason": said} if said else {})
    audit(by, f"campaign.{what}", record.name, **details)


def moves_of(record: CampaignRecord) -> Sequence[CampaignMove]:
    """In their order."""
    return [*CampaignMove.objects.filter(campaign=record)]


# --- what is kept as JSON ------------------------------------------------------------------------


def definition_of(record: CampaignRecord) -> Campaign:
    return msgspec.json.decode(record.definition, type=Campaign)


def reread(record: CampaignRecord) -> Read:
    """What its author said, with its places."""
    if record.form == "toml":
        return read_text(record.name, record.text, record.source)
    return read_json(record.name, msgspec.json.decode(record.text))


def freeze_of(record: CampaignRecord) -> FreezeReport | None:
    return msgspec.json.decode(record.freeze, type=FreezeReport) if record.freeze else None


def preflight_of(record: CampaignRecord) -> PreflightReport | None:
    """With everything that has been accepted since."""
    if not record.preflight:
        return None
    found = msgspec.json.decode(record.preflight, type=PreflightReport)
    accepted = {key: f"{one.reason} ({one.by})" for key, one in accepted_of(record).items()}
    return msgspec.structs.replace(found, accepted=accepted)


def accepted_of(record: CampaignRecord) -> dict[str, Acceptance]:
    return msgspec.json.decode(record.accepted, type=dict[str, Acceptance])


def kept(struct: Any) -> str:
    """As the record keeps it."""
    return msgspec.json.encode(struct).decode()


def digest(campaign: Campaign, templates: Mapping[str, str]) -> str:
    """Of what was checked: changes with the definition, or with a template. `templates`: name ->
    digest of those it may need."""
    used = [(one.content, templates.get(one.content, "")) for one in campaign.letters]
    return blake2b(msgspec.json.encode([campaign, used]), digest_size=16).hexdigest()


def _possible(name: str) -> bool:
    return "\0" not in name and storable(name) == name
