"""Nobody fills the disk with a body: bounded before it is stored, larger only with a token."""

import asyncio
import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from served_shop import Served, serve_shop

from lettershop.access.principal import Principal, Role
from lettershop.web import bounded
from lettershop.web.bounded import MOST, Bounded

BLOCK = 512 * 1024


def find(secret: str) -> Principal | None:
    known: dict[str, Role] = {"known": "editor", "looking": "viewer"}
    return Principal("a token", known[secret], "token") if secret in known else None


def post(path: str, size: int, *headers: tuple[bytes, bytes]) -> tuple[int, int]:
    """(status, bytes that reached the app) of a body in blocks."""
    reached = 0
    sent: list[dict[str, Any]] = []
    left = size

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal reached
        more = True
        while more:
            message = await receive()
            reached += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> dict[str, Any]:
        nonlocal left
        block = min(BLOCK, left)
        left -= block
        return {"type": "http.request", "body": b"x" * block, "more_body": left > 0}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": list(headers)}
    asyncio.run(Bounded(app, find)(scope, receive, send))
    return sent[0]["status"], reached


LENGTH = (b"content-length", str(MOST + 1).encode())
KNOWN = (b"authorization", b"Bearer known")
VIEWER = (b"authorization", b"Bearer looking")
GUESSED = (b"authorization", b"Bearer guessed")


@pytest.mark.parametrize(
    ("path", "size", "headers", "status"),
    [
        ("/api/v1/contacts", MOST, (), 200),
        ("/api/v1/contacts", MOST + 1, (), 413),
        ("/api/v1/contacts", MOST + 1, (KNOWN,), 413),
        ("/login", 10 * MOST, (), 413),
        ("/api/v1/imports", MOST + 1, (GUESSED,), 413),
        ("/api/v1/imports", MOST + 1, (VIEWER,), 413),
        ("/api/v1/imports", MOST + 1, (), 413),
        ("/api/v1/imports", 3 * MOST, (KNOWN,), 200),
        ("/api/v1/rates", 3 * MOST, (KNOWN,), 200),
    ],
)
def test_the_bound(path: str, size: int, headers: Any, status: int) -> None:
    found, reached = post(path, size, *headers)
    assert found == status and (reached == size if status == 200 else reached <= MOST)


def test_a_stated_length_is_refused_before_anything_is_read() -> None:
    assert post("/api/v1/imports", MOST + 1, LENGTH) == (413, 0)
    assert post("/api/v1/imports", MOST + 1, LENGTH, KNOWN) == (200, MOST + 1)


def test_uploads_have_a_bound_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST_BYTES", 2 * MOST)
    assert post("/api/v1/imports", 4 * MOST, KNOWN)[0] == 413
    assert post("/api/v1/messages", 2 * MOST, KNOWN)[0] == 200
    assert post("/api/v1/messages", 2 * MOST + 1, KNOWN)[0] == 413


@pytest.fixture
def served(tmp_path: Path, empty_records: Path) -> Iterator[Served]:
    with serve_shop(tmp_path / "shop", empty_records) as served:
        yield served


def test_over_a_real_connection(served: Served) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=10)
    connection.putrequest("POST", "/api/v1/imports")
    connection.putheader("Content-Length", str(50 * 1024**3))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (413, "application/problem+json")
    answer.close()
    connection.close()
    assert served.paths == [], "Django has not heard of it"
