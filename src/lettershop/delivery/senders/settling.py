"""Outcomes on their way: to the journal at once, to the ledger in batches."""

import asyncio
from typing import Final

from lettershop.delivery.ledger import leasing
from lettershop.delivery.ledger.rows import Outcome
from lettershop.delivery.senders.desk import Desk
from lettershop.delivery.senders.journal import Broken, Journal

SOON: Final = 0.1
"""Seconds between two batches."""


class Settling:
    """`add` outcomes and `give_back` rows; `run` until it is `ending`, then `flush` the rest."""

    def __init__(self, desk: Desk, journal: Journal) -> None:
        self._desk, self._journal = desk, journal
        self._outcomes: list[Outcome] = []
        self._back: dict[int, list[int]] = {}
        self.settled = 0
        self.ending = False

    def add(self, outcome: Outcome) -> None:
        """Behind the journal's `attempting`, before the next one of the same connection."""
        self._outcomes.append(outcome)
        if outcome.attempted_at:
            try:
                self._journal.add(outcome)
            except Broken:  # the ledger will know it; the sender is about to end
                return

    def give_back(self, number: int, not_before: int = 0) -> None:
        """A row that was not tried."""
        self._back.setdefault(not_before, []).append(number)

    async def run(self) -> None:
        while not self.ending:
            await asyncio.sleep(SOON)
            await self.flush()

    async def flush(self) -> None:
        """Everything so far is in the ledger afterwards."""
        outcomes, self._outcomes = self._outcomes, []
        back, self._back = self._back, {}
        if outcomes:
            await self._desk(leasing.settle, self._journal.holder, outcomes)
            for outcome in outcomes:
                self._journal.settled(outcome.id)
            self.settled += len(outcomes)
        for not_before, numbers in back.items():
            await self._desk(leasing.release, self._journal.holder, numbers, not_before)
