"""From a campaign to the rows of a send. Start here.

frozen = freeze(workspace, campaign, at=now)       # who, and what becomes of each: frozen.report
plan(number, frozen.rows(), now)                   # each one's values are read and written now
"""

from collections.abc import Callable, Sequence

from lettershop.app.audiences import audiences
from lettershop.app.freezing.editions import Edition, editions
from lettershop.app.freezing.fates import fates
from lettershop.app.freezing.frozen import Frozen
from lettershop.app.freezing.people import read_people
from lettershop.app.freezing.whom import Whom, gathered, one_each, whom
from lettershop.app.freezing.writing import Writer
from lettershop.app.letters import matched_by
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.content.catalog.assortment import Assortments
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.smtp.exchanges import Dns
from lettershop.model.errors import UsageError, WorkspaceError
from lettershop.model.settings import Settings


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

    def go_on() -> None:
        if cancelled():
            raise UsageError("freeze.cancelled", "the freeze was cancelled", hint="start it again")

    shelf, settings = catalogs or Assortments(), workspace.settings
    moment = workspace.moment(as_of) if content is None else content.as_of
    known = audiences(workspace)
    asked = whom(workspace, known, campaign, moment)
    letters = editions(workspace, campaign, content, shelf, at)
    said = content or _content(settings, campaign, letters, asked, moment)
    _compare(campaign, said, asked)
    blocks = [*dict.fromkeys(block for one in letters for block in one.letter.blocks)]
    wanted = {name for one in letters for name in matched_by(one.letter, settings)}
    everybody = gathered(workspace, known, asked, blocks, wanted, moment)
    audience = one_each(everybody)
    people = read_people(workspace.store, audience)
    go_on()
    decided = fates(workspace, campaign, people, said, at, dns)
    go_on()
    return Frozen(
        said,
        people,
        decided,
        letters,
        Writer(workspace, campaign, audience, blocks, shelf),
        stream=campaign.stream,
        audience=len(everybody),
        uncertain=asked.uncertain,
        progress=progress,
        go_on=go_on,
    )


def _content(
    settings: Settings, campaign: Campaign, letters: Sequence[Edition], asked: Whom, as_of: int
) -> SendContent:
    return SendContent(
        templates={one.name: one.digest for one in letters},
        template=", ".join(dict.fromkeys(one.content for one in campaign.letters)),
        purpose=campaign.purpose,
        topic=campaign.topic,
        sender=settings.sender,
        pixel=campaign.pixel,
        segments=asked.versions,
        as_of=as_of,
    )


def _compare(campaign: Campaign, content: SendContent, asked: Whom) -> None:
    """WorkspaceError `freeze.changed`."""
    if content.segments != asked.versions:
        message = "segments of the campaign were published anew since its freeze began"
        hint = "abort this send, and start the campaign again"
        raise WorkspaceError("freeze.changed", message, where=campaign.name, hint=hint)
