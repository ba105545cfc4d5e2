"""What goes over the wire, and who carries it.

A transport is anything that can take a message in two steps, because the promise of the ledger
needs the moment between them: `offer` hands over everything but the last word, then the sender
writes down durably that it is about to try, then `finish` says the last word and hears the answer.
When the connection dies in `finish`, nobody can know (RFC 1047): the outcome is `unknown`.
"""

from typing import Protocol

import msgspec


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A finished message. `id`: its row in the ledger. `sender`: the envelope's, which bounces come
    back to; `recipient`: one address, ASCII where it can be (IDNA), else UTF-8. `content`: RFC 5322
    bytes with CRLF line ends, not dot-stuffed, at most 998 octets a line."""

    id: int
    sender: str
    recipient: str
    content: bytes


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side said: `code` 250, 421 …; `status` the enhanced code ("5.1.1", "" for
    none); `text` without the codes, lines joined by a space."""

    code: int
    status: str = ""
    text: str = ""

    @property
    def taken(self) -> bool:
        return 200 <= self.code < 400


class Lost(Exception):
    """The connection died or a time limit passed; the message says in which step."""


class Connection(Protocol):
    """One conversation with a provider; messages one after the other. Not for several tasks."""

    async def offer(self, message: Outgoing) -> Reply:
        """Everything but the final dot. A reply that is not `taken` refuses the message, nothing
        is under way. Lost: nothing was delivered."""
        ...

    async def finish(self) -> Reply:
        """The final dot of what was offered, and the answer. Lost: nobody can know."""
        ...

    async def close(self) -> None: ...


class Transport(Protocol):
    """Opens connections. `provider` is the name of a pool (delivery/providers): for a smart host,
    a folder or a memory there is one, ""."""

    async def connect(self, provider: str) -> Connection:
        """Lost when nobody takes a connection; Refused (a Reply) is raised as Unwelcome."""
        ...


class Unwelcome(Exception):
    """The greeting, HELLO, STARTTLS or AUTH was refused."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.code} {reply.status} {reply.text}")
        self.reply = reply
