"""The answers: small JSON objects, and what pages of other sites may see of them."""

import msgspec

from lettershop.model.errors import (
    AccessError,
    InputError,
    LettershopError,
    NotFound,
    Unavailable,
    UsageError,
)
from lettershop.web.collector.contracts import Message, Send

Header = tuple[bytes, bytes]

COMMON: tuple[Header, ...] = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
)


class Reply(msgspec.Struct, frozen=True):
    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = COMMON


OK = Reply(200, b'{"success": true}')
_OK_START: Message = {
    "type": "http.response.start",
    "status": OK.status,
    "headers": [*OK.headers, (b"content-length", str(len(OK.body)).encode())],
}
_OK_BODY: Message = {"type": "http.response.body", "body": OK.body}


def refused(error: LettershopError) -> Reply:
    """What went wrong, for the program and the person behind it."""
    said = {
        "success": False,
        "code": error.code,
        "message": error.message,
        "where": error.where,
        "hint": error.hint,
    }
    body = msgspec.json.encode({key: value for key, value in said.items() if value != ""})
    status = status_of(error)
    extra: tuple[Header, ...] = ()
    if isinstance(error, Unavailable):
        extra = ((b"retry-after", str(error.retry_after).encode()),)
    if status == 401:
        # Basic works as well, but naming it would make browsers ask people for a password
        extra = ((b"www-authenticate", b'Bearer realm="write key"'),)
    if status == 405:
        extra = ((b"allow", b"POST, OPTIONS"),)
    if error.code == "collector.body_too_large":
        extra = ((b"connection", b"close"),)
    return Reply(status, body, COMMON + extra)


def status_of(error: LettershopError) -> int:
    match error:
        case Unavailable():
            return 429 if error.code == "intake.busy" else 503
        case AccessError():
            return 403 if error.code == "collector.origin" else 401
        case NotFound():
            return 404
        case UsageError():
            return 405
        case InputError():
            return 400
        case _:
            raise error


def json_reply(document: object, *, cache: bytes = b"no-store") -> Reply:
    headers = ((b"content-type", b"application/json"), (b"cache-control", cache), COMMON[2])
    return Reply(200, msgspec.json.encode(document), headers)


class Cors:
    """Which pages' browsers may send: by origin, as `https://www.example.com`, or “*” for all."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._all = "*" in origins
        self._some = frozenset(origin.strip().rstrip("/").lower().encode() for origin in origins)

    def check(self, origin: bytes | None) -> None:
        """AccessError when the page that sends this may not."""
        if origin is not None and not self._all and origin.lower() not in self._some:
            message = "pages of this site may not send events here"
            hint = "add its origin to the setting cors_origins"
            raise AccessError("collector.origin", message, hint=hint)

    def headers(self, origin: bytes | None) -> tuple[Header, ...]:
        """What lets the page read the answer."""
        if self._all:
            return ((b"access-control-allow-origin", b"*"),) if origin is not None else ()
        if origin is None or origin.lower() not in self._some:
            return ((b"vary", b"origin"),)
        return ((b"access-control-allow-origin", origin), (b"vary", b"origin"))


async def send_reply(send: Send, reply: Reply, extra: tuple[Header, ...] = ()) -> None:
    if reply is OK and not extra:  # nearly all of them
        await send(_OK_START)
        await send(_OK_BODY)
        return
    length = (b"content-length", str(len(reply.body)).encode())
    headers = [*reply.headers, *extra]
    if reply.status not in (204, 304):
        headers.append(length)
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
