"""SMTP AUTH, the server's side (RFC 4954): so that a client's signing in can be tried."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping

Ask = Callable[[str], Awaitable[str]]
"""Says a challenge in base64, gives back the line that came."""


class Refused(Exception):
    def __init__(self, code: int, status: str, text: str) -> None:
        super().__init__(text)
        self.code, self.status = code, status


async def signed_in(said: str, users: Mapping[str, str], ask: Ask) -> str:
    """The name of who proved to be somebody. `said`: what stood after AUTH."""
    mechanism, _, first = said.strip().partition(" ")
    match mechanism.upper():
        case "PLAIN":
            name, password = _plain(_decoded(first or await ask("")))
        case "LOGIN":
            name = _decoded(first or await ask(_encoded("Username:"))).decode("utf-8", "replace")
            password = _decoded(await ask(_encoded("Password:")))
        case "CRAM-MD5":
            return await _cram(users, ask)
        case _:
            raise Refused(504, "5.5.4", "Not offered")
    known = users.get(name)
    if known is None or not hmac.compare_digest(known.encode(), password):
        raise _wrong()
    return name


def _plain(answer: bytes) -> tuple[str, bytes]:
    parts = answer.split(b"\0")
    if len(parts) != 3:
        raise Refused(501, "5.5.2", "Malformed")
    return parts[1].decode("utf-8", "replace"), parts[2]


async def _cram(users: Mapping[str, str], ask: Ask) -> str:
    challenge = f"<{secrets.token_hex(8)}@mailbox.localhost>"
    answer = _decoded(await ask(_encoded(challenge))).decode("utf-8", "replace")
    name, _, digest = answer.rpartition(" ")
    if name in users:
        expected = hmac.new(users[name].encode(), challenge.encode(), "md5").hexdigest()
        if hmac.compare_digest(expected.encode(), digest.encode()):
            return name
    raise _wrong()


def _wrong() -> Refused:
    return Refused(535, "5.7.8", "Wrong name or password")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(text: str) -> bytes:
    if text.strip() == "*":
        raise Refused(501, "5.7.0", "Given up")
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(501, "5.5.2", "Malformed") from None
