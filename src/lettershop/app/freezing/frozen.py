"""What a freeze has decided, and the rows it becomes."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from heapq import merge
from operator import itemgetter
from typing import Final

import numpy as np

from lettershop.app.freezing.editions import Edition
from lettershop.app.freezing.fates import Fates
from lettershop.app.freezing.people import People
from lettershop.app.freezing.screening import Note
from lettershop.app.freezing.writing import UNKEPT, Placed, Writer
from lettershop.campaigns.said import FreezeReport
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Planned
from lettershop.model.errors import Finding
from lettershop.planning.frame import Ints

STEP: Final = 1_000
"""Rows after which progress is told and somebody may have cancelled."""


class Frozen:
    """`content`: to begin the send with, and to go on with when this freeze is cut short.
    `uncertain`: segments it hangs on, and why (messages)."""

    def __init__(
        self,
        content: SendContent,
        people: People,
        fates: Fates,
        editions: Sequence[Edition],
        writer: Writer,
        *,
        stream: str,
        audience: int,
        uncertain: Mapping[str, tuple[str, ...]],
        progress: Callable[[int], None],
        go_on: Callable[[], None],
    ) -> None:
        self.content, self.stream, self.uncertain = content, stream, uncertain
        self._people, self._fates, self._editions = people, fates, editions
        self._writer, self._audience = writer, audience
        self._progress, self._go_on = progress, go_on
        self._unkept: set[str] = set()
        self._open: list[Generator[Placed, None, None]] = []

    def __len__(self) -> int:
        """Rows."""
        return len(self._people)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What compliance said, by code."""
        return self._fates.screened.notes

    @property
    def report(self) -> FreezeReport:
        """Known before the first row is read; complete after the last."""
        rows = Counter(self._fates.reasons)
        if self._unkept:
            rows[UNKEPT] = len(self._unkept)
            rows[""] -= len(self._unkept)
        pairs = zip(self._fates.reasons, self._fates.variants, strict=True)
        letters = Counter(variant for reason, variant in pairs if not reason)
        return FreezeReport(
            as_of=self.content.as_of,
            audience=self._audience,
            rows=dict(rows),
            variants={one.name: letters[one.name] for one in self._editions},
            segments=self.content.segments,
            second=self._audience - len(self._people),
        )

    @property
    def findings(self) -> Sequence[Finding]:
        """Warnings of outside data, complete after the last row."""
        return self._writer.findings

    def rows(self) -> Iterator[Planned]:
        """One for everybody, in the order of the audience; the same each time it is asked for.
        UsageError `freeze.cancelled`."""
        letters = self._letters()
        self._open.append(letters)
        written = merge(self._without(), letters, key=itemgetter(0))
        for done, (_, row) in enumerate(written, 1):
            if row.suppressed == UNKEPT:
                self._unkept.add(row.contact)
            yield row
            if done % STEP == 0 or done == len(self):
                self._progress(done)
                self._go_on()

    def close(self) -> None:
        """Let go of what rows are read with, while the snapshot is still there: of walks that were
        given up, too. Safe to repeat."""
        while self._open:
            self._open.pop().close()

    def _without(self) -> Iterator[Placed]:
        """Those who get no letter."""
        for place, reason in enumerate(self._fates.reasons):
            if reason:
                yield place, self._row(place)

    def _letters(self) -> Generator[Placed, None, None]:
        shares = [(one, self._places(one.name)) for one in self._editions]
        return self._writer.letters(shares, self._row, self._people.recipients)

    def _places(self, variant: str) -> Ints:
        """Of those who get that letter."""
        pairs = enumerate(zip(self._fates.reasons, self._fates.variants, strict=True))
        return np.array([n for n, one in pairs if one == ("", variant)], np.int64)

    def _row(self, place: int) -> Planned:
        people, fates = self._people, self._fates
        return Planned(
            contact=people.contacts[place],
            account=people.accounts[place],
            address=people.addresses[place],
            provider=fates.providers[place],
            variant=fates.variants[place],
            suppressed=fates.reasons[place],
            due_at=int(fates.due[place]),
        )
