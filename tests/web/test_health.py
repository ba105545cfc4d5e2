"""What machines ask: alive, ready, figures; the figures only with a token."""

import asyncio
import base64
from typing import Any

import msgspec
import pytest

from lettershop.access.principal import Principal
from lettershop.app.vitals import Vital, Vitals
from lettershop.web.front import Front
from lettershop.web.health import Health

SECRET = "ls_tok_for_tests"


def find(secret: str) -> Principal | None:
    return Principal("monitoring", "viewer", "token") if secret == SECRET else None


def ask(app: Any, path: str, *, method: str = "GET", authorization: str = "") -> tuple[int, bytes]:
    """(status, body) of a request put to an ASGI application."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"authorization", authorization.encode())] if authorization else []
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent)


@pytest.fixture
def vitals() -> Vitals:
    made = Vitals()
    made.add(
        lambda: [
            Vital(name="log_requests", help="Requests in the log.", value=3),
            Vital(
                name="jobs_failed_total", help="F.", value=2, kind="counter", labels={"job": "a"}
            ),
            Vital(
                name="jobs_failed_total", help="F.", value=5, kind="counter", labels={"job": "b"}
            ),
        ]
    )
    return made


def test_alive_and_ready(vitals: Vitals) -> None:
    health = Health(vitals, find)
    assert ask(health, "/healthz") == (200, b'{"status":"ok"}')
    assert ask(health, "/healthz", method="HEAD") == (200, b"")
    assert ask(health, "/healthz", method="POST")[0] == 405
    assert ask(health, "/readyz") == (200, b'{"ready":true,"problems":{}}')


def test_not_ready_says_what_is_wrong(vitals: Vitals) -> None:
    def records() -> str:
        raise ConnectionError("no answer")

    vitals.check("loader", lambda: "is 90 s behind")
    vitals.check("records", records)
    vitals.check("log", lambda: "")
    status, body = ask(Health(vitals, find), "/readyz")
    problems = {"loader": "is 90 s behind", "records": "ConnectionError: no answer"}
    assert (status, msgspec.json.decode(body)["problems"]) == (503, problems)


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        ("Bearer wrong", 401),
        ("Basic %%%", 401),
        ("Basic " + base64.b64encode(b"\xff:x").decode(), 401),
        ("Digest x", 401),
        (f"Bearer {SECRET}", 200),
        ("Basic " + base64.b64encode(f"prometheus:{SECRET}".encode()).decode(), 200),
    ],
)
def test_figures_need_a_token(vitals: Vitals, authorization: str, status: int) -> None:
    answer = ask(Health(vitals, find), "/metrics", authorization=authorization)
    assert answer[0] == status
    lines = answer[1].decode().splitlines()
    assert ("lettershop_log_requests 3.0" in lines) == (status == 200)
    assert ('lettershop_jobs_failed_total{job="b"} 5.0' in lines) == (status == 200)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/v1/batch", "collector"),
        ("/lettershop.js", "collector"),
        ("/metrics", "health"),
        ("/api/v1/contacts", "pages"),
        ("/v1", "pages"),
        ("/", "pages"),
    ],
)
def test_the_front_knows_who_answers(path: str, part: str) -> None:
    def named(name: str) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": name.encode()})

        return app

    front = Front(collector=named("collector"), health=named("health"), pages=named("pages"))
    assert ask(front, path) == (200, part.encode())
