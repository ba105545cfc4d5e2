"""Following an SPF record to the end: what it costs, or what it says of one address.

Without an address every term is followed and nothing matches: the dearest way a receiver can go.
With one the first that matches decides (RFC 7208 4.6), as at a receiver.
"""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Final

from lettershop.delivery.doctor.names import Kind, Names, addresses, exchanges, reverse
from lettershop.delivery.doctor.spf_macros import Ip, Scene, filled
from lettershop.delivery.doctor.spf_record import Malformed, Record, Term, Verdict, is_spf, read

MOST_LOOKUPS: Final = 10
MOST_VOIDS: Final = 2
MOST_NAMES: Final = 10
"""Of one mx or ptr."""
CEILING: Final = 60
"""Terms that are followed at all, so that a record made to cost much ends."""


class Broken(Exception):
    """The evaluation ends with permerror; `check` is a key of checks.toml."""

    def __init__(self, check: str, found: str) -> None:
        super().__init__(found)
        self.check, self.found = check, found


class Walk:
    """One evaluation. `lookups`: terms that ask DNS; `voids`: names asked for that are not there;
    `notes`: what is wrong on the way without ending it."""

    def __init__(self, names: Names, sender: str, ip: Ip | None = None) -> None:
        self._names, self._sender, self._ip = names, sender, ip
        self.lookups = 0
        self.voids: list[str] = []
        self.slow: list[str] = []
        self.everybody: list[str] = []

    async def verdict(self, domain: str, way: tuple[str, ...] = ()) -> Verdict:
        """Broken, Silent (names.py)."""
        if domain in way:
            raise Broken("spf.syntax", f"{way[-1]} leads back to {domain}")
        record = await self._record(domain)
        if record is None:
            return "none"
        for term in record.terms:
            if term.name == "all":
                return self._all(term, domain)
            if await self._matches(term, domain, (*way, domain)):
                return term.verdict
        if not record.redirect:
            return "neutral"
        self._count()
        target = self._target(record.redirect, domain)
        if target is None:
            return "neutral"
        found = await self.verdict(target, (*way, domain))
        if found == "none":
            raise Broken("spf.target", f"redirect leads to {target}, which has no SPF record")
        return found

    async def _record(self, domain: str) -> Record | None:
        found = [text for text in (await self._names.ask(domain, "TXT")).records if is_spf(text)]
        if len(found) > 1:
            raise Broken("spf.several", f"{domain} has {len(found)} records")
        try:
            return read(found[0]) if found else None
        except Malformed as malformed:
            raise Broken("spf.syntax", f"{domain}: {malformed}") from None

    def _all(self, term: Term, domain: str) -> Verdict:
        if term.verdict == "pass":
            self.everybody.append(domain)
        return "neutral" if self._ip is None else term.verdict

    async def _matches(self, term: Term, domain: str, way: tuple[str, ...]) -> bool:
        if term.network is not None:
            return self._ip is not None and self._ip in term.network
        self._count()
        target = self._target(term.value, domain) if term.value else domain
        if target is None:
            return False
        match term.name:
            case "include":
                found = await self.verdict(target, way)
                if found == "none":
                    raise Broken("spf.target", f"{target} has no SPF record")
                return found == "pass"
            case "ptr":
                self.slow.append(domain)
                return await self._named(target)
            case "exists":
                there = (await self._names.ask(target, "A")).records
                self._there(target, there)
                return self._ip is not None and bool(there)
            case "mx":
                return await self._exchanged(term, target)
            case _:
                return self._among(term, await self._addresses(target))

    async def _exchanged(self, term: Term, target: str) -> bool:
        hosts = [host for _, host in await exchanges(self._names, target) if host]
        self._there(target, hosts)
        if len(hosts) > MOST_NAMES:
            raise Broken("spf.lookups", f"{target} has {len(hosts)} MX hosts, 10 are allowed")
        if self._ip is None:
            return False
        return any([self._among(term, await self._addresses(host)) for host in hosts])

    async def _addresses(self, host: str) -> tuple[str, ...]:
        """As receivers ask: only of the kind of the address that sends, if one is said."""
        if self._ip is None:
            found = await addresses(self._names, host)
        else:
            kind: Kind = "A" if self._ip.version == 4 else "AAAA"
            found = (await self._names.ask(host, kind)).records
        self._there(host, found)
        return found

    async def _named(self, target: str) -> bool:
        if self._ip is None:
            return False
        place = reverse(str(self._ip))
        hosts = (await self._names.ask(place, "PTR")).records
        self._there(place, hosts)
        for host in hosts[:MOST_NAMES]:
            inside = host == target or host.endswith(f".{target}")
            if inside and str(self._ip) in await addresses(self._names, host):
                return True
        return False

    def _there(self, name: str, found: Sequence[str]) -> None:
        if not found:
            self.voids.append(name)
        if self._ip is not None and len(self.voids) > MOST_VOIDS:
            raise Broken("spf.voids", f"these are not in DNS: {', '.join(self.voids)}")

    def _among(self, term: Term, found: tuple[str, ...]) -> bool:
        if self._ip is None:
            return False
        size = term.sizes[self._ip.version == 6]
        network = ip_network(f"{self._ip}/{size}", strict=False)
        return any(ip_address(one) in network for one in found)

    def _target(self, value: str, domain: str) -> str | None:
        """None for a name that depends on who sends, when nobody is said to."""
        if "%" not in value:
            return value.lower().rstrip(".")
        if self._ip is None:
            return None
        return filled(value, Scene(self._ip, self._sender, domain)).lower()

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > (CEILING if self._ip is None else MOST_LOOKUPS):
            raise Broken("spf.lookups", f"more than {self.lookups - 1} terms ask DNS")
