"""The event stream: who entered and left, told to everybody who listens, as soon as it is stored.

    keeper --notify(last)--> Streams --> each listener: a page, when the one before it is sent

Each listener has a place of its own and is given more only when it has taken what it got: a slow
one is late and holds one page, nothing else. What is new is read once for all of them (the tail);
who is further behind reads from the database. A stream lasts LONGEST at most: then its reader comes
again with the id of its last event, and shows again that it may.
"""

import asyncio
import threading
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple, TypeVar

import msgspec

from lettershop.app.changes import Changed, changes
from lettershop.app.engine import Engine
from lettershop.app.vitals import Vital
from lettershop.engines.duckdb.transitions import Asked, last_transition
from lettershop.model.errors import LettershopError, Unavailable

MOST: Final = 100
"""Streams open at a time."""
HEARTBEAT: Final = 15.0
"""Seconds after which something is said though nothing happened."""
LONGEST: Final = 600.0
"""Seconds of one stream."""
PAGE: Final = 500
TAIL: Final = 2_000
"""Newest transitions kept in memory, with their names."""
EVERYTHING: Final = Asked(hidden=True)

Answer = TypeVar("Answer")


class Page(NamedTuple):
    """Text for a listener, and its place after it."""

    text: bytes
    place: int


class _Listener(NamedTuple):
    loop: asyncio.AbstractEventLoop
    news: asyncio.Event


class Streams:
    """`notify` and `stop` from any thread, `listen` in the server's loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._listeners: set[_Listener] = set()
        self._guard, self._reading = threading.Lock(), threading.Lock()
        self._tail: list[Changed] = []
        self._last = -1
        self._stopping = False
        self._pool = ThreadPoolExecutor(2, "stream")

    @property
    def open(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def figures(self) -> Iterator[Vital]:
        if self._last < 0:
            self._look()
        text = "Segment memberships that began or ended, since the beginning."
        yield Vital(name="transitions_total", help=text, value=self._last + 1, kind="counter")
        yield Vital(name="streams_open", help="Open event streams.", value=self.open)

    def notify(self, last: int) -> None:
        """Transitions up to that id are stored."""
        with self._guard:
            self._last = max(self._last, last)
        self._wake()

    def stop(self) -> None:
        """End all streams, and begin no more."""
        self._stopping = True
        self._wake()
        self._pool.shutdown(wait=False)

    def admit(self) -> None:
        """Unavailable `stream.full` when too many are open, `server.stopping` at the end."""
        if self._stopping:
            raise Unavailable("server.stopping", "the server is stopping", retry_after=5)
        if self.open >= MOST:
            hint = "close streams that nobody reads, or read GET /transitions from time to time"
            message = f"{MOST} streams are open already"
            raise Unavailable("stream.full", message, hint=hint, retry_after=10)

    async def listen(self, asked: Asked, after: int | None = None) -> AsyncIterator[bytes]:
        """Everything after that id (by default: from now on), in pieces of text/event-stream."""
        listener = _Listener(asyncio.get_running_loop(), asyncio.Event())
        with self._guard:
            if self._stopping or self.open >= MOST:
                return
            self._listeners.add(listener)
        try:
            async for piece in self._pieces(listener, asked, after):
                yield piece
        except (LettershopError, RuntimeError):
            if not self._stopping:  # else: the engine or the threads have gone before us
                raise
        finally:
            with self._guard:
                self._listeners.discard(listener)

    def once(self, asked: Asked, after: int | None = None) -> Iterator[bytes]:
        """What there is now, for a server that cannot wait: readers come again by themselves."""
        place = self._start(after)
        yield _opening(place)
        yield self._page(asked, place).text

    async def _pieces(
        self, listener: _Listener, asked: Asked, after: int | None
    ) -> AsyncIterator[bytes]:
        now = listener.loop.time
        place = await self._aside(listener, partial(self._start, after))
        end, said = now() + LONGEST, now()
        yield _opening(place)
        while not self._stopping and now() < end:
            listener.news.clear()
            before = place
            text, place = await self._aside(listener, partial(self._page, asked, place))
            if text:
                yield text
                said = now()
            elif place == before and not await _within(listener.news, HEARTBEAT + said - now()):
                await self._aside(listener, self._look)
            if now() - said >= HEARTBEAT:
                yield _still_here(place)
                said = now()

    async def _aside(self, listener: _Listener, work: Callable[[], Answer]) -> Answer:
        """On one of a few threads: many streams do not keep other requests waiting."""
        return await listener.loop.run_in_executor(self._pool, work)

    def _wake(self) -> None:
        with self._guard:
            for listener in [*self._listeners]:
                try:
                    listener.loop.call_soon_threadsafe(listener.news.set)
                except RuntimeError:  # its loop has ended, and it with it
                    self._listeners.discard(listener)

    # --- reading ---------------------------------------------------------------------------------

    def _start(self, after: int | None) -> int:
        """The place a stream begins at; never beyond the end, as after a restored backup."""
        last = self._look()
        return last if after is None else min(max(after, -1), last)

    def _look(self) -> int:
        """The newest id, from the database: whoever stored it may have told nobody."""
        with self._engine.read() as workspace:
            last = last_transition(workspace.store)
        with self._guard:
            self._last = max(self._last, last)
        return last

    def _page(self, asked: Asked, after: int) -> Page:
        if after >= self._last:
            return Page(b"", after)
        tail = self._newest()
        if not tail or after < tail[0].id - 1:
            return self._older(asked, after)
        start = bisect_right(tail, after, key=lambda one: one.id)
        new = tail[start : start + PAGE]
        if not new:
            return Page(b"", after)
        shown = (one for one in new if asked.holds(one.segment, one.cause))
        return Page(b"".join(map(_event, shown)), new[-1].id)

    def _newest(self) -> list[Changed]:
        """The tail, up to date."""
        with self._reading:
            known = self._tail[-1].id if self._tail else -1
            if known < self._last:
                start = max(known, self._last - TAIL)
                with self._engine.read() as workspace:
                    new = changes(workspace.store, EVERYTHING, after=start, limit=2 * TAIL)
                kept = self._tail if start == known else []
                self._tail = [*kept, *new][-TAIL:]
            return self._tail

    def _older(self, asked: Asked, after: int) -> Page:
        with self._engine.read() as workspace:
            found = changes(workspace.store, asked, after=after, limit=PAGE)
            last = last_transition(workspace.store)
        place = found[-1].id if len(found) == PAGE else last
        return Page(b"".join(map(_event, found)), place)


async def _within(news: asyncio.Event, seconds: float) -> bool:
    """Whether there are any in that time."""
    try:
        await asyncio.wait_for(news.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _event(one: Changed) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        one.id,
        one.change.encode(),
        msgspec.json.encode(one),
    )


def _opening(place: int) -> bytes:
    """Sent at once, so that the reader knows that it is heard. An id alone is no event, but moves
    the reader's place."""
    return b"retry: 2000\nid: %d\n\n" % place


def _still_here(place: int) -> bytes:
    return b": still here\nid: %d\n\n" % place
