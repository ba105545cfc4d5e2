"""From a campaign to the rows of a send. Start here.

frozen = freeze(workspace, campaign, at=now)       # who, and what becomes of each: frozen.report
plan(number, frozen.rows(), now)                   # each one's values are read and written now
"""

from collections.abc import Callable, Sequence

import numpy as np

from lettershop.access.audit import LOCAL
from lettershop.app.audiences import Audiences, audiences
from lettershop.app.compliance import Compliance
from lettershop.app.freezing.frozen import Fates, Frozen
from lettershop.app.freezing.lots import HOLDOUT, lots
from lettershop.app.freezing.people import People, read_people
from lettershop.app.freezing.providers import domain_of, providers_of
from lettershop.app.freezing.screening import Note, screened
from lettershop.app.freezing.whom import Whom, gathered, one_each, whom
from lettershop.app.freezing.writing import Edition, Writer
from lettershop.app.letters import Letters, matched_by
from lettershop.app.sending.questions import question_of
from lettershop.app.typeset import typeset
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.content.audience import Audience
from lettershop.content.catalog.assortment import Assortments
from lettershop.content.letter import Block
from lettershop.delivery.editions import edition, keep
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.smtp.exchanges import Dns
from lettershop.model.errors import UsageError, WorkspaceError


def freeze(
    workspace: Workspace,
    campaign: Campaign,
    *,
    at: int,
    as_of: int | None = None,
    content: SendContent | None = None,
    catalogs: Assortments | None = None,
    progress: Callable[[int], None] = lambda done: None,
    cancelled: Callable[[], bool] = lambda: False,
    dns: Dns | None = None,
) -> Frozen:
    """Who gets which letter, decided; `rows()` of what comes back reads what the letters say.

    Within a reader's snapshot that lasts until the last row, with the records connected. `at`: when
    the letters will go, for compliance; `as_of`: the moment of the audience, None for now; ms.
    `content`: that of a freeze that was cut short, to go on with: its moment and its editions.
    `progress`: rows written. `dns`: for tests.

    NotFound for segments and templates; DefinitionError for broken ones; UsageError
    `audience.accounts`, `freeze.cancelled`; NotFound `consent.stream`; WorkspaceError
    `freeze.changed` when `content` is of other versions of the segments.
    """
    return _Freeze(workspace, campaign, catalogs or Assortments(), cancelled).run(
        at, workspace.moment(as_of), content, progress, dns
    )


class _Freeze:
    def __init__(
        self,
        workspace: Workspace,
        campaign: Campaign,
        catalogs: Assortments,
        cancelled: Callable[[], bool],
    ) -> None:
        self._workspace, self._campaign = workspace, campaign
        self._catalogs, self._cancelled = catalogs, cancelled

    def run(
        self,
        at: int,
        as_of: int,
        content: SendContent | None,
        progress: Callable[[int], None],
        dns: Dns | None,
    ) -> Frozen:
        known = audiences(self._workspace)
        as_of = as_of if content is None else content.as_of
        asked = whom(self._workspace, known, self._campaign, as_of)
        editions = self._new_editions(at) if content is None else self._editions(content)
        said = content or self._said(editions, asked, as_of)
        if said.segments != asked.versions:
            message = "segments of the campaign were published anew since its freeze began"
            hint = "abort this send, and start the campaign again"
            raise WorkspaceError("freeze.changed", message, where=self._campaign.name, hint=hint)
        blocks = [*dict.fromkeys(block for one in editions for block in one.letter.blocks)]
        everybody = self._gathered(known, asked, editions, blocks, as_of)
        audience = one_each(everybody)
        people = read_people(self._workspace.store, audience)
        self._go_on()
        fates, notes = self._fates(people, said, at, dns)
        self._go_on()
        title = self._campaign.title or self._campaign.name
        about = {"name": title}
        writer = Writer(self._workspace, audience, blocks, about, self._catalogs)
        return Frozen(
            self._campaign,
            said,
            people,
            fates,
            editions,
            writer,
            audience=len(everybody),
            notes=notes,
            uncertain=asked.uncertain,
            progress=progress,
            go_on=self._go_on,
        )

    # --- letters --------------------------------------------------------------------------------

    def _new_editions(self, at: int) -> list[Edition]:
        """Of the templates as the folder has them now."""
        letters = Letters(self._workspace, LOCAL, self._catalogs)
        found = []
        for one in self._campaign.letters:
            ready = letters.ready(one.content)
            found.append(Edition(one.name, keep(ready.template, at), ready))
        return found

    def _editions(self, content: SendContent) -> list[Edition]:
        digests = [(one.name, content.templates[one.name]) for one in self._campaign.letters]
        return [Edition(name, digest, typeset(edition(digest))) for name, digest in digests]

    def _said(self, editions: Sequence[Edition], asked: Whom, as_of: int) -> SendContent:
        campaign = self._campaign
        return SendContent(
            templates={one.name: one.digest for one in editions},
            template=", ".join(dict.fromkeys(one.content for one in campaign.letters)),
            purpose=campaign.purpose,
            topic=campaign.topic,
            sender=self._workspace.settings.sender,
            pixel=campaign.pixel,
            segments=asked.versions,
            as_of=as_of,
        )

    # --- people ---------------------------------------------------------------------------------

    def _gathered(
        self,
        known: Audiences,
        asked: Whom,
        editions: Sequence[Edition],
        blocks: Sequence[Block],
        as_of: int,
    ) -> Audience:
        settings = self._workspace.settings
        wanted = {name for one in editions for name in matched_by(one.letter, settings)}
        return gathered(self._workspace, known, asked, blocks, wanted, as_of)

    def _fates(
        self, people: People, content: SendContent, at: int, dns: Dns | None
    ) -> tuple[Fates, tuple[Note, ...]]:
        """What becomes of each, and what compliance said."""
        workspace, campaign = self._workspace, self._campaign
        drawn = lots(people, campaign)
        reasons, due = [*drawn.reasons], np.zeros(len(people), np.int64)
        open_ = [place for place, reason in enumerate(reasons) if not reason]
        gate = Compliance(workspace.path, workspace.settings).gate
        questions = [
            question_of(_about(people, n), campaign.stream, content, people.recipients[n])
            for n in open_
        ]
        found = screened(gate, questions, at)
        for place, answer in zip(open_, found.answers, strict=True):
            reasons[place], due[place] = answer.suppressed, answer.due_at
        names = [one.name for one in campaign.letters]
        domains = [domain_of(address) for address in people.addresses]
        pools = providers_of(workspace.path, workspace.settings, domains, at, dns)
        fates = Fates(
            reasons=reasons,
            variants=[
                "" if reason == HOLDOUT else names[number]
                for reason, number in zip(reasons, drawn.variant.tolist(), strict=True)
            ],
            due=due,
            providers=[pools.get(domain, "") for domain in domains],
        )
        return fates, found.notes

    def _go_on(self) -> None:
        """UsageError `freeze.cancelled`."""
        if self._cancelled():
            raise UsageError("freeze.cancelled", "the freeze was cancelled", hint="start it again")


def _about(people: People, place: int) -> Planned:
    return Planned(
        contact=people.contacts[place],
        address=people.addresses[place],
        account=people.accounts[place],
    )
