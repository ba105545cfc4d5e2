"""The server's process: socket, uvicorn, and an orderly end.

The order of the end keeps every promise: first no new requests, then everything accepted is on
disk, then it is loaded as far as time allows, then the database is checkpointed and closed.
"""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog
import uvicorn

from lettershop.app.server import Server
from lettershop.app.serving import Serving, remove_serving, write_serving
from lettershop.app.settings import read_settings
from lettershop.model.clock import format_instant
from lettershop.model.errors import UsageError
from lettershop.model.settings import Settings
from lettershop.web.bounded import Bounded
from lettershop.web.collector.serve import config
from lettershop.web.front import App, Front
from lettershop.web.health import Health

log = structlog.get_logger("lettershop.server")


def settings_asked(folder: Path, host: str | None, port: int | None) -> Settings:
    """The settings of a workspace; host and port as somebody asked for them. InputError."""
    said = {"host": host, "port": port}
    changed = {name: value for name, value in said.items() if value is not None}
    return msgspec.structs.replace(read_settings(folder, os.environ), **changed)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; UsageError `server.address` when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        message = f"cannot listen on {host} port {port}: {error.strerror or error}"
        hint = "another program may have it: lettershop up --port 8461"
        raise UsageError("server.address", message, hint=hint) from None
    return listening


def url_of(listening: socket.socket) -> str:
    """Where commands on this machine reach the socket."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host and "[" not in host else f"http://{host}:{port}"


def front(server: Server, collector: App, pages: App) -> Front:
    health = Health(server.running.vitals, server.find)
    return Front(collector=collector, health=health, pages=Bounded(pages, server.find))


def run(server: Server, app: Any, listening: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the address once requests are answered."""
    url = url_of(listening)
    data = server.data
    serving = prepared(app, lambda: ready(url), server.running.streams.stop)
    try:
        server.start()
        since = format_instant(server.running.clock.now() // 1000 * 1000)
        write_serving(data, Serving(url, server.running.local_token, os.getpid(), since))
        serving.run(sockets=[listening])
    finally:
        log.info("server.stopping")
        server.stop()
        remove_serving(data, os.getpid())
        log.info("server.stopped")


def prepared(
    app: Any, ready: Callable[[], None], stopping: Callable[[], None] = lambda: None
) -> "_Ready":
    """What serves `app` from `run(sockets=…)` until SIGTERM or SIGINT, or its `should_exit`."""
    # uvicorn raises the signal again when it has stopped; by then it has done its work.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return _Ready(config(app, proxied=True), ready, stopping)


class _Ready(uvicorn.Server):
    """Tells when it has begun to listen, and when it begins to stop: open streams must end then."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._tell, self._end = ready, stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end()
        await super().shutdown(sockets)
