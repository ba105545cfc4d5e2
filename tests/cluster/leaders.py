"""Something that answers as a leader would, and remembers what it was asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec


class Asked(msgspec.Struct):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Leader:
    def __init__(self, server: ThreadingHTTPServer, asked: list[Asked]) -> None:
        self.url, self.asked = f"http://127.0.0.1:{server.server_address[1]}", asked


@contextmanager
def leading() -> Iterator[Leader]:
    """Every request is answered with 201 and two cookies; `/hang-up` with nothing at all."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append(Asked(self.command, self.path, headers, self.body(headers)))
            if self.path == "/hang-up":
                self.close_connection = True
                return
            self.send_response(201)
            for name, value in (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Answer", "yes")):
                self.send_header(name, value)
            self.send_header("Keep-Alive", "timeout=5")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        do_GET = do_POST = answer

        def body(self, headers: dict[str, str]) -> bytes:
            if headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(headers.get("content-length", "0")))
            found = b""
            while size := int(self.rfile.readline(), 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return found

        def log_message(self, *of: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Leader(server, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
