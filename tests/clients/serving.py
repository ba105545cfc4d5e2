"""A collector on a real socket with a real log, for tests: `with collecting(folder) as there`."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from typing import Any, NamedTuple

import uvicorn

from lettershop.ingest.log import LogReader, LogWriter, Request
from lettershop.model.clock import Clock, SystemClock
from lettershop.model.settings import Settings
from lettershop.web.collector import Collector, Connection
from lettershop.web.collector.serve import OneSource, config

KEY = "ls_wk_Test-Key"
EVERYTHING = 1 << 40


class There(NamedTuple):
    port: int
    folder: Path
    collector: Collector
    log: LogWriter

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def requests(self, after: int = 0) -> list[Request]:
        with LogReader(self.folder) as reader:
            return reader.after(after, EVERYTHING)


@contextmanager
def collecting(
    folder: Path,
    settings: Settings | None = None,
    clock: Clock | None = None,
    also: Any = None,
    seconds: float = 20.0,
) -> Iterator[There]:
    """Bound to a port of its own; ended and joined afterwards. `also` wraps the collector."""
    settings, clock = settings or Settings(least_free="1MB"), clock or SystemClock()
    with LogWriter(folder, settings, clock) as log, create_server(("127.0.0.1", 0)) as listening:
        collector = Collector(log, OneSource(KEY), clock, settings)
        how = config(also(collector) if also else collector)
        how.http = type("Patient", (Connection,), {"seconds": seconds})
        server = uvicorn.Server(how)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield There(listening.getsockname()[1], folder, collector, log)
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(app: Any, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    """One request straight into an ASGI application; header names with `_` for `-`."""
    raw = [(k.replace("_", "-").encode(), v.encode("latin-1")) for k, v in headers.items()]
    return asyncio.run(asked(app, method, path, raw, [body]))


async def asked(
    app: Any, method: str, path: str, headers: list[tuple[bytes, bytes]], body: list[bytes]
) -> Answer:
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "scheme": "http"}
    coming = [
        {"type": "http.request", "body": part, "more_body": rest > 0}
        for rest, part in zip(range(len(body) - 1, -1, -1), body, strict=True)
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return coming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *rest = sent
    named = {k.decode(): v.decode() for k, v in start["headers"]}
    return Answer(start["status"], named, b"".join(part["body"] for part in rest))
