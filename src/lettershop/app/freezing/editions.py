"""The letters of a campaign, as they are when it is frozen: kept for as long as its send."""

from collections.abc import Sequence

import msgspec

from lettershop.access.audit import LOCAL
from lettershop.app.letters import Letters
from lettershop.app.typeset import Typeset, typeset
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.content.catalog.assortment import Assortments
from lettershop.delivery.editions import edition, keep
from lettershop.delivery.ledger.content import SendContent


class Edition(msgspec.Struct, frozen=True, eq=False):
    """A variant's letter: its name, the digest it is kept under."""

    name: str
    digest: str
    letter: Typeset


def editions(
    workspace: Workspace,
    campaign: Campaign,
    content: SendContent | None,
    catalogs: Assortments,
    at: int,
) -> Sequence[Edition]:
    """One for each of the campaign's letters: those of a `content` that was decided before, else
    what the folder says now, kept from now on (`at`: ms).

    NotFound `template.unknown`, `edition.unknown`; DefinitionError for what is wrong with one.
    """
    found = []
    letters = Letters(workspace, LOCAL, catalogs)
    for one in campaign.letters:
        if content is None:
            ready = letters.ready(one.content)
            found.append(Edition(one.name, keep(ready.template, at), ready))
        else:
            digest = content.templates[one.name]
            found.append(Edition(one.name, digest, typeset(edition(digest))))
    return found
