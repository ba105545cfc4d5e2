"""Requests that need facts are handed to the process that leads, and its answers back, as a stream.

What the other side must believe (who asks, by http or https) is in headers of our own, with the
cluster's token (`handed.py` reads them); headers of that name from outside are dropped, and so
are those that are about one connection only (RFC 9110 7.6.1). Nothing is kept between two
requests: no cookies, no redirects.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from typing import Final, cast

import httpx
import structlog

from lettershop.web.collector.contracts import Message
from lettershop.web.front import Receive, Scope, Send
from lettershop.web.nobody import answer

TOKEN: Final = b"x-lettershop-cluster"
CLIENT: Final = b"x-lettershop-client"
SCHEME: Final = b"x-lettershop-scheme"
OURS: Final = frozenset({TOKEN, CLIENT, SCHEME})
_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_BELIEVED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-proto"})
"""Of the proxy before us: read already, and nobody else's to say."""
_TIMES: Final = {"connect": 3.0, "read": 600.0, "write": 60.0, "pool": 5.0}
"""Seconds. Long answers are streams (exports, what happens live) and slow questions."""
_LIMITS: Final = httpx.Limits(
    max_connections=200, max_keepalive_connections=50, keepalive_expiry=20
)
_log = structlog.get_logger("lettershop.cluster")

Header = tuple[bytes, bytes]


class _Gone(Exception):
    """Whoever asked has hung up."""


class HandOver:
    """An ASGI application. `leader`: the address of the process that leads, None while nobody does;
    `token`: as `cluster_token` makes it."""

    def __init__(self, leader: Callable[[], str | None], token: str) -> None:
        self._leader, self._token = leader, token.encode("ascii")
        self._transport: httpx.AsyncHTTPTransport | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leader = self._leader()
        if leader is None:
            await answer(scope, send, "cluster.no_leader")
            return
        asked = _Asked(receive)
        work = asyncio.create_task(self._work(leader, scope, asked, send))
        hung_up = asyncio.create_task(asked.hung_up())
        try:
            await asyncio.wait({work, hung_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, hung_up):
                task.cancel()
            with suppress(asyncio.CancelledError, _Gone):
                await work
            with suppress(asyncio.CancelledError):
                await hung_up

    async def close(self) -> None:
        """Its connections; the next request opens new ones."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def _work(self, leader: str, scope: Scope, asked: "_Asked", send: Send) -> None:
        if self._transport is None:
            self._transport = httpx.AsyncHTTPTransport(limits=_LIMITS, trust_env=False)
        request = _request(leader, scope, self._headers(scope), asked)
        try:
            response = await self._transport.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            _log.warning("hand_over.unreachable", leader=leader, error=str(error))
            await answer(scope, send, "cluster.no_leader")
        except httpx.TransportError as error:
            _log.warning("hand_over.broken", leader=leader, error=repr(error))
            await answer(scope, send, "cluster.broken_off")
        else:
            try:
                await _handed_back(response, send)
            finally:
                await response.aclose()

    def _headers(self, scope: Scope) -> list[Header]:
        kept = _without(scope["headers"], _HOP | _BELIEVED | OURS | {b"expect"})
        client = scope.get("client")
        said = (client[0] if client else "").encode("ascii", "replace")
        scheme = str(scope.get("scheme", "http")).encode("ascii")
        return [*kept, (TOKEN, self._token), (CLIENT, said), (SCHEME, scheme)]


class _Asked:
    """The body of a request, read once; then whether its sender is still there."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._whole = asyncio.Event()

    async def body(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message: Message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            more = message.get("more_body", False)
            if not more:
                self._whole.set()
            yield message.get("body", b"")

    def nothing(self) -> None:
        """There is no body to wait for."""
        self._whole.set()

    async def hung_up(self) -> None:
        await self._whole.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _request(leader: str, scope: Scope, headers: list[Header], asked: _Asked) -> httpx.Request:
    query = scope.get("query_string", b"")
    path = scope.get("raw_path") or scope["path"].encode()
    url = httpx.URL(leader).copy_with(raw_path=path + (b"?" + query if query else b""))
    names = {name for name, _ in scope["headers"]}
    has_body = bool(names & {b"content-length", b"transfer-encoding"})
    if not has_body:
        asked.nothing()
    return httpx.Request(
        scope["method"],
        url,
        headers=headers,
        content=asked.body() if has_body else None,
        extensions={"timeout": _TIMES},
    )


async def _handed_back(response: httpx.Response, send: Send) -> None:
    headers = _without(response.headers.raw, _HOP | {b"date", b"server"})
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    async for chunk in cast(httpx.AsyncByteStream, response.stream):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _without(headers: Iterable[Header], names: frozenset[bytes]) -> list[Header]:
    listed = [(name.lower(), value) for name, value in headers]
    about = b",".join(value for name, value in listed if name == b"connection")
    more = {one.strip().lower() for one in about.split(b",")}
    return [(name, value) for name, value in listed if name not in names and name not in more]
