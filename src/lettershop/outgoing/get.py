"""Data asked for at an address: only of hosts that a setting names, and only so much of it."""

import time
from collections.abc import Sequence
from ssl import SSLContext
from typing import Final, Literal

import httpx
import msgspec

from lettershop.outgoing.exchange import Limits, exchange
from lettershop.outgoing.places import Refused, addresses, is_named, is_public, parsed

MOST: Final = 1_000_000
"""Bytes of an answer."""

Trouble = Literal["refused", "slow", "down", "status", "large"]
"""Why there is no answer: it may not be asked; it took too long; nobody there, or the connection
broke; another status than 200; more than MOST."""


class Got(msgspec.Struct, frozen=True):
    """`trouble` None: `body` is the whole answer. Else `message` says what was wrong."""

    body: bytes = b""
    trouble: Trouble | None = None
    message: str = ""


def get(url: str, hosts: Sequence[str], seconds: float, context: SSLContext | None = None) -> Got:
    """The answer, or why there is none; never raises for what the other side does.

    `hosts`: the setting `fetch_hosts`. A host it names may be in the private network, and there it
    may speak http; over the public network only https."""
    started = time.monotonic()
    limits = Limits(step=seconds, total=seconds, bytes=MOST)
    try:
        found, there = _allowed(url, hosts)
        headers = {"Accept": "application/json"}
        reply = exchange("GET", found, there, limits, headers=headers, context=context)
    except Refused as problem:
        return Got(trouble="refused", message=str(problem))
    except httpx.TimeoutException:
        return Got(trouble="slow", message=f"no answer within {seconds:g} seconds")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as problem:
        said = f"{type(problem).__name__}: {problem}".rstrip(": ")[:300]
        return Got(trouble="down", message=said)
    if time.monotonic() - started > seconds:
        return Got(trouble="slow", message=f"not all of the answer within {seconds:g} seconds")
    if not reply.whole:
        return Got(trouble="large", message=f"the answer has more than {MOST:,} bytes")
    if reply.status != 200:
        return Got(trouble="status", message=f"it answered with status {reply.status}")
    return Got(reply.body)


def _allowed(url: str, hosts: Sequence[str]) -> tuple[httpx.URL, list[str]]:
    found = parsed(url)
    if not is_named(found, hosts):
        raise Refused(f"the setting fetch_hosts does not name “{found.host}”")
    there = addresses(found)
    if found.scheme == "http" and any(is_public(address) for address in there):
        raise Refused("http is not encrypted: use https")
    return found, there
