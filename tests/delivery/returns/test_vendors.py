"""Webhooks of providers: only what they signed is read, and it means what it says."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, seed, settings, strategies as st
from seeds import seed as chosen

from lettershop.delivery.returns.vendors import ses
from lettershop.delivery.returns.vendors.parsing import VENDORS, Vendor, parse
from lettershop.model.errors import AccessError, InputError, LettershopError
from tests.delivery.returns.office import MONDAY

NOW = MONDAY
SECONDS = str(NOW // 1000)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    when = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, RSA.public_key(), 1)
    made = made.not_valid_before(when).not_valid_after(when + timedelta(900))
    return made.sign(RSA, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


PEM = pem()


def mailgun(event: dict[str, Any], key: str = "key", at: str = SECONDS) -> bytes:
    signature = hmac.digest(key.encode(), f"{at}token".encode(), "sha256").hex()
    signed = {"timestamp": at, "token": "token", "signature": signature}
    return json.dumps({"signature": signed, "event-data": event}).encode()


def sendgrid(*events: dict[str, Any], at: str = SECONDS) -> tuple[dict[str, str], bytes, str]:
    body = json.dumps(events).encode()
    signature = EC.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))
    key = EC.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    headers = {
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": at,
    }
    return headers, body, base64.b64encode(key).decode()


def sns(message: dict[str, Any] | str, kind: str = "Notification", **other: str) -> bytes:
    said = {
        "Type": kind,
        "MessageId": "m1",
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2026-11-23T09:00:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
        **other,
    }
    names = ses._NOTICE if kind == "Notification" else ses._CONFIRM
    signed = "".join(f"{name}\n{said[name]}\n" for name in names if name in said).encode()
    digest = hashes.SHA256() if said["SignatureVersion"] == "2" else hashes.SHA1()  # noqa: S303
    said["Signature"] = base64.b64encode(RSA.sign(signed, padding.PKCS1v15(), digest)).decode()
    return json.dumps(said).encode()


def of_ses(body: bytes, topics: str = TOPIC) -> list[Any]:
    return parse("ses", {}, body, topics, now=NOW, fetch=lambda url: PEM)


SES_BOUNCE = {
    "notificationType": "Bounce",
    "mail": {"messageId": "x1", "headers": [{"name": "Message-ID", "value": "<l1@acme.example>"}]},
    "bounce": {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "timestamp": "2026-11-23T09:00:00.000Z",
        "feedbackId": "f1",
        "bouncedRecipients": [
            {
                "emailAddress": "Bob@client.example",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            },
            {"emailAddress": "eve@client.example"},
        ],
    },
}


def test_ses() -> None:
    for version in ("1", "2"):
        bob, eve = of_ses(sns(SES_BOUNCE, SignatureVersion=version))
        assert (bob.kind, bob.worst, bob.message_id) == ("bounce", "dead", "<l1@acme.example>")
        assert bob.affected[0].address == "bob@client.example"
        assert eve.worst == "perhaps_dead"
    complaint = {
        "notificationType": "Complaint",
        "mail": {"messageId": "x1"},
        "complaint": {
            "complainedRecipients": [{"emailAddress": "b@c.example"}],
            "feedbackId": "f",
        },
    }
    (one,) = of_ses(sns(complaint))
    assert (one.kind, one.message_id) == ("complaint", "<x1@email.amazonses.com>")


def test_ses_subscriptions_are_confirmed_for_our_topics_alone() -> None:
    url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    asked = sns("welcome", "SubscriptionConfirmation", SubscribeURL=url, Token="t")
    assert of_ses(asked) == []
    assert ses.subscription(asked, [TOPIC], lambda _: PEM) == url
    with pytest.raises(AccessError, match="nobody here listens"):
        ses.subscription(asked, ["arn:other"], lambda _: PEM)
    evil = sns("x", "SubscriptionConfirmation", SubscribeURL="https://evil.example/", Token="t")
    assert ses.subscription(evil, [TOPIC], lambda _: PEM) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://s3.amazonaws.com/a.pem",
        "https://[::1/a.pem",
        "",
    ],
)
def test_certificates_come_from_amazon(url: str) -> None:
    asked: list[str] = []
    with pytest.raises(AccessError, match="Amazon"):
        parse("ses", {}, sns("{}", SigningCertURL=url), TOPIC, now=NOW, fetch=asked.append)  # type: ignore[arg-type, func-returns-value]
    assert asked == []


def test_sendgrid() -> None:
    headers, body, key = sendgrid(
        {
            "event": "bounce",
            "email": "b@c.example",
            "smtp-id": "<l1@acme.example>",
            "status": "5.1.1",
            "reason": "550 5.1.1 user unknown",
            "timestamp": NOW // 1000,
            "sg_event_id": "e1",
        },
        {"event": "open", "email": "b@c.example"},
        {"event": "bounce", "type": "blocked", "email": "b@c.example", "reason": "who knows"},
        {"event": "deferred", "email": "b@c.example", "response": "421 later"},
        {"event": "spamreport", "email": "b@c.example"},
        {"event": "group_unsubscribe", "email": "b@c.example"},
        {"event": "dropped", "email": "b@c.example", "reason": "Bounced Address"},
    )
    found = parse("sendgrid", headers, body, key, now=NOW)
    kinds = [(one.kind, one.worst) for one in found]
    assert kinds == [
        ("bounce", "dead"),
        ("bounce", "policy"),
        ("delayed", "temporary"),
        ("complaint", "unclear"),
        ("unsubscribe", "unclear"),
    ]
    assert (found[0].message_id, found[0].at) == ("<l1@acme.example>", NOW)


def test_mailgun() -> None:
    failed = {
        "event": "failed",
        "severity": "permanent",
        "id": "e1",
        "timestamp": NOW / 1000,
        "recipient": "b@c.example",
        "message": {"headers": {"message-id": "l1@acme.example"}},
        "delivery-status": {"code": 550, "message": "5.2.2 mailbox full"},
    }
    (one,) = parse("mailgun", {}, mailgun(failed), "key", now=NOW)
    assert (one.kind, one.worst, one.message_id) == ("bounce", "full", "<l1@acme.example>")
    (one,) = parse("mailgun", {}, mailgun(failed | {"severity": "temporary"}), "key", now=NOW)
    assert one.kind == "delayed"
    assert parse("mailgun", {}, mailgun({"event": "opened"}), "key", now=NOW) == []


def test_postmark() -> None:
    bounce = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "ID": 42,
        "Email": "b@c.example",
        "MessageID": "883953f4",
        "Details": "something odd",
        "BouncedAt": "2026-11-23T09:00:00Z",
    }
    basic = base64.b64encode(b"user:pass").decode()
    for headers in ({"Authorization": f"Basic {basic}"}, {"x-lettershop-secret": "pass"}):
        (one,) = parse("postmark", headers, json.dumps(bounce).encode(), "pass", now=NOW)
        assert (one.kind, one.worst, one.at) == ("bounce", "dead", NOW)
        assert one.message_id == "<883953f4@mtasv.net>"
    auto = json.dumps(bounce | {"Type": "AutoResponder"}).encode()
    (one,) = parse("postmark", {"X-Lettershop-Secret": "pass"}, auto, "pass", now=NOW)
    assert one.kind == "auto_reply"


def forgeries() -> list[tuple[Vendor, dict[str, str], bytes, str]]:
    headers, body, key = sendgrid({"event": "bounce"})
    old = sendgrid({"event": "bounce"}, at=str(NOW // 1000 - 200_000))
    signed = json.loads(sns(SES_BOUNCE))
    return [
        ("mailgun", {}, mailgun({"event": "failed"}, key="other"), "key"),
        ("mailgun", {}, mailgun({"event": "failed"}, key=""), ""),
        ("mailgun", {}, mailgun({"event": "failed"}, at="1000000000"), "key"),
        ("mailgun", {}, b"{}", "key"),
        ("sendgrid", headers, body + b" ", key),
        ("sendgrid", {}, body, key),
        ("sendgrid", *old),
        ("postmark", {}, b"{}", "pass"),
        ("postmark", {}, b"{}", ""),
        ("postmark", {"Authorization": "Basic !!"}, b"{}", "pass"),
        ("ses", {}, json.dumps(signed | {"Message": "{}"}).encode(), TOPIC),
        ("ses", {}, json.dumps(signed | {"TopicArn": "arn:other"}).encode(), TOPIC),
        ("ses", {}, json.dumps(signed | {"Signature": "!"}).encode(), TOPIC),
        ("ses", {}, sns(SES_BOUNCE), ""),
    ]


@pytest.mark.parametrize("case", forgeries(), ids=range(14))
def test_what_they_did_not_sign_is_not_read(
    case: tuple[Vendor, dict[str, str], bytes, str],
) -> None:
    vendor, headers, body, secret = case
    with pytest.raises(AccessError) as raised:
        parse(vendor, headers, body, secret, now=NOW, fetch=lambda url: PEM)
    assert raised.value.code in ("webhook.signature", "webhook.topic")


def test_a_key_that_is_none_is_said() -> None:
    headers, body, _ = sendgrid({"event": "bounce"})
    with pytest.raises(InputError, match="key"):
        parse("sendgrid", headers, body, "AAAA", now=NOW)


KEYS = st.text(max_size=5) | st.sampled_from(
    (
        *("event", "recipient", "message", "headers", "delivery-status", "code", "RecordType"),
        *("bounce", "mail", "bouncedRecipients", "emailAddress", "notificationType", "Type"),
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@seed(chosen())
@settings(max_examples=60, deadline=None)
@given(JSON)
def test_anything_that_is_signed_is_read_without_a_fault(said: Any) -> None:
    headers, body, key = sendgrid(said)
    parse("sendgrid", headers, body, key, now=NOW)
    parse("mailgun", {}, mailgun(said), "key", now=NOW)
    parse("postmark", {"X-Lettershop-Secret": "p"}, json.dumps(said).encode(), "p", now=NOW)
    of_ses(sns(json.dumps(said)))


@seed(chosen())
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(VENDORS))
def test_anything_else_is_refused_as_ours(body: bytes, vendor: Vendor) -> None:
    headers = {"Authorization": "Basic abc", "X-Twilio-Email-Event-Webhook-Signature": "abc="}
    with pytest.raises(LettershopError):
        parse(vendor, headers, body, "AAAA", now=NOW, fetch=lambda url: PEM)
