"""The front: which part of the server answers a request, by its path."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]


class Front:
    """`collector` gets tracking calls and the script tag, `health` what watches the server,
    `pages` (Django: API and pages) everything else; `own`: but for what begins so, which another
    part gets. Only HTTP is spoken."""

    def __init__(
        self,
        *,
        collector: App,
        health: App,
        pages: App,
        own: tuple[Sequence[str], App] | None = None,
    ) -> None:
        self._collector, self._health, self._pages = collector, health, pages
        self._beginnings, self._own = (tuple(own[0]), own[1]) if own else ((), pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._part(scope["path"])(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    def _part(self, path: str) -> App:
        match path:
            case "/healthz" | "/readyz" | "/metrics":
                return self._health
            case "/lettershop.js":
                return self._collector
            case _ if path.startswith("/v1/"):
                return self._collector
            case _ if path.startswith(self._beginnings):
                return self._own
            case _:
                return self._pages
