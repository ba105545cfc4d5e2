"""Postmark: it signs nothing; the webhook's address carries a user and password (HTTP Basic), or a
header of one's own. Source: Postmark documentation, "Bounce webhook", "Securing your webhook".
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final

from lettershop.delivery.returns.said import Kind
from lettershop.delivery.returns.vendors.common import (
    Told,
    decoded,
    forged,
    header,
    mapping,
    moment,
    text,
    unbase64,
)
from lettershop.delivery.said import BounceClass

SECRET_HEADER: Final = "X-Lettershop-Secret"  # noqa: S105  (its name)
_KINDS: Final[dict[str, Kind]] = {
    "Bounce": "bounce",
    "SpamComplaint": "complaint",
    "Delivery": "delivered",
}
_BOUNCES: Final[dict[str, tuple[Kind, BounceClass]]] = {
    "HardBounce": ("bounce", "dead"),
    "BadEmailAddress": ("bounce", "dead"),
    "SoftBounce": ("bounce", "unclear"),
    "Transient": ("delayed", "temporary"),
    "DnsError": ("bounce", "temporary"),
    "SpamNotification": ("bounce", "policy"),
    "Blocked": ("bounce", "policy"),
    "DMARCPolicy": ("bounce", "policy"),
    "VirusNotification": ("bounce", "message"),
    "AutoResponder": ("auto_reply", "unclear"),
    "ChallengeVerification": ("challenge", "unclear"),
    "AddressChange": ("auto_reply", "unclear"),
    "SpamComplaint": ("complaint", "unclear"),
    "Unsubscribe": ("unsubscribe", "unclear"),
}


def told(headers: Mapping[str, str], body: bytes, secret: str) -> list[Told]:
    """AccessError `webhook.signature`, InputError `webhook.body`."""
    if not secret or not _knows(headers, secret):
        raise forged("the password is not the one that was agreed")
    return [_event(mapping(decoded(body)))]


def _knows(headers: Mapping[str, str], secret: str) -> bool:
    said = header(headers, SECRET_HEADER).encode()
    basic = header(headers, "Authorization")
    if basic.lower().startswith("basic "):
        said = unbase64(basic[6:].strip()).partition(b":")[2]
    return hmac.compare_digest(said, secret.encode())


def _event(event: Mapping[str, Any]) -> Told:
    kind: Kind | None = _KINDS.get(text(event, "RecordType"))
    fallback: BounceClass = "unclear"
    if kind == "bounce":
        kind, fallback = _BOUNCES.get(text(event, "Type"), ("bounce", "unclear"))
    if text(event, "RecordType") == "SubscriptionChange":
        kind = "unsubscribe" if event.get("SuppressSending") is True else None
        if text(event, "SuppressionReason") in ("HardBounce", "SpamComplaint"):
            kind = None  # told by a webhook of its own
    number = text(event, "MessageID")
    metadata = mapping(event.get("Metadata"))
    return Told(
        kind=kind,
        id=text(event, "ID") or number or "event",
        address=text(event, "Email") or text(event, "Recipient"),
        message_id=text(metadata, "message-id") or (f"{number}@mtasv.net" if number else ""),
        diagnostic=text(event, "Details") or text(event, "Description"),
        fallback=fallback,
        at=moment(text(event, "BouncedAt") or text(event, "DeliveredAt")),
    )
