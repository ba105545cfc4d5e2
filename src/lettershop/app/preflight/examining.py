"""One campaign examined: every rule becomes one check. Start here.

preflight = Preflight(clock, catalogs)              one for a process: it remembers what DNS said
preflight.of_freeze(workspace, campaign, frozen)    a dry run: nothing is in the ledger
preflight.of_send(workspace, campaign, send)        over the rows that are going to leave
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Protocol

from lettershop.access.audit import LOCAL
from lettershop.app.compliance import Compliance
from lettershop.app.connecting import address
from lettershop.app.letters import Letters
from lettershop.app.preflight import deciding, figures, rows
from lettershop.app.preflight.domains import Domains, leaves
from lettershop.app.preflight.keeping import keeping
from lettershop.app.preflight.one_click import Post, current_post, self_test
from lettershop.app.preflight.passing import Pass
from lettershop.app.preflight.rows import Looked
from lettershop.app.public import tokens
from lettershop.app.sending.letters import SendingLetters
from lettershop.app.sending.parts import limits_of
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.preflight import data, domains, figures as rates
from lettershop.campaigns.preflight.heads import Surroundings
from lettershop.campaigns.preflight.messages import Messages
from lettershop.campaigns.preflight.rules import rules
from lettershop.campaigns.said import Check, FreezeReport, PreflightReport
from lettershop.content.catalog.assortment import Assortments
from lettershop.delivery.dkim.folder import FOLDER, keys_of
from lettershop.delivery.dkim.verifier import public_keys
from lettershop.delivery.doctor import Diagnosis
from lettershop.delivery.ledger.content import SendContent, content_of
from lettershop.delivery.ledger.rows import Planned, SendRow
from lettershop.delivery.providers.knowledge import of_workspace
from lettershop.delivery.smtp.choosing import is_direct
from lettershop.delivery.tracking import Addresses
from lettershop.model.clock import Clock, SystemClock

NOT_PLANNED: Final = 0
"""The number of a send that is not in the ledger."""
Progress = Callable[[int, int], None]
"""Rows looked at, of how many. What it raises ends the examination."""


class Frozen(Protocol):
    """An audience as it was frozen; `report` is complete after the last row."""

    @property
    def content(self) -> SendContent: ...
    @property
    def report(self) -> FreezeReport: ...
    def rows(self) -> Iterable[Planned]: ...


class Preflight:
    """For one thread at a time. `post`: finds how one-click is tried, None where no server runs."""

    def __init__(
        self,
        clock: Clock | None = None,
        catalogs: Assortments | None = None,
        *,
        doctor: Domains | None = None,
        post: Callable[[], Post | None] = current_post,
    ) -> None:
        self.clock = clock or SystemClock()
        self.catalogs = catalogs or Assortments()
        self.doctor = doctor or Domains(self.clock)
        self.post = post

    def of_freeze(
        self,
        workspace: Workspace,
        campaign: Campaign,
        frozen: Frozen,
        *,
        progress: Progress = lambda done, total: None,
        accepted: Mapping[str, str] | None = None,
    ) -> PreflightReport:
        """Within the reader's snapshot of the freeze, with the records connected."""
        examination = _Examination(self, workspace, campaign, NOT_PLANNED, frozen.content)
        key = f"preflight:{campaign.name}"[:200]
        examination.letters.introduce(NOT_PLANNED, key, campaign.stream, frozen.content)
        looked = rows.of_freeze(frozen.rows(), campaign.stream, examination.now)
        total = sum(frozen.report.rows.values())
        return examination.report(looked, total, progress, accepted or {})

    def of_send(
        self,
        workspace: Workspace,
        campaign: Campaign,
        send: SendRow,
        *,
        progress: Progress = lambda done, total: None,
        accepted: Mapping[str, str] | None = None,
    ) -> PreflightReport:
        """Within a reader's snapshot, with the records connected."""
        content = content_of(send.content)
        examination = _Examination(self, workspace, campaign, send.id, content)
        looked = rows.of_send(send.id)
        return examination.report(looked, send.planned, progress, accepted or {})


