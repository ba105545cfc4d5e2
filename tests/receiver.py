"""An address that is asked, or that webhooks are sent to: a real HTTP server on this machine that
keeps what it got and answers what the test wants."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import msgspec


class Got(NamedTuple):
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def ids(self) -> list[int]:
        return [one["id"] for one in self.json["transitions"]]


class Reply(NamedTuple):
    status: int = 200
    body: bytes = b"thanks"
    headers: dict[str, str] = {}  # noqa: RUF012
    after: float = 0
    """Seconds before it is said."""


class Receiver:
    """`replies` says what to answer to the request number n (from 0)."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.port = int(server.server_address[1])
        self.got: list[Got] = []
        self.replies: Callable[[int], Reply] = lambda _: Reply()

    def url(self, path: str = "/hook", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def host(self) -> str:
        """For the setting `webhook_hosts`."""
        return f"127.0.0.1:{self.port}"

    @property
    def ids(self) -> list[int]:
        """Of all transitions that came, in their order."""
        return [number for got in self.got for number in got.ids]


@contextmanager
def receiver(certificate: str = "") -> Iterator[Receiver]:
    """Listens on a port of its own; with a `certificate` (PEM with its key) it speaks TLS."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = False
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    found = _Handler.receivers[server.server_address[1]] = Receiver(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    receivers: dict[int, Receiver] = {}  # noqa: RUF012

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        mine = self.receivers[self.server.server_address[1]]  # type: ignore[index]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mine.got.append(Got(self.path, dict(self.headers.items()), body))
        reply = mine.replies(len(mine.got) - 1)
        time.sleep(reply.after)
        try:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
        except OSError:
            pass  # the other side has had enough

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written beside the test."""
