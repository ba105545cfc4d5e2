"""The connections to one provider: each takes the next message from a short queue, and does
nothing but wait for the network."""

import asyncio
from collections.abc import Callable, Collection
from typing import Final, Protocol

from lettershop.delivery.ledger.rows import Outcome, Row
from lettershop.delivery.senders.attempt import Item, attempt, not_reached
from lettershop.delivery.senders.journal import Broken, Journal
from lettershop.delivery.senders.parts import Parts
from lettershop.delivery.senders.settling import Settling
from lettershop.delivery.wire import Connection, Lost, Reply, Unwelcome
from lettershop.model.clock import SECOND, Clock

ROOM: Final = 96
"""Messages that wait for a connection."""
PATIENCE: Final = 2.0
"""Seconds a message waits here for its turn; beyond that it goes back to the ledger."""
IDLE: Final = 5.0
"""Seconds without a message after which a connection is closed."""
FIRST: Final = 5.0
LONGEST: Final = 60.0
"""Seconds a provider that cannot be reached is left alone: at first, at most."""


class LastLook(Protocol):
    async def __call__(self, item: Item, others: Collection[Item]) -> Outcome | None:
        """What speaks against the message now, in the very last moment. `others`: those that will
        be asked about next."""
        ...


class World:
    """What all pools of a sender share. `wanted`: its send is sending, and we are not stopping.
    `consumed`: set whenever there is room again. `broken`: a failure that
    ends the sender."""

    def __init__(
        self,
        parts: Parts,
        journal: Journal,
        settling: Settling,
        clock: Clock,
        *,
        wanted: Callable[[Row], bool],
        last_look: LastLook,
    ) -> None:
        self.parts, self.journal, self.settling, self.clock = parts, journal, settling, clock
        self.wanted, self.last_look = wanted, last_look
        self.consumed = asyncio.Event()
        self.broken: Exception | None = None


class Pool:
    """`put` messages while there is `room`; `close` when nothing more will come."""

    def __init__(self, provider: str, world: World) -> None:
        self.provider, self._world = provider, world
        self._queue: asyncio.Queue[Item | None] = asyncio.Queue()
        self._waiting: dict[int, Item] = {}
        self._reserved = 0
        self._workers: set[asyncio.Task[None]] = set()
        self._active = self._idle = self._failures = 0
        self._closing = False
        self.held_until = 0
        """Nothing is to be built for it before (ms)."""

    @property
    def room(self) -> int:
        return ROOM - len(self._waiting) - self._reserved

    def reserve(self, count: int) -> None:
        """Keep so many places free for messages that are coming; negative: give them back."""
        self._reserved += count

    def put(self, item: Item) -> None:
        """Only as many as there is room for."""
        self._waiting[item.row.id] = item
        self._queue.put_nowait(item)
        if self._active < self._most() and self._idle < self._queue.qsize():
            self._hire()

    async def close(self) -> None:
        """The messages under way come to their end, the others go back to the ledger."""
        self._closing = True
        while not self._queue.empty():
            item = self._queue.get_nowait()
            if item is not None:
                self._waiting.pop(item.row.id, None)
                self._back(item.row)
        for _ in range(self._idle):
            self._queue.put_nowait(None)
        while self._workers:
            await asyncio.wait(self._workers)

    def _most(self) -> int:
        """Connections at this moment; one at least, to carry back what is waiting."""
        return max(1, self._world.parts.shaper.connections(self.provider))

    def _hire(self) -> None:
        self._active += 1
        worker = asyncio.get_running_loop().create_task(self._work())
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        connection: Connection | None = None
        carried = 0
        try:
            while (item := await self._next()) is not None:
                if not await self._may_start(item):
                    continue
                if connection is None:
                    connection, carried = await self._connect(item), 0
                    if connection is None:
                        continue
                carried += 1
                alive = await self._try(item, connection)
                if not alive or carried >= self._world.parts.shaper.messages(self.provider):
                    await _closed(connection)
                    connection = None
        except Exception as error:  # the journal, the records, or a mistake of ours: better to end
            self._world.broken = self._world.broken or error
            self._world.consumed.set()
        finally:
            if connection is not None:
                await _closed(connection)

    async def _next(self) -> Item | None:
        """None: this connection is not needed any more."""
        item: Item | None = None
        if self._active <= self._most():
            if self._queue.empty() and not self._closing:
                item = await self._wait()
            if item is None and not self._queue.empty():
                item = self._queue.get_nowait()
        if item is None:
            self._active -= 1
        else:
            self._waiting.pop(item.row.id, None)
            self._world.consumed.set()
        return item

    async def _wait(self) -> Item | None:
        """The next message; None after too long, and in the end."""
        self._idle += 1
        try:
            return await asyncio.wait_for(self._queue.get(), IDLE)
        except TimeoutError:
            return None
        finally:
            self._idle -= 1

    async def _may_start(self, item: Item) -> bool:
        """Waits for its turn; False when it is not to be sent, at least not now."""
        world = self._world
        while True:
            if not world.wanted(item.row) or world.broken is not None:
                self._back(item.row)
                return False
            if self.held_until > world.clock.now():
                self._back(item.row, self.held_until)
                return False
            objection = await world.last_look(item, self._waiting.values())
            if objection is not None:
                world.settling.add(objection)
                return False
            wait = world.parts.shaper.may_start(self.provider)
            if wait <= 0:
                return world.wanted(item.row) or self._gone(item.row)
            if wait > PATIENCE:
                self.held_until = world.clock.now() + round(wait * SECOND)
                continue
            await asyncio.sleep(wait)

    async def _connect(self, item: Item) -> Connection | None:
        """None when nobody takes it: the message is deferred, the provider left alone a while."""
        world = self._world
        try:
            connection = await world.parts.transport.connect(self.provider)
        except (Lost, Unwelcome, OSError) as error:
            said = str(error) or type(error).__name__
            if isinstance(error, Unwelcome):
                world.parts.shaper.told(self.provider, error.reply)
            else:
                world.parts.shaper.told(self.provider, Reply(code=421, text=said))
            world.settling.add(not_reached(item, world.parts, world.clock.now(), said))
            pause = min(FIRST * 2.0 ** min(self._failures, 10), LONGEST)
            self._failures += 1
            self.held_until = world.clock.now() + round(pause * SECOND)
            return None
        self._failures = 0
        return connection

    async def _try(self, item: Item, connection: Connection) -> bool:
        world = self._world
        try:
            tried = await attempt(item, connection, world.parts, world.journal, world.clock)
        except Broken:
            self._back(item.row)
            raise
        world.settling.add(tried.outcome)
        return tried.alive

    def _gone(self, row: Row) -> bool:
        self._back(row)
        return False

    def _back(self, row: Row, not_before: int = 0) -> None:
        self._world.settling.give_back(row.id, not_before)
        self._world.consumed.set()


async def _closed(connection: Connection) -> None:
    """However it ends: what was to be said has been said."""
    try:
        await connection.close()
    except (Lost, Unwelcome, OSError):
        return
