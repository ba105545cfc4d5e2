"""Who opens and follows what nobody has read: knowledge/gateways.toml, read once."""

import ipaddress
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, Literal

import msgspec

from lettershop.delivery.said import Grade

FILE: Final = "gateways.toml"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Kind = Literal["click", "open"]


class Gateway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See the head of the file. `early`, `doubtful`: seconds."""

    early: int
    doubtful: int
    opens: bool
    source: str = ""


class Agent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    has: str
    kinds: tuple[Kind, ...]
    grade: Grade
    name: str
    source: str
    equals: bool = False

    def fits(self, agent: str, kind: Kind) -> bool:
        if kind not in self.kinds:
            return False
        said, own = agent.strip().lower(), self.has.lower()
        return said == own if self.equals else own in said


class Range(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    cidr: tuple[str, ...]
    source: str


class Knowledge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    usual: Gateway
    gateway: Mapping[str, Gateway]
    agent: tuple[Agent, ...]
    network: tuple[Range, ...]

    def of(self, provider: str) -> Gateway:
        return self.gateway.get(provider, self.usual)

    def agent_named(self, agent: str, kind: Kind) -> Agent | None:
        return next((one for one in self.agent if one.fits(agent, kind)), None)

    def scanner(self, network: str) -> str:
        """Whose scanners are in this network (`198.51.100.0/24`); "" for nobody's."""
        if not network:
            return ""
        found = ipaddress.ip_network(network, strict=False)
        return next((name for name, one in _ranges() if _within(found, one)), "")


@cache
def packaged() -> Knowledge:
    file = resources.files(__package__) / "knowledge" / FILE
    return msgspec.convert(tomllib.loads(file.read_text("utf-8")), Knowledge)


@cache
def _ranges() -> tuple[tuple[str, Network], ...]:
    said = packaged().network
    return tuple((one.name, ipaddress.ip_network(cidr)) for one in said for cidr in one.cidr)


def _within(found: Network, known: Network) -> bool:
    match found, known:
        case ipaddress.IPv4Network(), ipaddress.IPv4Network():
            return found.subnet_of(known)
        case ipaddress.IPv6Network(), ipaddress.IPv6Network():
            return found.subnet_of(known)
        case _:
            return False
