"""Letters of a campaign proved where they are not: a check that only says “prove it first” would
send people away for what can be done at once. What a proof finds is still theirs to settle."""

from typing import Final

from lettershop.app.campaigning.contract import Told
from lettershop.app.letters import Letters
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.records import BY_ITSELF
from lettershop.content.catalog.assortment import Assortments
from lettershop.model.errors import UsageError

SETTLED_BY_PEOPLE: Final = frozenset({"proof.open", "proof.running"})
"""Why letters may not leave although they were, or are being, proved."""


def prove_letters(
    workspace: Workspace, campaign: Campaign, catalogs: Assortments, told: Told
) -> None:
    """Each letter for each segment of the audience, unless that was done within `proof_hours`.
    Within a reader's snapshot, with the records connected. Raises what `told` raises, and
    DefinitionError for what is wrong with a template."""
    letters = Letters(workspace, BY_ITSELF, catalogs)
    pairs = ((one.content, segment) for one in campaign.letters for segment in campaign.include)
    for content, segment in dict.fromkeys(pairs):
        found = letters.locked(content, segment)
        if found is not None and found.code not in SETTLED_BY_PEOPLE:
            _prove(letters, content, segment, told)


def _prove(letters: Letters, content: str, segment: str, told: Told) -> None:
    total = 0

    def begun(number: int, people: int) -> None:
        nonlocal total
        total = people

    try:
        letters.prove(
            content,
            segment,
            begun=begun,
            progress=lambda done: told(f"proving {content}", done, total),
        )
    except UsageError as error:
        if error.code != "audience.empty":  # another segment may have members
            raise
