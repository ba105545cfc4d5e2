"""What people do with campaigns: each move asked for, checked, written down with who and why."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.campaigning.answers import CampaignAnswer, answer
from lettershop.app.campaigning.contract import Crew, Told
from lettershop.app.campaigning.known import changed, compared
from lettershop.app.workspace import Workspace
from lettershop.campaigns import records
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.reading import Read, read_json, read_text
from lettershop.campaigns.records import Acceptance, locked, moved, named, noted
from lettershop.campaigns.said import FreezeReport
from lettershop.campaigns.schedule import Moment, moment_of
from lettershop.campaigns.states import BEFORE, UNSENT, after
from lettershop.delivery.ledger import controls
from lettershop.model.clock import HOUR, MINUTE, Clock
from lettershop.model.errors import AccessError, Finding, InputError, NotFound, UsageError
from lettershop.model.settings import Settings

REST: Final = 30 * MINUTE
"""How long stop rules do nothing after somebody went on in spite of them."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What an author says: `text` (TOML, of the file `source`), or `definition` (the same words as
    JSON)."""

    definition: dict[str, Any] = {}
    text: str = ""
    source: str = ""

    def read(self, name: str) -> Read:
        """InputError `campaign.twice` for both of them."""
        if self.text and self.definition:
            message = "a campaign is said as text or as definition, not as both"
            raise InputError("campaign.twice", message, where="definition")
        if self.text:
            return read_text(name, self.text, self.source)
        return read_json(name, self.definition)


class Desk:
    """What may be done by one principal. The records are connected."""

    def __init__(self, folder: Path, settings: Settings, by: Principal, clock: Clock) -> None:
        self._folder, self._settings, self._by, self._clock = folder, settings, by, clock

    # --- looking --------------------------------------------------------------------------------

    def all(self, limit: int = 50) -> Sequence[CampaignAnswer]:
        """The newest first, without reports."""
        now = self._clock.now()
        return [answer(record, now, whole=False) for record in records.listed(limit)]

    def show(self, name: str) -> CampaignAnswer:
        """NotFound `campaign.unknown`."""
        return answer(named(name), self._clock.now())

    def audience(self, workspace: Workspace, name: str, crew: Crew, told: Told) -> FreezeReport:
        """Who would get it now. DefinitionError; NotFound."""
        campaign, _ = compared(workspace, records.reread(named(name)))
        return crew.audience(workspace, campaign, told)

    # --- before it leaves -----------------------------------------------------------------------

    def draft(self, workspace: Workspace, name: str, said: Draft) -> CampaignAnswer:
        """Write it, or write it anew. DefinitionError with everything that is wrong; UsageError
        `campaign.state`, `campaign.ended`."""
        campaign, findings = compared(workspace, said.read(name))
        now = self._clock.now()
        definition = records.kept(campaign)
        same = CampaignRecord.objects.filter(name=name, definition=definition).first()
        if same is not None and same.state != "aborted" and same.state != "done":
            return answer(same, now, findings=tuple(findings))
        if not CampaignRecord.objects.filter(name=name).exists():
            self._new(name, definition, now)
        with locked(name) as record:
            moved(record, "draft", self._by, now)
            record.form = "toml" if said.text else "json"
            record.text = said.text or msgspec.json.encode(said.definition).decode()
            record.source, record.author = said.source, self._by.name[:254]
            record.definition = definition
            _unchecked(record)
        return self._answer(name, findings)

    def _new(self, name: str, definition: str, now: int) -> None:
        CampaignRecord.objects.get_or_create(
            name=name,
            defaults={
                "form": "json",
                "text": "{}",
                "definition": definition,
                "state": "draft",
                "author": self._by.name[:254],
                "created_at": now,
                "changed_at": now,
            },
        )

    def ask_check(self, name: str) -> CampaignAnswer:
        """Have a server check it; asked twice, once. UsageError `campaign.state`."""
        with locked(name) as record:
            after(record.state, "check", record.stage)
            if not record.check_asked_at:
                record.check_asked_at, record.problem = self._clock.now(), ""
                noted(record, "ask", record.state, self._by, self._clock.now())
        return self._answer(name)

    def cancel_check(self, name: str) -> CampaignAnswer:
        """Nobody waits for the check any more: it stops within a second, and nothing is changed."""
        with locked(name) as record:
            if record.check_asked_at:
                record.check_asked_at = 0
                noted(record, "unask", record.state, self._by, self._clock.now())
        return self._answer(name)

    def accept(self, name: str, key: str, reason: str) -> CampaignAnswer:
        """Say that a warning of preflight is meant. When nothing stands in the way any more, the
        campaign is checked. InputError `campaign.reason`; NotFound `campaign.no_warning`;
        UsageError `campaign.not_acceptable`, `campaign.state`."""
        if not reason.strip():
            raise InputError("campaign.reason", "say why it is meant", where="reason")
        now = self._clock.now()
        with locked(name) as record:
            if record.state not in ("draft", "checked", "paused"):
                message = f"the campaign is {record.state}: nothing can be accepted now"
                raise UsageError("campaign.state", message)
            _acceptable(record, key)
            accepted = records.accepted_of(record)
            accepted[key] = Acceptance(self._by.name, reason.strip(), now)
            record.accepted = records.kept(accepted)
            noted(record, "accept", record.state, self._by, now, f"{key}: {reason.strip()}")
            report = records.preflight_of(record)
            if record.state == "draft" and report is not None and not report.blocking:
                moved(record, "check", self._by, now)
        return self._answer(name)

    def approve(self, name: str) -> CampaignAnswer:
        """It leaves at its time, or at once. AccessError `campaign.second_approval`; UsageError
        `campaign.state`, `campaign.changed`, `campaign.check_old`, `campaign.past`."""
        now = self._clock.now()
        self._fallen_back(name, now)
        with locked(name) as record:
            after(record.state, "approve", record.stage)
            self._may_approve(record, now)
            record.start_at = self._start_at(record, now)
            record.approver, record.approved_at = self._by.name[:254], now
            moved(record, "approve", self._by, now)
        return self._answer(name)

    def _fallen_back(self, name: str, now: int) -> None:
        """UsageError `campaign.changed` when it is not what was checked; it is a draft again."""
        found = named(name)
        if found.state not in ("checked", "approved") or not changed(self._folder, found):
            return
        with locked(name) as record:
            fall_back(record, self._by, now)
        hint = f"lettershop campaign check {name}"
        message = "its template has changed since it was checked: it is a draft again"
        raise UsageError("campaign.changed", message, hint=hint)

    def _may_approve(self, record: CampaignRecord, now: int) -> None:
        if self._settings.second_approval and self._by.name == record.author:
            message = "whoever wrote a campaign does not approve it"
            hint = "ask somebody else; the setting second_approval says so"
            raise AccessError("campaign.second_approval", message, hint=hint)
        hours = self._settings.proof_hours
        if now - record.checked_at > hours * HOUR:
            message = f"it was checked over {hours} hours ago"
            hint = f"lettershop campaign check {record.name}"
            raise UsageError("campaign.check_old", message, hint=hint)

    def _start_at(self, record: CampaignRecord, now: int) -> int:
        said = records.definition_of(record).at
        if not said:
            return now
        found = moment_of(said, self._settings.timezone)
        if not isinstance(found, Moment):
            raise UsageError(
                "campaign.at", f"“{said}” is not a time any more", hint="draft it anew"
            )
        if found.at < now - MINUTE:
            message = f"its time, {said}, has passed"
            hint = "draft it with another “at”, or without one to send it at once"
            raise UsageError("campaign.past", message, hint=hint)
        return found.at

    # --- while it leaves ------------------------------------------------------------------------

    def start(self, name: str) -> CampaignAnswer:
        """An approved one now, instead of at its time."""
        now = self._clock.now()
        self._fallen_back(name, now)
        with locked(name) as record:
            after(record.state, "start", record.stage)
            if record.start_at > now:
                noted(record, "hurry", record.state, self._by, now)
                record.start_at = now
        return self._answer(name)

    def undo(self, name: str, reason: str = "") -> CampaignAnswer:
        """Before anything has left: nothing ever happened, it is a draft again. UsageError
        `campaign.state`."""
        now = self._clock.now()
        with locked(name) as record:
            moved(record, "undo", self._by, now, reason)
            if record.send:
                controls.abort(record.send, now, "undone")
            renewed(record)
            _unchecked(record)
        return self._answer(name)

    def go(self, name: str) -> CampaignAnswer:
        """The canary looks well: the others, too. UsageError `campaign.no_canary`."""
        now = self._clock.now()
        with locked(name) as record:
            if record.state != "sending" or record.stage != "canary":
                message = f"no canary waits for a yes: the campaign is {record.state}"
                raise UsageError("campaign.no_canary", message)
            released(record, self._by, now)
        return self._answer(name)

    def pause(self, name: str, reason: str = "") -> CampaignAnswer:
        """Between two letters, within a second."""
        with locked(name) as record:
            paused(record, self._by, self._clock.now(), reason)
        return self._answer(name)

    def resume(self, name: str) -> CampaignAnswer:
        """Go on where it was. Stop rules that had paused it rest for half an hour."""
        now = self._clock.now()
        with locked(name) as record:
            moved(record, "resume", self._by, now)
            record.problem = ""
            if record.stage not in UNSENT:
                controls.resume(record.send, now)
            if record.stopped:
                record.stopped, record.watch_from = False, now + REST
        return self._answer(name)

    def abort(self, name: str, reason: str = "") -> CampaignAnswer:
        """For good: what has not left never leaves."""
        now = self._clock.now()
        with locked(name) as record:
            moved(record, "abort", self._by, now, reason)
            record.ended_at, record.check_asked_at = now, 0
            if record.send:
                controls.abort(record.send, now, reason or "the campaign was aborted")
        return self._answer(name)

    def discard(self, name: str) -> CampaignAnswer:
        """Throw away a draft of which nothing is planned: `restore` takes it back. UsageError
        `campaign.under_way`."""
        if named(name).state not in BEFORE:
            message = "letters of it are planned: it can only be ended for good"
            raise UsageError("campaign.under_way", message, hint="abort it")
        return self.abort(name, "thrown away")

    def restore(self, name: str) -> CampaignAnswer:
        """A draft that was thrown away is one again. UsageError `campaign.planned` once anything of
        it was planned, `campaign.state`."""
        with locked(name) as record:
            if record.send:
                message = "letters of it were planned: what has ended stays as it is"
                raise UsageError("campaign.planned", message, hint="copy it under another name")
            moved(record, "restore", self._by, self._clock.now())
            record.ended_at = 0
            _unchecked(record)
        return self._answer(name)

    def looked_at(self, name: str, what: str) -> None:
        """Somebody saw personal data of it; audited."""
        audit(self._by, f"campaign.{what}", name)

    def _answer(self, name: str, findings: Sequence[Finding] = ()) -> CampaignAnswer:
        return answer(named(name), self._clock.now(), findings=tuple(findings))


# --- moves that people and the clock make ---------------------------------------------------------


def paused(
    record: CampaignRecord, by: Principal, at: int, reason: str, *, stopped: bool = False
) -> None:
    """Within `locked`. `stopped`: by its stop rules."""
    moved(record, "pause", by, at, reason)
    record.stopped = stopped
    if record.stage not in UNSENT:
        controls.pause(record.send, record.reason)


def released(record: CampaignRecord, by: Principal, at: int, reason: str = "") -> None:
    """The canary is over: all others are due. Within `locked`."""
    controls.release(record.send)
    record.stage = "all"
    noted(record, "go", record.state, by, at, reason)


def fall_back(record: CampaignRecord, by: Principal, at: int) -> None:
    """It is not what was checked. Within `locked`."""
    moved(record, "change", by, at, "its template has changed since it was checked")
    _unchecked(record)


def renewed(record: CampaignRecord) -> None:
    """The next attempt has a send of its own."""
    record.attempt += 1
    record.send, record.stage, record.as_of = 0, "", 0
    record.started_at = record.hold_until = record.canary_at = 0
    record.stopped, record.watch_from = False, 0


def _unchecked(record: CampaignRecord) -> None:
    record.digest, record.freeze, record.preflight, record.problem = "", "", "", ""
    record.checked_at = record.approved_at = record.start_at = record.check_asked_at = 0
    record.approver = ""


def _acceptable(record: CampaignRecord, key: str) -> None:
    report = records.preflight_of(record)
    found = (
        next((one for one in report.checks if one.key and one.key == key), None) if report else None
    )
    if found is None:
        hint = f"lettershop campaign show {record.name} lists them"
        raise NotFound("campaign.no_warning", f"preflight has no warning “{key}”", hint=hint)
    if found.held != "fails" or found.level != "warn":
        message = f"{found.rule} is no warning that can be accepted: it {_WORDS[found.level]}"
        raise UsageError("campaign.not_acceptable", message, hint=found.fix)


_WORDS: Final = {"block": "has to be mended", "warn": "holds", "watch": "is only watched"}
