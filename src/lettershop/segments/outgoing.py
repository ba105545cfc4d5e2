"""Requests to addresses that people typed in: https only, and only out into the public network,
unless the setting `webhook_hosts` names the host.

    URL -> checked -> name resolved once -> every address checked -> connected to that very address

So a name cannot lead elsewhere between look and leap (DNS rebinding). Redirects are not followed,
proxies of the environment not used, answers not read beyond a few kilobytes.
"""

import socket
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from ssl import SSLContext
from typing import Final

import httpx
import msgspec

from lettershop.model.errors import InputError

TIMEOUT: Final = httpx.Timeout(5.0)
"""Seconds for connecting, and for each piece that is sent or read…"""
TOTAL: Final = 15.0
"""…and for all of an answer."""
MOST_READ: Final = 4_096
MOST_URL: Final = 2_000
ADDRESSES: Final = 3
"""So many of a name's addresses are tried."""
_NAT64: Final = IPv6Network("64:ff9b::/96")


class Refused(Exception):
    """The address may not be asked; the message says why."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """`status` None: there was no answer, and `message` says why; else `message` is how the answer
    begins. `retry_after`: seconds it asks for."""

    status: int | None = None
    message: str = ""
    retry_after: int | None = None
    milliseconds: int = 0

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def check_url(url: str, allowed: Sequence[str]) -> None:
    """InputError `webhook.url` for an address that would never be asked."""
    try:
        found = _parsed(url)
    except Refused as problem:
        raise InputError("webhook.url", str(problem), where=url[:200], hint=_EXAMPLE) from None
    if found.scheme == "http" and not _is_allowed(found, allowed):
        hint = f"use https; or name “{found.host}” in the setting webhook_hosts"
        raise InputError("webhook.url", "http is not encrypted", where=url, hint=hint)


def post(
    url: str,
    body: bytes,
    headers: dict[str, str],
    allowed: Sequence[str],
    context: SSLContext | None = None,
) -> Answered:
    """Send JSON and say what was answered; never raises for what the other side does."""
    started = time.monotonic()
    try:
        said = _posted(_parsed(url), body, headers, allowed, context)
    except Refused as problem:
        said = Answered(message=str(problem))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as problem:
        said = Answered(message=f"{type(problem).__name__}: {problem}".rstrip(": ")[:300])
    spent = round((time.monotonic() - started) * 1_000)
    return msgspec.structs.replace(said, milliseconds=spent)


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


_EXAMPLE: Final = "as in https://hooks.example.com/lettershop"


def _parsed(url: str) -> httpx.URL:
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


def _is_allowed(url: httpx.URL, allowed: Sequence[str]) -> bool:
    port = url.port or (443 if url.scheme == "https" else 80)
    host = f"[{url.host}]" if ":" in url.host else url.host
    names = {url.host.lower(), host.lower(), f"{host}:{port}".lower()}
    return any(entry.strip().lower() in names for entry in allowed)


def _posted(
    url: httpx.URL,
    body: bytes,
    headers: dict[str, str],
    allowed: Sequence[str],
    context: SSLContext | None,
) -> Answered:
    free = _is_allowed(url, allowed)
    if url.scheme == "http" and not free:
        raise Refused("http is not encrypted, and webhook_hosts does not name the host")
    addresses = _addresses(url)
    hidden = [] if free else [a for a in addresses if not is_public(a)]
    if hidden:
        raise Refused(
            f"{url.host} is {hidden[0]}, which is not in the public network; the setting"
            " webhook_hosts can allow it"
        )
    verify = context or _context()
    with httpx.Client(verify=verify, trust_env=False, timeout=TIMEOUT) as client:
        for address in addresses[:ADDRESSES]:
            try:
                return _asked(client, url, address, body, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
                failed = problem
        raise failed


def _addresses(url: httpx.URL) -> list[str]:
    port = url.port or (443 if url.scheme == "https" else 80)
    host = url.raw_host.decode("ascii").strip("[]")
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _asked(
    client: httpx.Client, url: httpx.URL, address: str, body: bytes, headers: dict[str, str]
) -> Answered:
    """Connect to `address`, speak to the host: its name is in the Host header and the certificate
    must be its own."""
    end = time.monotonic() + TOTAL
    named = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity", **headers}
    extensions = {"sni_hostname": url.raw_host.decode("ascii")} if address != url.host else {}
    there = url.copy_with(host=address)
    begun = b""
    with client.stream("POST", there, content=body, headers=named, extensions=extensions) as answer:
        for piece in answer.iter_raw(1_024):
            begun += piece
            if len(begun) >= MOST_READ or time.monotonic() > end:
                break
        return Answered(
            status=answer.status_code,
            message=_readable(begun[:MOST_READ]),
            retry_after=_seconds(answer.headers.get("Retry-After", "")),
        )


def _readable(body: bytes) -> str:
    """How an answer begins, on one line."""
    words = body.decode("utf-8", "replace").split()
    return "".join(c for c in " ".join(words) if c.isprintable())[:200]


def _seconds(text: str) -> int | None:
    """What Retry-After says: seconds, or a date."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    try:
        return max(0, round(parsedate_to_datetime(text).timestamp() - time.time()))
    except (ValueError, TypeError, OverflowError):
        return None


@cache
def _context() -> SSLContext:
    """Read once: it takes a tenth of a second."""
    return httpx.create_ssl_context()
