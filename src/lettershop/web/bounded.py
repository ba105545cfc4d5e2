"""Bodies of pages and API are bounded before they are stored.

Django keeps a whole body on disk before it asks who sent it. So here: a few megabytes for
everybody, and files only from somebody whose token may import them.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

from lettershop.app.imports import MOST_BYTES
from lettershop.web.credentials import Find, secret_of
from lettershop.web.front import App, Receive, Scope, Send

MOST: Final = 8 * 1024 * 1024
"""Bytes of a usual body; JSON of the API has limits of its own."""
FRAME: Final = 1024 * 1024
"""What the other parts of an upload may take beside the file."""
MESSAGES: Final = "/api/v1/messages"
MESSAGE: Final = 2 * MOST
"""Bytes of a message with the files that go with it."""
UPLOADS: Final = frozenset({"/api/v1/imports", "/api/v1/rates", MESSAGES})


class _TooLarge(Exception):
    """Ends the request wherever it is being read."""


class Bounded:
    """`app` behind the bound."""

    def __init__(self, app: App, find: Find) -> None:
        self._app, self._find = app, find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = await self._most(scope)
        headers = _headers(scope)
        stated = headers.get(b"content-length", b"0")
        if stated.isdigit() and int(stated) > most:
            await _refuse(send, most)
            return
        left, begun = most, False

        async def counted() -> Any:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0 and not begun:
                raise _TooLarge
            return message

        async def noticed(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noticed)
        except _TooLarge:
            await _refuse(send, most)

    async def _most(self, scope: Scope) -> int:
        if scope["method"] != "POST" or scope["path"] not in UPLOADS:
            return MOST
        secret = secret_of(scope["headers"])
        found = await asyncio.to_thread(self._find, secret) if secret else None
        if found is None or not found.may("editor"):
            return MOST
        return MESSAGE if scope["path"] == MESSAGES else MOST_BYTES + FRAME


def _headers(scope: Scope) -> Mapping[bytes, bytes]:
    return dict(scope["headers"])


async def _refuse(send: Send, most: int) -> None:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    body = msgspec.json.encode(
        {
            "type": "urn:lettershop:problem:request.too_large",
            "title": status.phrase,
            "status": status.value,
            "detail": f"the body is larger than {most:,} bytes",
            "code": "request.too_large",
            "hint": "send it in smaller pieces, or with a token as an import",
        }
    )
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
