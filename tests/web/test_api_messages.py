"""Messages over the API, from the request to the mailbox."""

import base64
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
from api_client import Crm
from message_shop import ORDER, deliver, message_shop
from opened_shop import Shop

from lettershop.app.messaging.answers import message_answer
from lettershop.delivery.mailbox.running import Mailbox, running_mailbox
from lettershop.delivery.models import Message
from lettershop.web.api import PREFIX

ANN = {"user_id": "U1"}
RECEIPT = {"template": "receipt", "to": ANN, "data": ORDER}
PDF = bytes(range(256)) * 5_000
TICKET = {"name": "Rechnung März.pdf", "type": "application/pdf"}
VISIT = {
    "uid": "visit-17@example.com",
    "summary": "Demo, with Ännchen",
    "start": "2026-03-05T10:00+01:00",
    "end": "2026-03-05T11:00+01:00",
    "organizer": "Kim <kim@example.com>",
    "location": "Köln",
}


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with message_shop(tmp_path / "shop", empty_records) as opened:
        yield opened


def delivered(shop: Shop, mailbox: Mailbox, number: int) -> None:
    settings = msgspec.structs.replace(shop.engine.workspace.settings, smtp=mailbox.smtp)
    deliver(shop.path, lambda: message_answer(number).state == "accepted", settings=settings)


def arrived(mailbox: Mailbox, address: str) -> EmailMessage:
    (mail,) = mailbox.store.to(address)
    parsed = message_from_bytes(mailbox.store.content(mail.id), policy=policy.default)
    assert isinstance(parsed, EmailMessage) and not parsed.defects
    return parsed


def test_a_message_with_a_file_and_an_invitation_arrives(shop: Shop) -> None:
    crm = Crm(shop)
    file = TICKET | {"content": base64.b64encode(PDF).decode()}
    body = RECEIPT | {"attachments": [file], "invitation": VISIT, "key": "visit-17"}
    asked = crm.post("/messages", body, 202)
    assert (asked["state"], asked["to"], asked["settled_at"]) == (
        "planned",
        "Ann@example.com",
        None,
    )
    with running_mailbox() as mailbox:
        delivered(shop, mailbox, asked["id"])
        got = arrived(mailbox, "ann@example.com")
    assert (got["Subject"], got["From"]) == ("Receipt R-17 for Ann", "Shop <shop@example.com>")
    (attached,) = got.iter_attachments()
    assert attached.get_filename() == "Rechnung März.pdf" and attached.get_content() == PDF
    (calendar,) = [part for part in got.walk() if part.get_content_type() == "text/calendar"]
    assert calendar.get_param("method") == "REQUEST"
    lines = calendar.get_content().replace("\r\n ", "").splitlines()
    assert "DTSTART:20260305T090000Z" in lines and "SUMMARY:Demo\\, with Ännchen" in lines
    assert any(line.startswith("ATTENDEE") and "mailto:Ann@example.com" in line for line in lines)
    shown = crm.get(f"/messages/{asked['id']}")
    assert (shown["state"], shown["code"], shown["message_id"]) == (
        "accepted", 250, got["Message-ID"],
    )  # fmt: skip
    (listed,) = crm.get("/messages", to="ANN@Example.com")["items"]
    assert listed == shown
    assert crm.post("/messages", body) == shown


def test_a_key_makes_it_one_message(shop: Shop) -> None:
    crm = Crm(shop)
    first = crm.post("/messages", RECEIPT | {"key": "a"}, 202)
    assert crm.post("/messages", RECEIPT | {"key": "a"}) == first
    other = RECEIPT | {"key": "a", "data": ORDER | {"order": "R-18"}}
    assert crm.post("/messages", other, 409)["code"] == "request.key_reused"
    crm.headers["Idempotency-Key"] = "b"
    by_header = crm.post("/messages", RECEIPT, 202)
    assert by_header["key"] == "b" and crm.post("/messages", RECEIPT, 202) == by_header
    assert crm.post("/messages", other, 409)["code"] == "request.key_reused"
    crm.headers.pop("Idempotency-Key")
    assert crm.post("/messages", RECEIPT | {"key": "b"})["id"] == by_header["id"]
    assert Message.objects.count() == 2


def test_what_is_wrong_is_said_with_findings(shop: Shop) -> None:
    crm = Crm(shop)
    broken = crm.post("/messages", RECEIPT | {"data": {"note": "thanks"}}, 422)
    assert broken["code"] == "letter.missing"
    assert "message.order" in broken["findings"][0]["message"]
    assert broken["findings"][0]["source"] == "content/receipt.html"
    skipped = crm.post("/messages", {"template": "account/password", "to": ANN}, 422)
    assert (skipped["code"], "no code" in skipped["detail"]) == ("message.skipped", True)
    assert (
        crm.post("/messages", RECEIPT | {"template": "offer"}, 422)["code"] == "message.marketing"
    )
    assert crm.post("/messages", RECEIPT | {"template": "none"}, 404)["code"] == "template.unknown"
    typo = RECEIPT | {"acount": "acme"}
    assert crm.post("/messages", typo, 400)["code"] == "request.shape"
    assert crm.post("/messages", RECEIPT | {"at": "soon"}, 422)["code"] == "time.unreadable"
    file = TICKET | {"content": "not base64"}
    assert crm.post("/messages", RECEIPT | {"attachments": [file]}, 400)["code"] == "request.shape"
    back = RECEIPT | {"invitation": VISIT | {"end": VISIT["start"]}}
    assert crm.post("/messages", back, 400)["code"] == "invitation.time"
    assert crm.get("/messages/99", 404)["code"] == "message.unknown"
    assert not Message.objects.exists()


def test_ten_megabytes_are_taken_and_not_more(shop: Shop) -> None:
    crm = Crm(shop)
    crm.headers["Idempotency-Key"] = "large"

    def body(size: int) -> dict[str, Any]:
        file = TICKET | {"content": base64.b64encode(b"x" * size).decode()}
        return RECEIPT | {"attachments": [file]}

    crm.post("/messages", body(10 * 1024 * 1024), 202)
    crm.headers.pop("Idempotency-Key")
    assert crm.post("/messages", body(10 * 1024 * 1024 + 1), 400)["code"] == "message.files"
    assert crm.post("/messages", body(12 * 1024 * 1024), 413)["code"] == "request.too_large"


def test_only_editors_send_and_anybody_with_a_token_looks(shop: Shop) -> None:
    crm = Crm(shop)
    asked = crm.post("/messages", RECEIPT, 202)
    crm.headers = shop.bearer("viewer")
    assert crm.post("/messages", RECEIPT, 403)["code"] == "access.role"
    assert crm.get(f"/messages/{asked['id']}")["id"] == asked["id"]
    assert crm.client.get(f"{PREFIX}/messages?to=ann@example.com").status_code == 401
