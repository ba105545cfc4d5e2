"""The octets of one connection: commands out, replies in, each with a time limit."""

import asyncio
from asyncio import timeout
from collections.abc import Callable
from contextlib import suppress

from lettershop.delivery.smtp.replies import Garbage, ReplyReader
from lettershop.delivery.wire import Lost, Reply


class Stream(asyncio.Protocol):
    """Takes an open connection over. All waiting ends: with what was waited for, or with Lost."""

    def __init__(self, transport: asyncio.Transport, name: str) -> None:
        self._transport = transport
        self._name = name
        self._reader = ReplyReader()
        self._waiter: asyncio.Future[None] | None = None
        self._paused = False
        self._gone = asyncio.Event()
        self.over = ""
        """Why it is over; empty while it is not."""
        transport.set_protocol(self)
        if transport.is_closing():
            self.over = "it closed the connection"

    # --- what the loop tells ------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self.over:
            return
        try:
            self._reader.feed(data)
        except Garbage as garbage:
            self.abort(f"it said {garbage}")
        self._wake()

    def eof_received(self) -> bool:
        self._end("it closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"the connection broke ({exc})" if exc else "it closed the connection")
        self._gone.set()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._wake()

    # --- what a conversation does ---------------------------------------------------------------

    @property
    def quiet(self) -> bool:
        return self._reader.quiet

    def early(self) -> Reply | None:
        """What it has said already, without being waited for."""
        return self._reader.replies.popleft() if self._reader.replies else None

    def write(self, data: bytes) -> None:
        """Lost when it is over: then nothing of `data` was sent."""
        if self.over or self._transport.is_closing():
            raise Lost(f"{self._name}: {self.over or 'the connection is closed'}")
        self._transport.write(data)

    async def reply(self, limit: float, step: str) -> Reply:
        """The next one; those that came before the end are heard first."""
        await self._until(lambda: bool(self._reader.replies), limit, step)
        return self._reader.replies.popleft()

    async def drained(self, limit: float, step: str) -> None:
        await self._until(lambda: not self._paused or bool(self._reader.replies), limit, step)

    def abort(self, why: str) -> None:
        """Nothing more is sent or heard."""
        self._end(why)
        self._transport.abort()

    async def close(self, limit: float) -> None:
        """What was written still goes out, and encryption comes to its own end."""
        self._end("it was closed")
        self._transport.close()
        with suppress(TimeoutError):
            async with timeout(limit):
                await self._gone.wait()
        self._transport.abort()

    # --- inside ---------------------------------------------------------------------------------

    async def _until(self, holds: Callable[[], bool], limit: float, step: str) -> None:
        if holds():
            return
        try:
            async with timeout(limit):
                while not holds():
                    if self.over:
                        raise Lost(f"{self._name}, {step}: {self.over}")
                    self._waiter = asyncio.get_running_loop().create_future()
                    await self._waiter
        except TimeoutError:
            self.abort(f"no answer for {limit:g} seconds")
            raise Lost(f"{self._name}, {step}: {self.over}") from None
        except asyncio.CancelledError:
            self.abort("it was given up")
            raise
        finally:
            self._waiter = None

    def _end(self, why: str) -> None:
        self.over = self.over or why
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
