"""What a sender process does every few seconds beside sending: say that it is there, look at the
clock, and settle for senders that are not there any more."""

import asyncio
from pathlib import Path
from typing import Final

import structlog

from lettershop.cluster import processes
from lettershop.cluster.models import Process
from lettershop.delivery.ledger.timing import RecordsClock
from lettershop.delivery.senders.desk import Desk
from lettershop.delivery.senders.recovery import recover, release_absent, settle_lost
from lettershop.model.clock import Clock

log = structlog.get_logger("lettershop.sender")

EVERY: Final = 3.0
"""Seconds between two rounds: some of them within processes.LOST."""


class Rounds:
    """`begin`, then `run` until it is cancelled, then `end`. `folder`: the journals of this
    machine; `lost`: see recovery.LOST; `version`: of the program."""

    def __init__(self, desk: Desk, folder: Path, clock: Clock, lost: int, version: str) -> None:
        self.desk, self.folder, self.clock = desk, folder, clock
        self._lost, self._version = lost, version
        self._process = 0

    async def begin(self, holder: str) -> None:
        """Before anything is leased: nobody takes this sender for a lost one."""
        self._process = await self.desk(self._enter, holder)

    async def recover(self) -> None:
        """What others left on this machine."""
        await self.desk(self._look)
        await self.desk(recover, self.folder, self.clock.now())

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.recover()
                await self.desk(processes.touch, self._process)
                await self.desk(release_absent)
                await self.desk(settle_lost, self.folder, self.clock.now(), self._lost)
            except Exception:  # what others left is looked at again at the next round
                log.exception("sender.recovery")

    async def end(self) -> None:
        """After everything is settled."""
        await self.desk(processes.leave, self._process)

    def _enter(self, holder: str) -> int:
        """May be asked twice, as everything at the desk."""
        known = Process.objects.filter(name=holder).first()
        return int((known or processes.enter("sender", self._version, name=holder)).pk)

    def _look(self) -> None:
        if isinstance(self.clock, RecordsClock):
            self.clock.look()
