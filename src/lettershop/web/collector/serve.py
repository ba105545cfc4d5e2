"""Collector and log alone: `python -m lettershop.web.collector.serve FOLDER WRITE_KEY`.

For tests and the bench, with one source and without a loader. Prints the port it listens
on and its process id.
"""

import argparse
import os
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from lettershop.ingest.log import LogWriter
from lettershop.model.clock import SystemClock
from lettershop.model.settings import Settings
from lettershop.web.collector.app import Collector
from lettershop.web.collector.connection import Connection

GRACE = 10
"""Seconds that requests under way get at the end."""
KEEP_ALIVE = 65
"""Seconds an idle connection stays open: longer than the 60 s of usual proxies."""


class OneSource(msgspec.Struct, frozen=True):
    """All that knows the key is this source."""

    key: str
    name: str = "test"
    kind: str = "server"

    def find(self, write_key: str) -> "OneSource | None":
        return self if write_key == self.key else None

    def seen(self, name: str) -> None:
        """Nothing is kept."""


def config(app: Any, *, proxied: bool = False) -> uvicorn.Config:
    """How uvicorn is run here and in `lettershop up`: see docs/decisions/0008. `proxied`: a proxy
    on this machine is believed about who asks."""
    return uvicorn.Config(
        app,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=proxied,
        forwarded_allow_ips="127.0.0.1",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("key")
    asked = arguments.parse_args()
    clock, settings = SystemClock(), Settings(least_free="10MB")
    listening = socket.create_server(("127.0.0.1", 0))
    with LogWriter(asked.folder, settings, clock) as log:
        collector = Collector(log, OneSource(asked.key), clock, settings)
        sys.stdout.write(f"{listening.getsockname()[1]} {os.getpid()}\n")
        sys.stdout.flush()
        uvicorn.Server(config(collector)).run(sockets=[listening])


if __name__ == "__main__":
    main()
