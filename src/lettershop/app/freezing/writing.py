"""What each letter reads of its recipient, frozen into its row; all variants in one order."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from heapq import merge
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from lettershop.app.freezing.editions import Edition
from lettershop.app.freezing.whom import part
from lettershop.app.surroundings import failures, surroundings
from lettershop.app.typeset import Typeset, fed
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.content.audience import Audience
from lettershop.content.catalog.assortment import Assortments
from lettershop.content.letter import Block, Letter
from lettershop.content.values.needs import Surroundings
from lettershop.content.values.source import Source
from lettershop.delivery.ledger.content import RECIPIENT, Recipient
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.ledger.snapshot import freeze
from lettershop.model.errors import Finding
from lettershop.planning.frame import Ints

UNKEPT: Final = "broken: its values cannot be kept"
NOW: Final = "now"
"""The value that stands for the moment of the send in all of its letters."""

Placed = tuple[int, Planned]
"""A row and its place in the audience."""


class _Written(NamedTuple):
    """What a letter reads of somebody, and in which language."""

    digest: str
    language: str
    values: Mapping[str, Any]
    shown: tuple[int, ...]


class Writer:
    """`blocks`: those the audience was asked for. `findings`: what sources of outside data did not
    say, complete once all rows are written."""

    def __init__(
        self,
        workspace: Workspace,
        campaign: Campaign,
        audience: Audience,
        blocks: Sequence[Block],
        catalogs: Assortments,
    ) -> None:
        self._workspace, self._audience, self._blocks = workspace, audience, blocks
        self._campaign, self._catalogs = {"name": campaign.title or campaign.name}, catalogs
        self.findings: Sequence[Finding] = ()

    def letters(
        self,
        editions: Sequence[tuple[Edition, Ints]],
        row: Callable[[int], Planned],
        recipients: Sequence[Recipient],
    ) -> Generator[Placed, None, None]:
        """Rows of those who will get one, in the order of the audience. `editions`: each with the
        places of those who get it; `row`, `recipients`: by place, all but the letter."""
        self.findings = ()
        with ExitStack() as stack:
            shares = (
                self._of(edition, places, stack) for edition, places in editions if len(places)
            )
            for place, written in merge(*shares, key=itemgetter(0)):
                yield place, _complete(row(place), written, recipients[place])

    def _of(
        self, edition: Edition, places: Ints, stack: ExitStack
    ) -> Iterator[tuple[int, _Written]]:
        ready, as_of = edition.letter, self._audience.as_of
        around, fetcher = stack.enter_context(
            surroundings(self._workspace, ready.template, as_of, self._catalogs.get)
        )
        mine, own = self._part(ready, places), self._own(around)
        source = stack.enter_context(
            Source(self._workspace.store, ready.template, ready.reads(), mine, own)
        )
        kept = {language: _kept(letter) for language, letter in ready.letters.items()}
        for place, (who, values, shown) in zip(places.tolist(), fed(ready, source), strict=True):
            language = ready.letter(who.language).variant.language
            read = {name: value for name, value in values.items() if name in kept[language]}
            yield place, _Written(edition.digest, language, read, tuple(shown))
        self.findings = (*self.findings, *failures(fetcher.reports()))

    def _own(self, around: Surroundings) -> Surroundings:
        """Links are made when a letter is built: they name its row."""
        return msgspec.structs.replace(
            around, campaign=self._campaign, unsubscribe_url=None, preferences_url=None
        )

    def _part(self, ready: Typeset, places: Ints) -> Audience:
        """Its recipients, with what they see of its own blocks."""
        mine = part(self._audience, places)
        columns = np.array([self._blocks.index(block) for block in ready.blocks], np.int64)
        return msgspec.structs.replace(mine, shown=mine.shown[:, columns])


def _kept(letter: Letter) -> frozenset[str]:
    """The names of what a letter reads."""
    return frozenset({NOW, *(read.path[0] for read in letter.reads)})


def _complete(row: Planned, written: _Written, who: Recipient) -> Planned:
    """With its values; without a letter where they cannot be kept, as text that is no Unicode."""
    try:
        values = freeze({**written.values, RECIPIENT: msgspec.to_builtins(who)})
    except (TypeError, ValueError):
        return msgspec.structs.replace(row, suppressed=UNKEPT)
    return msgspec.structs.replace(
        row,
        language=written.language,
        digest=written.digest,
        values=values,
        shown=written.shown,
    )
