"""Asking DNS: each name once, however many checks want to know."""

import asyncio
from collections.abc import Sequence
from typing import Final, Literal, Protocol

import msgspec
from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.rdata import Rdata
from dns.rdtypes.ANY.TXT import TXT
from dns.resolver import NXDOMAIN, NoAnswer
from dns.reversename import from_address

Kind = Literal["A", "AAAA", "CNAME", "MX", "PTR", "TXT"]
AT_ONCE: Final = 20
"""Questions under way."""


class Silent(Exception):
    """DNS does not answer for a name, which the message holds; or with an error."""


class Answer(msgspec.Struct, frozen=True):
    """`records` as zone files have them, hosts in small letters without the last dot; of TXT the
    joined strings. `exists` False: there is no such name at all."""

    records: tuple[str, ...] = ()
    exists: bool = True


class Names(Protocol):
    async def ask(self, name: str, kind: Kind) -> Answer:
        """Of a name in ASCII, without the last dot. Silent."""
        ...


class DnsNames:
    """The resolvers of this machine, or others; `seconds` for one question. For one event loop."""

    def __init__(self, servers: Sequence[str] = (), port: int = 53, seconds: float = 5) -> None:
        self._resolver = Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers = [*servers]
            self._resolver.port = port
        self._resolver.lifetime = seconds
        self._resolver.use_edns(0, 0, 1232)
        self._known: dict[tuple[str, Kind], asyncio.Task[Answer]] = {}
        self._free = asyncio.Semaphore(AT_ONCE)

    async def ask(self, name: str, kind: Kind) -> Answer:
        key = (name.lower().rstrip("."), kind)
        if key not in self._known:
            self._known[key] = asyncio.create_task(self._ask(*key))
            # A check that ran out of time hears no more of it: that is no error of the loop.
            self._known[key].add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._known[key])

    async def _ask(self, name: str, kind: Kind) -> Answer:
        try:
            async with self._free:
                answer = await self._resolver.resolve(name + ".", kind)
        except NXDOMAIN:
            return Answer(exists=False)
        except NoAnswer:
            return Answer()
        except (DNSException, OSError, ValueError):
            raise Silent(f"{name} ({kind})") from None
        return Answer(tuple(sorted(_text(record) for record in answer)))


async def addresses(names: Names, host: str) -> tuple[str, ...]:
    """IP addresses of a host, IPv4 first. Silent."""
    found = await asyncio.gather(names.ask(host, "A"), names.ask(host, "AAAA"))
    return tuple(record for answer in found for record in answer.records)


async def exchanges(names: Names, domain: str) -> list[tuple[int, str]]:
    """(preference, host) of MX, the most wanted first; the host "" of the null MX. Silent."""
    records = (await names.ask(domain, "MX")).records
    pairs = (record.partition(" ") for record in records)
    return sorted((int(at), host) for at, _, host in pairs)


async def starting(names: Names, name: str, version: str) -> list[str]:
    """The TXT records of a name that begin with `v=…`, whatever the case. Silent."""
    records = (await names.ask(name, "TXT")).records
    return [record for record in records if record.lower().startswith(version.lower())]


def reverse(ip: str) -> str:
    return from_address(ip).to_text().rstrip(".")


def tags(record: str) -> dict[str, str] | None:
    """`v=DMARC1; p=none` as a mapping, names in small letters; None when it is no such list, or
    names one twice."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        name = name.strip().lower()
        if not equals or not name or name in found:
            return None
        found[name] = value.strip()
    return found


def txt(name: str, value: str) -> str:
    """The line of a zone: strings of at most 255 octets."""
    parts = (value[at : at + 255] for at in range(0, len(value), 255))
    strings = " ".join('"' + part.replace("\\", r"\\").replace('"', r"\"") + '"' for part in parts)
    return f"{name}. IN TXT {strings}" if len(value) <= 255 else f"{name}. IN TXT ( {strings} )"


def printable(said: str) -> str:
    """What others say ends up in terminals: nothing in it acts there."""
    return "".join(c if c.isprintable() else "\ufffd" for c in said)


def _text(record: Rdata) -> str:
    if isinstance(record, TXT):
        return printable(b"".join(record.strings).decode("utf-8", "replace"))
    return record.to_text().lower().removesuffix(".")
