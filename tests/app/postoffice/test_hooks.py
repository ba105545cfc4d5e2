"""Providers tell by webhook what came back: believed when signed, once whatever way it comes."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from app.postoffice.window import DOMAIN, NOW, Window, window
from django.test import Client

from lettershop.app.postoffice.hooks import Hooks, asked
from lettershop.delivery.models import Bounce
from lettershop.delivery.returns.noticeboard import notices
from lettershop.model.errors import AccessError, NotFound, Unavailable
from lettershop.model.settings import Settings
from lettershop.web.public import hooks as page
from lettershop.web.public.limits import Allowance
from tests.delivery.returns.mails import FAILED, notification
from tests.delivery.returns.test_vendors import PEM, TOPIC, mailgun, sendgrid, sns

POSTMARK = {"Authorization": "Basic " + base64.b64encode(b"lettershop:agreed").decode()}
_, _, KEY = sendgrid()


@pytest.fixture
def post(folder: Path) -> Iterator[Window]:
    said = {"hook_postmark": "agreed", "hook_mailgun": "key", "hook_sendgrid": KEY}
    with window(folder, **said) as opened:
        yield opened


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(page, "WRONG", Allowance(3, 60.0))
    return Client(SERVER_NAME="localhost", enforce_csrf_checks=True)


def told(client: Client, vendor: str, body: bytes, headers: Mapping[str, str]) -> int:
    answer = client.post(
        f"/hooks/mail/{vendor}", body, content_type="application/json", headers=headers
    )
    return answer.status_code


def bounce(row: int) -> bytes:
    said: dict[str, Any] = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "ID": 42,
        "Email": "bob@client.example",
        "Details": "smtp;550 5.1.1 user unknown",
        "Metadata": {"message-id": f"<{row}@{DOMAIN}>"},
        "BouncedAt": "2026-11-23T08:59:30Z",
    }
    return json.dumps(said).encode()


def test_the_same_bounce_by_webhook_and_by_mail_is_one(post: Window, client: Client) -> None:
    row = post.mailed()
    for _ in range(2):
        assert told(client, "postmark", bounce(row), POSTMARK) == 200
    post.hand_in(notification(FAILED), post.address(row))
    post.settled()
    assert post.who('did "Email Bounced" exactly 1 times') == ["user:bob"]
    assert len(post.suppressions()) == Bounce.objects.count() == len(notices()) == 1


def test_other_providers(post: Window, client: Client) -> None:
    row = post.mailed()
    event = {
        "event": "complained",
        "id": "m1",
        "recipient": "bob@client.example",
        "timestamp": NOW / 1000,
        "message": {"headers": {"message-id": f"{row}@{DOMAIN}"}},
    }
    assert told(client, "mailgun", mailgun(event, at=str(NOW // 1000)), {}) == 200
    (one,) = post.suppressions()
    assert (one.reason, one.scope) == ("complaint", "all")
    headers, body, _ = sendgrid({"event": "open"}, at=str(NOW // 1000))
    assert told(client, "sendgrid", body, headers) == 200


def test_what_is_not_set_up_is_not_there(post: Window, client: Client) -> None:
    for vendor in ("ses", "nobody", "SES"):
        assert told(client, vendor, b"{}", {}) == 404
    assert client.get("/hooks/mail/postmark").status_code == 405


def test_what_nobody_signed_is_refused_and_then_not_even_looked_at(
    post: Window, client: Client
) -> None:
    row = post.mailed()
    wrong = {"Authorization": "Basic " + base64.b64encode(b"x:guess").decode()}
    assert [told(client, "postmark", bounce(row), wrong) for _ in range(4)] == [403] * 3 + [429]
    assert post.suppressions() == []


def test_large_and_unreadable_ones(post: Window, client: Client) -> None:
    assert told(client, "postmark", b"{" * 2_000_001, POSTMARK) == 413
    assert told(client, "postmark", b"{" * 3_000_000, POSTMARK) == 413
    assert told(client, "postmark", b"{", POSTMARK) == 400


def test_ses_by_way_of_sns(folder: Path) -> None:
    with window(folder, started=False) as post:
        row, questions = post.mailed(), list[str]()

        def ask(url: str) -> bytes:
            questions.append(url)
            return PEM

        taking, settings = post.office.returns.taking, Settings(hook_ses=TOPIC)
        hooks = Hooks(settings, taking, post.clock, ask)
        address = {"emailAddress": "bob@client.example", "diagnosticCode": "550 5.1.1 unknown user"}
        message = {
            "notificationType": "Bounce",
            "mail": {"headers": [{"name": "Message-ID", "value": f"<{row}@{DOMAIN}>"}]},
            "bounce": {
                "bounceType": "Permanent",
                "feedbackId": "f",
                "bouncedRecipients": [address],
            },
        }
        for _ in range(2):
            assert hooks.take("ses", {}, sns(message)) == 1
        assert len(questions) == len(post.suppressions()) == 1
        url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
        confirm = sns("welcome", "SubscriptionConfirmation", SubscribeURL=url, Token="t")
        assert hooks.take("ses", {}, confirm) == 0 and questions[-1] == url
        with pytest.raises(AccessError):
            Hooks(Settings(hook_ses="arn:other"), taking, post.clock, ask).take("ses", {}, confirm)
        with pytest.raises(NotFound):
            hooks.take("mailgun", {}, b"{}")


@pytest.mark.parametrize(
    "url", ["https://evil.example/x.pem", "http://sns.eu-west-1.amazonaws.com/x.pem", "file:///x"]
)
def test_nobody_but_amazon_is_asked(url: str) -> None:
    with pytest.raises(Unavailable):
        asked(url)
