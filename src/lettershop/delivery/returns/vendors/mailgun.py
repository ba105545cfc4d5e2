"""Mailgun: HMAC-SHA256 over time and token with the account's webhook signing key.

Source: Mailgun documentation, "Webhooks" and "Securing webhooks".
"""

import hmac
from typing import Any, Final

from lettershop.delivery.returns.said import Kind
from lettershop.delivery.returns.vendors.common import (
    Told,
    decoded,
    forged,
    mapping,
    seconds,
    text,
)

FRESH: Final = 9 * 3600 * 1000
"""ms: it tries again for eight hours, with the first signature."""
_KINDS: Final[dict[str, Kind]] = {
    "failed": "bounce",
    "rejected": "bounce",
    "delivered": "delivered",
    "complained": "complaint",
    "unsubscribed": "unsubscribe",
}


def told(body: bytes, key: str, now: int) -> list[Told]:
    """AccessError `webhook.signature`, InputError `webhook.body`."""
    said = decoded(body)
    _check(mapping(said).get("signature"), key, now)
    return [_event(mapping(mapping(said).get("event-data")))]


def _check(signature: Any, key: str, now: int) -> None:
    at, token = text(signature, "timestamp"), text(signature, "token")
    wanted = hmac.digest(key.encode(), (at + token).encode(), "sha256").hex()
    if not key or not hmac.compare_digest(wanted.encode(), text(signature, "signature").encode()):
        raise forged()
    when = seconds(at)
    if when is None or abs(now - when) > FRESH:
        raise forged("it is too old")


def _event(event: Any) -> Told:
    status = mapping(event.get("delivery-status"))
    kind = _KINDS.get(text(event, "event"))
    if kind == "bounce" and text(event, "severity") == "temporary":
        kind = "delayed"
    said = text(status, "message") or text(status, "description") or text(event, "reason")
    code = text(status, "code")
    message = mapping(mapping(event.get("message")).get("headers"))
    return Told(
        kind=kind,
        id=text(event, "id") or "event",
        address=text(event, "recipient"),
        message_id=text(message, "message-id"),
        code=int(code) if code.isdecimal() and 400 <= int(code) < 600 else 0,
        status=text(status, "enhanced-code"),
        diagnostic=said,
        at=seconds(event.get("timestamp")),
    )