class _Examination:
    """Of one campaign, once."""

    def __init__(
        self,
        house: Preflight,
        workspace: Workspace,
        campaign: Campaign,
        send: int,
        content: SendContent,
    ) -> None:
        self._house, self._workspace, self._campaign = house, workspace, campaign
        self._send, self._content = send, content
        self._data, self._settings = workspace.path / "data", workspace.settings
        self.now = house.clock.now()
        self._compliance = Compliance(workspace.path, self._settings, clock=house.clock)
        self._leaves = leaves(self._settings)
        self.letters = SendingLetters(self._data, self._settings, clock=house.clock)
        self._messages = Messages(self._surroundings())
        self._pass = Pass(
            campaign, self.letters, self._messages, self._compliance, send=send, at=self.now
        )

    def report(
        self, looked: Iterable[Looked], total: int, progress: Progress, accepted: Mapping[str, str]
    ) -> PreflightReport:
        progress(0, total)
        self._pass.over(looked, lambda done: progress(done, total))
        found = {check.rule: check for check in self._checks(total)}
        return PreflightReport(
            as_of=self.now,
            messages=self._messages.seen,
            checks=tuple(found[name] for name in rules()),
            accepted=dict(accepted),
        )

    def _checks(self, total: int) -> Iterator[Check]:
        """One for each rule: one that is forgotten is an error at `found[name]`."""
        said = self._domains()
        yield from domains.checks(said) if self._leaves else domains.stay()
        for check in self._messages.checks():
            yield domains.with_dns(check, said)
        yield self._one_click()
        yield from self._pass.people.checks()
        yield from self._network()
        yield from self._rates()
        yield from self._records()
        yield from self._data_rules(total)

    # --- messages and domains -------------------------------------------------------------------

    def _surroundings(self) -> Surroundings:
        own, base = tokens(self._data), address(self._settings)
        stream = self._compliance.policy.streams.get(self._campaign.stream)

        def row_of(token: str) -> int | None:
            found = own.read("leave", token)
            return None if found is None else found.row

        return Surroundings(
            marketing=stream is None or not stream.transactional,
            base=base,
            leaves=self._leaves,
            postal_address=self._settings.postal_address,
            find_key=public_keys(one.key for one in keys_of(self._data / FOLDER)),
            row_of=row_of,
        )

    def _domains(self) -> list[Diagnosis]:
        if not self._leaves:
            return []
        found = self._messages
        envelope = next(iter(found.senders), "")
        return self._house.doctor.found(found.domains, envelope, self._data, self._settings)

    def _one_click(self) -> Check:
        pages = Addresses(tokens(self._data), address(self._settings))
        return self_test(self._compliance, pages, self._campaign.stream, self._house.post())

    # --- the ledger and the records -------------------------------------------------------------

    def _network(self) -> Iterator[Check]:
        known = of_workspace(self._workspace.path)
        found = figures.volumes(self._pass.providers, self.now)
        direct = is_direct(self._settings.smtp)
        yield rates.caps(found, known, direct=direct, leaves=self._leaves)
        yield rates.recovery(found)
        yield rates.volume(found, leaves=self._leaves)
        yield rates.warm_up(found, limits_of(self._settings, known), self.now)

    def _rates(self) -> Iterator[Check]:
        recent = figures.recent(
            self._workspace.store, self._campaign.stream, self.now, without=self._send
        )
        taken_in = bool(self._settings.lmtp or self._settings.imap or self._hooks())
        yield from rates.complaints(recent, self._campaign.stop)
        yield from rates.bounces(recent, self._campaign.stop)
        yield rates.unsubscribes(recent)
        yield rates.refused_for_us(recent)
        yield rates.come_back(recent, taken_in=taken_in, leaves=self._leaves)

    def _hooks(self) -> str:
        said = self._settings
        return said.hook_ses or said.hook_sendgrid or said.hook_postmark or said.hook_mailgun

    def _records(self) -> Iterator[Check]:
        kept = keeping(self.now)
        yield rates.effective(kept)
        yield rates.consent_log(kept)
        yield rates.erasures(kept)
        yield rates.incident(kept, self.now)

    # --- the data -------------------------------------------------------------------------------

    def _data_rules(self, total: int) -> Iterator[Check]:
        workspace, campaign, passed = self._workspace, self._campaign, self._pass
        as_of = self._content.as_of or self.now
        letters = Letters(workspace, LOCAL, self._house.catalogs)
        definitions = deciding.hangs_on(letters, campaign)
        events = deciding.events_read(letters, campaign, definitions)
        yield data.fresh(events, deciding.silent(workspace, events, as_of))
        yield data.certain(deciding.uncertain(workspace, definitions, as_of))
        earlier = deciding.earlier(campaign, self._send)
        before = (0, 0)
        if not earlier:
            before = deciding.members(workspace, definitions, campaign, as_of)
        yield data.size(total, earlier, self._settings.size_guard, before)
        yield data.overlap(passed.shared, passed.both, passed.letters, passed.both_examples)
        locked = deciding.locked(letters, campaign)
        yield data.proved(
            [one.reason for one in locked],
            passed.broken,
            passed.letters + passed.broken.total(),
            passed.broken_examples,
            "; ".join(dict.fromkeys(one.hint for one in locked)),
        )
