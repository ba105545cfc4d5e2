"""Many messages over one connection, and another when that one is spent."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from lettershop.delivery.smtp.conversation import NEVER_ENDED, Conversation
from lettershop.delivery.wire import Lost, Outgoing, Reply, Unwelcome

Place = TypeVar("Place")
"""Where mail goes, compared by value: messages for one place follow each other."""

Find = Callable[[Outgoing], Awaitable[Place | Reply]]
"""Which place takes a message; a reply when none does."""
Open = Callable[[Place], Awaitable[Conversation]]
"""Lost, Unwelcome."""


class Lasting(Generic[Place]):
    """A Connection (delivery/wire.py). After `most` messages, when the server hung up in between,
    and for a message that goes elsewhere there is a new connection, which the next `offer` opens.

    A server that does not welcome that one delays the message, whatever code it greets with: it
    speaks of us, not of the recipient.
    """

    def __init__(
        self,
        find: Find[Place],
        open_: Open[Place],
        most: int,
        first: tuple[Place, Conversation] | None = None,
    ) -> None:
        self._find, self._open, self._most, self._now = find, open_, most, first

    async def offer(self, message: Outgoing) -> Reply:
        place = await self._find(message)
        if isinstance(place, Reply):
            return place
        try:
            used = await self._at(place)
            return await self._offered(used, place, message)
        except Unwelcome as unwelcome:
            return delayed(unwelcome.reply)

    async def finish(self) -> Reply:
        return NEVER_ENDED if self._now is None else await self._now[1].finish()

    async def close(self) -> None:
        if self._now is not None:
            (_, conversation), self._now = self._now, None
            await conversation.close()

    async def _at(self, place: Place) -> Conversation:
        """A connection to the place that has room for a message."""
        if self._now is not None:
            there, conversation = self._now
            if there == place and not conversation.over and conversation.carried < self._most:
                return conversation
            await self.close()
        conversation = await self._open(place)
        self._now = place, conversation
        return conversation

    async def _offered(self, used: Conversation, place: Place, message: Outgoing) -> Reply:
        try:
            return await used.offer(message)
        except Lost:
            if not used.carried:
                raise
        # It served before and was closed while nobody looked: a new one, once.
        await self.close()
        return await (await self._at(place)).offer(message)


def delayed(reply: Reply) -> Reply:
    """What a server said to a connection, as an answer to a message: try again later."""
    if reply.code < 500:
        return reply
    words = f"when we connected it said: {reply.code} {reply.status} {reply.text}"
    return Reply(code=451, status="4.3.0", text=" ".join(words.split()))
