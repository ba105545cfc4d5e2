"""A workspace with a server on a port of its own, in threads of the test's process."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from django.core.handlers.asgi import ASGIHandler
from opened_shop import Shop, open_shop

from lettershop.access.tokens import find_token
from lettershop.app.background import Background, Job
from lettershop.app.serving import Serving, remove_serving, write_serving
from lettershop.web.bounded import Bounded
from lettershop.web.front import Front, Receive, Scope, Send
from lettershop.web.health import Health
from lettershop.web.serve import bind, url_of


class Served:
    """`shop` is what the server has open; `url` where it listens; `paths` what was asked for."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.url = shop, ""
        self.paths: list[str] = []
        self._pages = ASGIHandler()

    async def pages(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(f"{scope['method']} {scope['path']}")
        await self._pages(dict(scope), receive, send)


@contextmanager
def serve_shop(folder: Path, empty_records: Path | None = None) -> Iterator[Served]:
    """API and pages of the workspace, found by commands through data/server.json."""
    with open_shop(folder, empty_records) as shop:
        served = Served(shop)
        health = Health(shop.running.vitals, find_token)
        find = lambda secret: shop.running.local(secret) or find_token(secret)  # noqa: E731
        app = Front(collector=nobody, health=health, pages=Bounded(served.pages, find))
        config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        with bind("127.0.0.1", 0) as listening:
            served.url = url_of(listening)
            jobs = Background([Job("imports", 0.02, shop.running.imports.step)])
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            jobs.start()
            thread.start()
            try:
                wait_for(lambda: server.started)
                token = shop.running.local_token
                write_serving(folder / "data", Serving(served.url, token, os.getpid(), "today"))
                yield served
            finally:
                remove_serving(folder / "data", os.getpid())
                server.should_exit = True
                thread.join(10)
                assert jobs.stop(5) and not thread.is_alive()


async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("nothing is collected here")


def wait_for(happened: "threading.Event | object", seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not (happened() if callable(happened) else happened):
        assert time.monotonic() < end, "this takes too long"
        time.sleep(0.01)
