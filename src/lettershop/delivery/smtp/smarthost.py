"""All letters to one server, which brings them on: the setting `smtp`."""

from typing import Final

from lettershop.delivery.smtp.conversation import Conversation
from lettershop.delivery.smtp.lasting import Lasting
from lettershop.delivery.smtp.limits import Limits
from lettershop.delivery.smtp.opening import Server, opened
from lettershop.delivery.wire import Outgoing, Reply

MOST: Final = 1_000
"""Messages over one connection, when nothing else is said."""


class SmartHost:
    """A Transport (delivery/wire.py) with one pool."""

    def __init__(self, server: Server, limits: Limits | None = None, most: int = MOST) -> None:
        self._server, self._limits, self._most = server, limits or Limits(), most

    async def connect(self, provider: str = "") -> Lasting[Server]:
        """Lost, Unwelcome."""
        first = await self._open(self._server)
        return Lasting(self._find, self._open, self._most, (self._server, first))

    async def _find(self, message: Outgoing) -> Server | Reply:
        return self._server

    async def _open(self, server: Server) -> Conversation:
        return Conversation(await opened(server, self._limits), self._limits)
