"""One request and the beginning of its answer. Redirects are not followed, proxies of the
environment not used, nothing is read beyond a limit, in bytes and in seconds."""

import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import cache
from ssl import SSLContext
from typing import Final, Literal, NamedTuple

import httpx

ADDRESSES: Final = 3
"""So many of a name's addresses are tried."""


class Limits(NamedTuple):
    """`step`: seconds for connecting, and for each piece that is sent or read; `total`: for all of
    an answer, of which `bytes` are read."""

    step: float
    total: float
    bytes: int


class Reply(NamedTuple):
    """`whole`: the body ended before a limit did."""

    status: int
    headers: httpx.Headers
    body: bytes
    whole: bool


def exchange(
    method: Literal["GET", "POST"],
    url: httpx.URL,
    addresses: Sequence[str],
    limits: Limits,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    context: SSLContext | None = None,
) -> Reply:
    """Ask the first of the addresses that takes a connection. httpx.HTTPError, OSError."""
    verify = context or _context()
    failed: Exception = httpx.ConnectError("there is no address")
    with httpx.Client(verify=verify, trust_env=False, timeout=limits.step) as client:
        for address in addresses[:ADDRESSES]:
            request = _request(client, method, url, address, headers, body)
            try:
                return _answer(client, request, limits)
            except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
                failed = problem
    raise failed


def _request(
    client: httpx.Client,
    method: str,
    url: httpx.URL,
    address: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> httpx.Request:
    """Connect to `address`, speak to the host: its name is in the Host header and the certificate
    must be its own."""
    named = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity", **headers}
    extensions = {"sni_hostname": url.raw_host.decode("ascii")} if address != url.host else {}
    there = url.copy_with(host=address)
    return client.build_request(method, there, content=body, headers=named, extensions=extensions)


def _answer(client: httpx.Client, request: httpx.Request, limits: Limits) -> Reply:
    end = time.monotonic() + limits.total
    read, whole = b"", True
    answer = client.send(request, stream=True)
    try:
        for piece in answer.iter_raw(min(65_536, limits.bytes)):
            read += piece
            if len(read) > limits.bytes or time.monotonic() > end:
                whole = False
                break
        return Reply(answer.status_code, answer.headers, read[: limits.bytes], whole)
    finally:
        answer.close()


def retry_after(headers: httpx.Headers) -> int | None:
    """Seconds that Retry-After asks for: it says seconds, or a date."""
    text = headers.get("Retry-After", "")
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
