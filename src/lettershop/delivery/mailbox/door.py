"""The mailbox over HTTP: who may ask, and which view answers."""

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from socketserver import TCPServer
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

import msgspec

from lettershop.delivery.mailbox import views
from lettershop.delivery.mailbox.store import Store
from lettershop.delivery.smtp.address import is_here

_MAIL: Final = re.compile(r"(/api)?/messages/([0-9]{1,15})(?:/(html|raw|parts/([0-9]{1,4})))?")
_FOREIGN: Final = views.Answered(status=403, type="text/plain", body=b"not from there\n")


class Door(ThreadingHTTPServer):
    """`open_to_all`: it may be asked by names other than this machine's own."""

    daemon_threads = True

    def __init__(self, host: str, port: int, store: Store, *, open_to_all: bool = False) -> None:
        self.store, self.open_to_all = store, open_to_all
        self.address_family = AF_INET6 if ":" in host else AF_INET
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Without asking DNS for our own name, which can take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    server: Door
    server_version, sys_version = "mailbox", ""
    timeout = 30

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        self._send(self._view(asked) if self._is_ours() else _FOREIGN)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        if not (self._is_ours() and self._is_meant()):
            self._send(_FOREIGN)
        elif urlsplit(self.path).path == "/delete":
            self.server.store.clear()
            self._send(views.Answered(status=303, headers={"Location": "/"}))
        else:
            self._send(views.absent())

    def do_DELETE(self) -> None:
        if not (self._is_ours() and self._is_meant()):
            self._send(_FOREIGN)
        elif urlsplit(self.path).path == "/api/messages":
            self._send(views.as_json({"deleted": self.server.store.clear()}))
        else:
            self._send(views.as_json({"error": "unknown"}, 404))

    def log_message(self, format: str, *args: object) -> None:
        """Nobody wants to read it."""

    # --- inside ---------------------------------------------------------------------------------

    def _view(self, asked: SplitResult) -> views.Answered:
        store, said = self.server.store, _said(asked.query)
        match asked.path:
            case "/":
                return views.list_page(store, said)
            case "/mailbox.css":
                return views.style()
            case "/api/messages":
                return views.list_json(store, said)
            case path if found := _MAIL.fullmatch(path):
                return _of_mail(store, found, said)
        return views.absent()

    def _is_ours(self) -> bool:
        """A page elsewhere may have had its own name lead here (DNS rebinding)."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        return self.server.open_to_all or is_here(host)

    def _is_meant(self) -> bool:
        """Not by a page of somebody else's; programs say no origin at all."""
        origin, site = self.headers.get("Origin"), self.headers.get("Sec-Fetch-Site")
        own = f"http://{self.headers.get('Host', '')}"
        return origin in (None, own) and site in (None, "same-origin", "none")

    def _send(self, answered: views.Answered) -> None:
        self.send_response(answered.status)
        self.send_header("Content-Type", answered.type)
        self.send_header("Content-Length", str(len(answered.body)))
        self.send_header("Content-Security-Policy", answered.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        for name, value in answered.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answered.body)


def _of_mail(store: Store, found: re.Match[str], said: views.Asked) -> views.Answered:
    number = int(found[2])
    match found[1], found[3]:
        case "/api", None:
            return views.mail_json(store, number)
        case _, None:
            return views.mail_page(store, number, said)
        case _, "raw":
            return views.source(store, number)
        case None, "html":
            return views.frame(store, number, said)
        case None, _:
            return views.part(store, number, int(found[4]))
    return views.absent()


def _said(query: str) -> views.Asked:
    """What cannot be understood counts as not said."""
    try:
        return msgspec.convert(dict(parse_qsl(query)), views.Asked, strict=False)
    except (msgspec.ValidationError, ValueError):
        return views.Asked()
