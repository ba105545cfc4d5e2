"""One sender: takes rows, builds their messages, hands them to the connections.

    lease -> rows by provider -> build some -> may they still? -> marked -> the provider's queue

A provider whose queue is full gets nothing built; so a slow one delays nobody else.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from typing import Final

import msgspec
import structlog

from lettershop.delivery.ledger import controls, leasing, planning
from lettershop.delivery.ledger.rows import Outcome, Row
from lettershop.delivery.senders.attempt import Item
from lettershop.delivery.senders.desk import Desk
from lettershop.delivery.senders.journal import Journal
from lettershop.delivery.senders.parts import Built, Parts, Withheld
from lettershop.delivery.senders.pool import ROOM, Pool, World
from lettershop.delivery.senders.settling import Settling
from lettershop.delivery.senders.workshop import Workshop
from lettershop.model.clock import MINUTE, SECOND, Clock

log = structlog.get_logger("lettershop.sender")

LEASE: Final = 500
LOW: Final = 250
"""Rows in hand below which more are leased."""
STUFFED: Final = 1_000
"""Rows of one provider in hand, beyond which more of them are given back for a while. More than a
lease and what is in hand when it comes: a provider that is alone never gets there."""
LATER: Final = 10 * SECOND
HOLD: Final = 10 * MINUTE
"""For how long a row is leased."""
LOOK: Final = 0.2
"""Seconds between two looks at the sends: so soon a pause is felt."""
TIDY: Final = 1.0
BATCH: Final = 32
"""Messages that are built, asked about and marked together."""
FRESH: Final = 50
"""Milliseconds for which an answer about consent holds: a message that waits longer for its
connection is asked about again."""
STALE: Final = 200
SHARE: Final = 10
"""Where asking is slow, answers hold as long as ten questions take, but never longer than STALE:
or a busy machine would do little else but ask."""


class Stats(msgspec.Struct):
    leased: int = 0
    built: int = 0
    withheld: int = 0


class Sender:
    """`run` until `stop`; what is under way then comes to its end."""

    def __init__(self, parts: Parts, journal: Journal, desk: Desk, clock: Clock) -> None:
        self.parts, self.journal, self.stats = parts, journal, Stats()
        self._desk, self._clock = desk, clock
        self.settling = Settling(desk, journal)
        self._world = World(
            parts,
            journal,
            self.settling,
            clock,
            wanted=self._wanted,
            last_look=self._last_look,
        )
        self._workshop = Workshop(parts.builder, self._wanted)
        self._pools: dict[str, Pool] = {}
        self._hand: dict[str, deque[Row]] = {}
        self._sending: set[int] = set()
        self._stopping = asyncio.Event()
        self._until = 0
        self._fresh = FRESH
        self._looking = asyncio.Lock()
        self._asking: asyncio.Task[None] | None = None

    def _wanted(self, row: Row) -> bool:
        """Its send is sending, and we are not stopping."""
        return row.send in self._sending and not self._stopping.is_set()

    def stop(self) -> None:
        """Begin nothing new."""
        self._stopping.set()
        self._world.consumed.set()
        self._desk.stopping = True

    async def run(self) -> None:
        """Broken when the journal cannot be written; the database's error when it goes away while
        stopping."""
        await self._look()
        beside = [
            asyncio.create_task(work) for work in (self.settling.run(), self._watch(), self._fill())
        ]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([*beside, stopping], return_when=asyncio.FIRST_COMPLETED)
            for each in beside:
                if each.done():
                    await each
        finally:
            self.stop()
            await self._end([*beside, stopping])
        if self._world.broken is not None:
            raise self._world.broken

    async def _end(self, beside: Sequence["asyncio.Task[object]"]) -> None:
        settling, watching, filling, stopping = beside
        watching.cancel()
        stopping.cancel()
        await asyncio.gather(watching, filling, stopping, return_exceptions=True)
        self._workshop.close()
        if self._asking is not None:
            await asyncio.gather(self._asking, return_exceptions=True)
        for rows in self._hand.values():
            for row in rows:
                self.settling.give_back(row.id)
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
        self.settling.ending = True
        await asyncio.gather(settling, return_exceptions=True)
        await self.settling.flush()
        if self._world.broken is None:
            await self._desk(leasing.release_all, self.journal.holder)

    # --- what is there to send ------------------------------------------------------------------

    async def _watch(self) -> None:
        """Which sends are sending; what ends by itself."""
        loop = asyncio.get_running_loop()
        tidied = loop.time()
        while self._world.broken is None:
            await asyncio.sleep(LOOK)
            await self._look()
            if loop.time() - tidied > TIDY:
                tidied = loop.time()
                await self._desk(controls.tidy, self._clock.now())
                await self._desk(leasing.expire_leases, self._clock.now())

    async def _look(self) -> None:
        going = await self._desk(planning.going)
        self._sending = {send.id for send in going if send.state == "sending"}

    async def _fill(self) -> None:
        """Keeps rows in hand and messages in the queues."""
        loop = asyncio.get_running_loop()
        asked = -1.0
        while not self._stopping.is_set():
            built = await self._build_some()
            in_hand = sum(map(len, self._hand.values()))
            several = len(self._hand) > 1 and loop.time() - asked > TIDY
            leased = 0
            if (in_hand < LOW or several) and loop.time() - asked > (LOOK if not in_hand else 0):
                leased = await self._lease()
                asked = loop.time() if not leased else asked
            if not built and not leased:
                await self._pause()

    async def _pause(self) -> None:
        """Until there is room again; never longer than a look."""
        self._world.consumed.clear()
        try:
            await asyncio.wait_for(self._world.consumed.wait(), LOOK / 4)
        except TimeoutError:
            return

    async def _lease(self) -> int:
        """Transactional messages first, then all sends in equal parts; how many rows."""
        waiting = await self._desk(leasing.waiting, self._clock.now())
        urgent = [number for number, kind in waiting if kind == "transactional"]
        chosen = urgent or [number for number, _ in waiting]
        found = 0
        for number in chosen:
            now = self._clock.now()
            self._until = max(self._until + 1, now + HOLD)
            some = max(1, LEASE // len(chosen))
            rows = await self._desk(
                leasing.lease, self.journal.holder, number, some, self._until, now
            )
            if rows:
                await self._desk(self.parts.prepare, rows)
            self._sending.add(number)
            found += len(rows)
            for row in rows:
                self._take(row, now)
        self.stats.leased += found
        return found

    def _take(self, row: Row, now: int) -> None:
        name = self.parts.pool_of(row.provider)
        hand, pool = self._hand.setdefault(name, deque()), self._pools.get(name)
        if pool is not None and pool.held_until > now:
            self.settling.give_back(row.id, pool.held_until)
        elif len(hand) >= STUFFED:
            self.settling.give_back(row.id, now + LATER)
        elif row.kind == "transactional":
            hand.appendleft(row)
        else:
            hand.append(row)

    # --- building -------------------------------------------------------------------------------

    async def _build_some(self) -> int:
        """For every provider with room; how many rows were taken out of our hands."""
        taken = 0
        for provider, rows in list(self._hand.items()):
            pool = self._pools.setdefault(provider, Pool(provider, self._world))
            if pool.held_until > self._clock.now():
                taken += self._send_back(rows, pool.held_until)
            if not rows or (pool.room < min(BATCH, len(rows)) and pool.room < ROOM):
                continue
            until = rows[0].held_until
            some: list[Row] = []
            while rows and len(some) < min(pool.room, BATCH) and rows[0].held_until == until:
                some.append(rows.popleft())
            taken += len(some)
            await self._build_these(some, pool)
        return taken

    def _send_back(self, rows: deque[Row], not_before: int) -> int:
        for row in rows:
            self.settling.give_back(row.id, not_before)
        given = len(rows)
        rows.clear()
        return given

    async def _build_these(self, rows: Sequence[Row], pool: Pool) -> None:
        """While they are asked about, the next are built."""
        pool.reserve(len(rows))
        made = await self._workshop(rows)
        items = [self._built(*each) for each in zip(rows, made, strict=True)]
        if self._asking is not None:
            await self._asking
        good = [item for item in items if item is not None]
        self._asking = asyncio.create_task(self._hand_over(good, len(rows), pool))

    async def _hand_over(self, items: Sequence[Item], reserved: int, pool: Pool) -> None:
        now = self._clock.now()
        allowed = await self._desk(self._let_go, items) if items else set[int]()
        pool.reserve(-reserved)
        for item in items:
            if item.objection is not None:
                self._withhold(item.row, _as_withheld(item.objection))
            elif item.row.id in allowed:
                item.checked = now
                pool.put(item)
            else:
                self.settling.give_back(item.row.id)

    def _let_go(self, items: Sequence[Item]) -> set[int]:
        """In the ledger's thread: which of them may go now, and are marked."""
        self._ask(items)
        rows = [item.row for item in items if item.objection is None]
        return {row.id for row in leasing.mark_attempting(self.journal.holder, rows)}

    def _built(self, row: Row, built: Built | Withheld | None) -> Item | None:
        match built:
            case None:
                self.settling.give_back(row.id)
                return None
            case Withheld():
                self._withhold(row, built)
                return None
            case Built():
                self.stats.built += 1
                return Item(row, built)

    # --- may it still? --------------------------------------------------------------------------

    async def _last_look(self, item: Item, others: Collection[Item]) -> Outcome | None:
        async with self._looking:  # one asks for all that are waiting
            now = self._clock.now()
            if now - item.checked >= self._fresh:
                items = [item, *others]
                await self._desk(self._ask, items)
                for each in items:
                    each.checked = now
                took = self._clock.now() - now
                self._fresh = min(max(FRESH, SHARE * took), STALE)
        if item.objection is None:
            return None
        return self._ending(item.row, _as_withheld(item.objection))

    def _ask(self, items: Sequence[Item]) -> None:
        """In the ledger's thread."""
        reasons = self.parts.may_send([item.row for item in items])
        for item, reason in zip(items, reasons, strict=True):
            item.objection = reason

    def _withhold(self, row: Row, why: Withheld) -> None:
        self.stats.withheld += 1
        self.settling.add(self._ending(row, why))

    def _ending(self, row: Row, why: Withheld) -> Outcome:
        return Outcome(
            id=row.id,
            state=why.kind,
            at=self._clock.now(),
            attempts=row.attempts,
            unsure=row.unsure,
            due_at=why.due_at,
            reason=why.reason,
            message_id=row.message_id,
        )


def _as_withheld(objection: str | Withheld) -> Withheld:
    return Withheld("suppressed", objection) if isinstance(objection, str) else objection
