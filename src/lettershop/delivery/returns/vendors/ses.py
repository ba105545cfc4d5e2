"""Amazon SES by way of SNS: RSA over named fields, with a certificate from an address of Amazon's.

Source: Amazon SNS documentation, "Verifying the signatures of Amazon SNS messages"; Amazon SES
documentation, "Amazon SNS notification contents".
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import re2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate

from lettershop.delivery.returns.vendors.common import (
    MOST_EVENTS,
    Told,
    decoded,
    forged,
    mapping,
    moment,
    text,
    unbase64,
)
from lettershop.delivery.said import BounceClass
from lettershop.model.errors import AccessError

Fetch = Callable[[str], bytes]
"""Of an address that `is_amazon` allowed; see outgoing/."""
_HOST: Final = re2.compile(r"^sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?$")
_NOTICE: Final = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRM: Final = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SUBTYPES: Final[dict[str, BounceClass]] = {
    "NoEmail": "dead",
    "OnAccountSuppressionList": "dead",
    "Suppressed": "dead",
    "MailboxFull": "full",
    "MessageTooLarge": "message",
    "ContentRejected": "message",
    "AttachmentRejected": "message",
}


def told(body: bytes, topics: Collection[str], fetch: Fetch) -> list[Told]:
    """`topics`: the ARNs that may tell us anything. A confirmation of a subscription tells nothing:
    see `subscription`. AccessError `webhook.signature`, `webhook.topic`; InputError
    `webhook.body`."""
    envelope = _checked(body, topics, fetch)
    if text(envelope, "Type") != "Notification":
        return []
    return _events(mapping(decoded(text_of_any_length(envelope, "Message").encode())))


def subscription(body: bytes, topics: Collection[str], fetch: Fetch) -> str | None:
    """The address to ask once, to confirm a subscription; None where this is none. Raises as
    `told` does: nothing is confirmed for a topic that is not ours."""
    envelope = _checked(body, topics, fetch)
    url = text(envelope, "SubscribeURL")
    if text(envelope, "Type") != "SubscriptionConfirmation" or not is_amazon(url):
        return None
    return url


def is_amazon(url: str) -> bool:
    """Whether it is an https address of SNS, and nothing else."""
    try:
        found = urlsplit(url)
        return (
            found.scheme == "https"
            and found.port in (None, 443)
            and not found.username
            and _HOST.match(found.hostname or "") is not None
        )
    except ValueError:
        return False


def text_of_any_length(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _checked(body: bytes, topics: Collection[str], fetch: Fetch) -> Mapping[str, Any]:
    envelope = mapping(decoded(body))
    topic = text(envelope, "TopicArn")
    if topic not in topics:
        raise AccessError("webhook.topic", f"nobody here listens to “{topic[:200]}”")
    url = text(envelope, "SigningCertURL")
    if not is_amazon(url) or not urlsplit(url).path.endswith(".pem"):
        raise forged("its certificate does not come from Amazon")
    _verify(envelope, fetch(url))
    return envelope


def _verify(envelope: Mapping[str, Any], pem: bytes) -> None:
    kind = text(envelope, "Type")
    names = _NOTICE if kind == "Notification" else _CONFIRM
    said = [(name, text_of_any_length(envelope, name)) for name in names if name in envelope]
    signed = "".join(f"{name}\n{value}\n" for name, value in said).encode()
    newer = text(envelope, "SignatureVersion") == "2"
    digest = hashes.SHA256() if newer else hashes.SHA1()  # noqa: S303  (their version 1)
    try:
        _key(pem).verify(unbase64(text(envelope, "Signature")), signed, padding.PKCS1v15(), digest)
    except InvalidSignature:
        raise forged() from None


@lru_cache(maxsize=8)
def _key(pem: bytes) -> rsa.RSAPublicKey:
    try:
        key = load_pem_x509_certificate(pem).public_key()
    except ValueError:
        raise forged("its certificate cannot be read") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise forged("its certificate is of another kind")
    return key


def _events(message: Mapping[str, Any]) -> list[Told]:
    kind = text(message, "notificationType") or text(message, "eventType")
    mail = mapping(message.get("mail"))
    number = _message_id(mail)
    match kind:
        case "Bounce":
            return _bounces(mapping(message.get("bounce")), number)
        case "Complaint":
            return _complaints(mapping(message.get("complaint")), number)
        case "Delivery":
            return _deliveries(mapping(message.get("delivery")), number)
        case _:
            return []


def _bounces(bounce: Mapping[str, Any], number: str) -> list[Told]:
    subtype = text(bounce, "bounceSubType")
    lasting = text(bounce, "bounceType") == "Permanent"
    return [
        Told(
            kind="bounce",
            id=f"{text(bounce, 'feedbackId')}-{place}",
            address=text(one, "emailAddress"),
            message_id=number,
            status=text(one, "status"),
            diagnostic=text(one, "diagnosticCode").removeprefix("smtp;").strip(),
            fallback=_SUBTYPES.get(subtype, "perhaps_dead" if lasting else "temporary"),
            at=moment(text(bounce, "timestamp")),
        )
        for place, one in enumerate(_list(bounce.get("bouncedRecipients")))
    ]


def _complaints(complaint: Mapping[str, Any], number: str) -> list[Told]:
    return [
        Told(
            kind="complaint",
            id=f"{text(complaint, 'feedbackId')}-{place}",
            address=text(one, "emailAddress"),
            message_id=number,
            diagnostic=text(complaint, "complaintFeedbackType") or "abuse",
            at=moment(text(complaint, "timestamp")),
        )
        for place, one in enumerate(_list(complaint.get("complainedRecipients")))
        if text(complaint, "complaintFeedbackType") != "not-spam"
    ]


def _deliveries(delivery: Mapping[str, Any], number: str) -> list[Told]:
    recipients = [one for one in _list(delivery.get("recipients")) if isinstance(one, str)]
    return [
        Told(
            kind="delivered",
            id=f"{number}-{place}",
            address=one,
            message_id=number,
            diagnostic=text(delivery, "smtpResponse"),
            at=moment(text(delivery, "timestamp")),
        )
        for place, one in enumerate(recipients)
    ]


def _message_id(mail: Mapping[str, Any]) -> str:
    """Ours, where SES tells the headers; it puts its own in the place of it."""
    for one in _list(mail.get("headers")):
        if text(one, "name").lower() in ("x-lettershop-id", "message-id"):
            return text(one, "value")
    common = text(mapping(mail.get("commonHeaders")), "messageId")
    return common or (f"{text(mail, 'messageId')}@email.amazonses.com" if mail else "")


def _list(said: Any) -> list[Any]:
    return said[:MOST_EVENTS] if isinstance(said, list) else []
