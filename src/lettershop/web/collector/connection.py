"""How long a connection may take: uvicorn waits for ever for a request, this does not.

A slow client that sends one byte a minute (“slow loris”) would hold a socket and memory for as long
as it likes. One timer per request costs a fiftieth of it; `asyncio.timeout` cost a quarter.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SECONDS = 20.0
"""For the head of a request, and of a tracking call the body too."""
CALLS = b"/v1/"
MOST_HEAD = 64 * 1024
"""Bytes of a request line and its headers."""


class Connection(HttpToolsProtocol):
    """For uvicorn's `http=`: closes when the head of a request is too slow or too long, and on
    tracking calls, which are small, also when the body is too slow."""

    seconds = SECONDS
    _timer: asyncio.TimerHandle | None = None
    _head = 0
    _in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()
        super().data_received(data)
        if self._in_head and self._head > MOST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_headers_complete(self) -> None:
        self._in_head = False
        if not self.url.startswith(CALLS):
            self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def _wait(self) -> None:
        self._head, self._in_head = 0, True
        self._timer = self.loop.call_later(self.seconds, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()
