"""Where a request may go: out into the public network over https, unless a setting names the host.

    URL -> checked -> name resolved once -> every address checked -> connected to that very address

So a name cannot lead elsewhere between look and leap (DNS rebinding).
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx

MOST_URL: Final = 2_000
_NAT64: Final = IPv6Network("64:ff9b::/96")


class Refused(Exception):
    """The address may not be asked; the message says why."""


def parsed(url: str) -> httpx.URL:
    """Refused for what is no address of the web."""
    if len(url) > MOST_URL or not url.isprintable() or " " in url:
        raise Refused(f"an address has no spaces and at most {MOST_URL:,} characters")
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise Refused("this is not an address") from None
    if found.scheme not in ("https", "http") or not found.host:
        raise Refused("an address begins with https:// and names a host")
    if not 0 < (found.port or 443) < 65_536:
        raise Refused("a port is a number from 1 to 65535")
    if found.userinfo or found.fragment:
        raise Refused("an address holds no password and no “#”: others would see it")
    return found


def is_named(url: httpx.URL, hosts: Sequence[str]) -> bool:
    """Whether a setting names the host, as `name` or `name:port`."""
    port = url.port or (443 if url.scheme == "https" else 80)
    host = f"[{url.host}]" if ":" in url.host else url.host
    names = {url.host.lower(), host.lower(), f"{host}:{port}".lower()}
    return any(entry.strip().lower() in names for entry in hosts)


def addresses(url: httpx.URL) -> list[str]:
    """What its name leads to. OSError."""
    port = url.port or (443 if url.scheme == "https" else 80)
    host = url.raw_host.decode("ascii").strip("[]")
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to somebody out in the network; one that wraps an IPv4 address
    is as public as that."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and (inner := _wrapped(found)) is not None:
        found = inner
    special = found.is_multicast or found.is_reserved or found.is_unspecified
    site_local = isinstance(found, IPv6Address) and found.is_site_local
    return found.is_global and not special and not site_local


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour
