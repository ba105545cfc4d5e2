"""What is answered while nobody can: a page for people, problem+json (RFC 9457) for programs."""

from http import HTTPStatus
from typing import Final, Literal

import msgspec
from django.template.loader import render_to_string

from lettershop.web.front import App, Receive, Scope, Send
from lettershop.web.pages.errors import ALONE

Code = Literal["cluster.no_leader", "cluster.broken_off", "cluster.standby"]
AFTER: Final = 5
"""Seconds after which to try again."""
_TEXTS: Final[dict[Code, tuple[HTTPStatus, str, str]]] = {
    "cluster.no_leader": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "nobody owns the facts at the moment; events and unsubscribes are taken all the same",
        "a lettershop loader that stands by takes over within seconds: try again",
    ),
    "cluster.broken_off": (
        HTTPStatus.BAD_GATEWAY,
        "the process that owns the facts broke off; what was asked for may have been done",
        "look before you ask for it again",
    ),
    "cluster.standby": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "this process stands by; another owns the facts, or nobody does yet",
        "ask a lettershop web process, which knows who leads",
    ),
}


async def answer(scope: Scope, send: Send, code: Code) -> None:
    status, text, hint = _TEXTS[code]
    accepted = dict(scope["headers"]).get(b"accept", b"")
    if b"text/html" in accepted:
        kind, body = b"text/html; charset=utf-8", _page(status, text, hint)
    else:
        kind, body = b"application/problem+json", _problem(code, status, text, hint)
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"retry-after", str(AFTER).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; style-src 'self'; img-src 'self'"),
    ]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    shown = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": shown})


class StandingBy:
    """What a loader that does not lead answers: `health` how it is; to all else that it cannot."""

    def __init__(self, health: App) -> None:
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] in ("/healthz", "/readyz", "/metrics"):
            await self._health(scope, receive, send)
        else:
            await answer(scope, send, "cluster.standby")


def _page(status: HTTPStatus, text: str, hint: str) -> bytes:
    said = f"{text[0].upper()}{text[1:]}. {hint[0].upper()}{hint[1:]}."
    known = {"status": status.value, "title": "One moment", "text": said, "language": "en"}
    return render_to_string("error.html", ALONE | known).encode()


def _problem(code: Code, status: HTTPStatus, text: str, hint: str) -> bytes:
    return msgspec.json.encode(
        {
            "type": f"urn:lettershop:problem:{code}",
            "title": status.phrase,
            "status": status.value,
            "detail": text,
            "code": code,
            "hint": hint,
        }
    )
