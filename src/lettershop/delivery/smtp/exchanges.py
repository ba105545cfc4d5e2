"""Whose servers take the mail of a domain: MX, else its own address (RFC 5321 5.1, RFC 7505)."""

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec
from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.rdatatype import RdataType
from dns.resolver import NXDOMAIN, NoAnswer

from lettershop.delivery.smtp import envelope
from lettershop.delivery.wire import Reply

NULL: Final = Reply(code=556, status="5.1.10", text="the domain says that it takes no mail")
ABSENT: Final = Reply(code=550, status="5.1.2", text="there is no such domain")
NOWHERE: Final = Reply(code=550, status="5.4.4", text="the domain has no server for mail")
UNANSWERED: Final = Reply(code=451, status="4.4.3", text="DNS does not answer")
MOST_HOSTS: Final = 20
ADDRESSES: Final = 300.0
"""Seconds for which the addresses of a host are remembered."""


class NoDomain(Exception):
    """There is no such name."""


class Unanswered(Exception):
    """DNS could not be asked; later perhaps."""


class Dns(Protocol):
    """NoDomain, Unanswered; nothing there is an empty answer."""

    async def mx(self, domain: str) -> Sequence[tuple[int, str]]:
        """(preference, host), hosts without the last dot: "" for the null MX."""
        ...

    async def addresses(self, host: str) -> Sequence[str]:
        """IP addresses, IPv6 first."""
        ...


class DnsResolver:
    """The resolvers of this machine, or others; `seconds` for a whole question."""

    def __init__(
        self, servers: Sequence[str] = (), port: int = 53, seconds: float = 10, ipv6: bool = True
    ) -> None:
        self._resolver = Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers = [*servers]
            self._resolver.port = port
        self._resolver.lifetime = seconds
        self._kinds = (RdataType.AAAA, RdataType.A) if ipv6 else (RdataType.A,)

    async def mx(self, domain: str) -> Sequence[tuple[int, str]]:
        found = await self._ask(domain, RdataType.MX)
        records = (said.split() for said in found)
        return [(int(at), host.rstrip(".").lower()) for at, host in records]

    async def addresses(self, host: str) -> Sequence[str]:
        found: list[str] = []
        for kind in self._kinds:
            found += await self._ask(host, kind)
        return found

    async def _ask(self, name: str, kind: RdataType) -> list[str]:
        try:
            answer = await self._resolver.resolve(name + ".", kind)
        except NXDOMAIN:
            raise NoDomain from None
        except NoAnswer:
            return []
        except (DNSException, OSError, ValueError):
            raise Unanswered from None
        return [record.to_text() for record in answer]


class Exchanges(msgspec.Struct, frozen=True):
    """`hosts`: from the most wanted on, grouped by preference, by name within a group."""

    hosts: tuple[tuple[str, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(host for group in self.hosts for host in group)


class Book:
    """Exchanges of domains, remembered for a while. `seconds`: how long; half a minute for those
    that DNS did not answer for."""

    MOST: Final = 200_000

    def __init__(
        self, dns: Dns, seconds: float = 1_800, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._dns, self._seconds, self._now = dns, seconds, now
        self._known: dict[str, tuple[float, Exchanges | Reply]] = {}
        self._hosts: dict[str, tuple[float, Sequence[str]]] = {}

    async def of_address(self, address: str) -> Exchanges | Reply:
        try:
            return await self.of(envelope.domain(address))
        except envelope.Envelope as refused:
            return refused.reply

    async def of(self, domain: str) -> Exchanges | Reply:
        """Of a domain in ASCII; a reply when nobody takes its mail."""
        until, found = self._known.get(domain, (0.0, UNANSWERED))
        now = self._now()
        if until <= now:
            found = await self._asked(domain)
            if len(self._known) >= self.MOST:
                self._known.clear()
            self._known[domain] = now + (30 if found is UNANSWERED else self._seconds), found
        return found

    async def addresses(self, host: str) -> Sequence[str]:
        """Of a host; nothing when there are none. Unanswered."""
        until, found = self._hosts.get(host, (0.0, ()))
        now = self._now()
        if until <= now:
            try:
                found = await self._dns.addresses(host)
            except NoDomain:
                found = ()
            if len(self._hosts) >= self.MOST:
                self._hosts.clear()
            self._hosts[host] = now + min(self._seconds, ADDRESSES), found
        return found

    async def _asked(self, domain: str) -> Exchanges | Reply:
        try:
            records = await self._dns.mx(domain)
            if not records:
                own = await self._dns.addresses(domain)
                return Exchanges(((domain,),)) if own else NOWHERE
        except NoDomain:
            return ABSENT
        except Unanswered:
            return UNANSWERED
        hosts = sorted((at, host) for at, host in records if host)[:MOST_HOSTS]
        if not hosts:
            return NULL
        wanted = sorted({at for at, _ in hosts})
        return Exchanges(tuple(tuple(h for at, h in hosts if at == one) for one in wanted))
