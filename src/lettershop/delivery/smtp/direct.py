"""Each letter to the servers of its recipient's domain."""

import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol

from lettershop.delivery.smtp.conversation import Conversation
from lettershop.delivery.smtp.exchanges import Book, Exchanges, Unanswered
from lettershop.delivery.smtp.lasting import Lasting
from lettershop.delivery.smtp.limits import Limits
from lettershop.delivery.smtp.opening import Server, Tls, opened
from lettershop.delivery.wire import Lost, Outgoing, Reply, Unwelcome
from lettershop.outgoing.places import is_public

MOST_TRIED: Final = 6
"""Addresses of a domain that are tried for a message before it waits."""
SILENT: Final = 300.0
"""Seconds for which an address that took no connection is not tried again."""


class Terms(Protocol):
    """How a provider is spoken to (delivery/providers)."""

    @property
    def messages(self) -> int:
        """Over one connection."""
        ...

    @property
    def encryption(self) -> Tls: ...


class Direct:
    """A Transport (delivery/wire.py). A connection begins with its first message and moves on when
    one has other servers; those of a provider mostly have the same ones.

    `hello`: our name, as DNS knows this machine: what it says and what its PTR says should agree.
    `allowed`: which IP addresses may be connected to; the public ones, so that nobody's DNS leads
    into our own network. `terms`: by provider.
    """

    def __init__(
        self,
        book: Book,
        terms: Callable[[str], Terms],
        hello: str,
        *,
        limits: Limits | None = None,
        port: int = 25,
        allowed: Callable[[str], bool] = is_public,
    ) -> None:
        self._book, self._terms, self._hello = book, terms, hello
        self._limits, self._port, self._allowed = limits or Limits(), port, allowed
        self._silent: dict[str, float] = {}

    async def connect(self, provider: str) -> Lasting[Exchanges]:
        terms = self._terms(provider)

        async def open_(place: Exchanges) -> Conversation:
            return await self._open(place, terms.encryption)

        return Lasting(self._find, open_, terms.messages)

    async def _find(self, message: Outgoing) -> Exchanges | Reply:
        return await self._book.of_address(message.recipient)

    async def _open(self, place: Exchanges, tls: Tls) -> Conversation:
        """The first that answers, the most wanted first; those wanted alike in any order. What the
        last one said, when none takes the connection."""
        last: Lost | Unwelcome = Lost("none of the domain's mail servers can be reached")
        tried = 0
        async for host, ip in self._addresses(place):
            server = Server(host=host, ip=ip, port=self._port, hello=self._hello, tls=tls)
            try:
                return Conversation(await opened(server, self._limits), self._limits)
            except Unwelcome as unwelcome:
                last = unwelcome
            except Lost as lost:
                last = lost
                self._is_silent(ip)
            tried += 1
            if tried == MOST_TRIED:
                break
        raise last

    async def _addresses(self, place: Exchanges) -> AsyncIterator[tuple[str, str]]:
        for group in place.hosts:
            for host in random.sample(group, len(group)):
                try:
                    found = await self._book.addresses(host)
                except Unanswered:
                    continue
                for ip in found:
                    if self._allowed(ip) and self._silent.get(ip, 0) <= time.monotonic():
                        yield host, ip

    def _is_silent(self, ip: str) -> None:
        now = time.monotonic()
        if len(self._silent) >= 10_000:
            self._silent = {one: until for one, until in self._silent.items() if until > now}
        self._silent[ip] = now + SILENT
