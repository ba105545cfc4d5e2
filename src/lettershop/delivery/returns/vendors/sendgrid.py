"""SendGrid: ECDSA (P-256, SHA-256) over time and body, with the key shown in its settings.

Source: Twilio SendGrid documentation, "Event webhook reference" and "Security features".
"""

from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from lettershop.delivery.returns.said import Kind
from lettershop.delivery.returns.vendors.common import (
    MOST_EVENTS,
    Told,
    decoded,
    forged,
    header,
    mapping,
    seconds,
    text,
    unbase64,
)
from lettershop.delivery.said import BounceClass
from lettershop.model.errors import InputError

SIGNATURE: Final = "X-Twilio-Email-Event-Webhook-Signature"
TIME: Final = "X-Twilio-Email-Event-Webhook-Timestamp"
FRESH: Final = 25 * 3600 * 1000
"""ms: it tries again for a day."""
_KINDS: Final[dict[str, Kind]] = {
    "bounce": "bounce",
    "dropped": "bounce",
    "deferred": "delayed",
    "delivered": "delivered",
    "spamreport": "complaint",
    "unsubscribe": "unsubscribe",
    "group_unsubscribe": "unsubscribe",
}
_WORDS: Final[dict[str, BounceClass]] = {
    "Invalid Address": "dead",
    "Mailbox Unavailable": "perhaps_dead",
    "Technical Failure": "temporary",
    "Content": "message",
    "Reputation": "policy",
    "Frequency or Volume Too High": "policy",
}
"""Its bounce classifications."""


def told(headers: Mapping[str, str], body: bytes, key: str, now: int) -> list[Told]:
    """`key`: the verification key, base 64. AccessError `webhook.signature`, InputError
    `webhook.body`, `webhook.key`."""
    at = header(headers, TIME)
    _check(unbase64(header(headers, SIGNATURE)), at.encode() + body, key)
    when = seconds(at)
    if when is None or abs(now - when) > FRESH:
        raise forged("it is too old")
    said = decoded(body)
    return [_event(mapping(one)) for one in (said if isinstance(said, list) else [])[:MOST_EVENTS]]


def _check(signature: bytes, signed: bytes, key: str) -> None:
    try:
        public = load_der_public_key(unbase64(key))
    except (ValueError, UnsupportedAlgorithm):
        raise InputError("webhook.key", "the verification key of SendGrid is none") from None
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise InputError("webhook.key", "the verification key of SendGrid is of another kind")
    try:
        public.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise forged() from None


def _event(event: Mapping[str, Any]) -> Told:
    kind = _KINDS.get(text(event, "event"))
    reason = text(event, "reason") or text(event, "response")
    if text(event, "event") == "dropped":
        kind = None  # not sent at all: their suppression, which a bounce told of before
    return Told(
        kind=kind,
        id=text(event, "sg_event_id") or "event",
        address=text(event, "email"),
        message_id=text(event, "smtp-id"),
        status=text(event, "status"),
        diagnostic=reason,
        fallback=_WORDS.get(text(event, "bounce_classification"), _blocked(event)),
        at=seconds(event.get("timestamp")),
    )


def _blocked(event: Mapping[str, Any]) -> BounceClass:
    return "policy" if text(event, "type") == "blocked" else "unclear"
