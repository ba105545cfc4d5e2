"""A real `lettershop up` with a real sender process, between a mail server it sends to and one that
hands over what comes back."""

import email
import re
import smtplib
import time
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from app.postoffice.window import made
from app.sending.office import template
from serving import PATIENCE, Up

from lettershop.app import records
from lettershop.compliance.book import open_book
from lettershop.compliance.unsubscribe import why_suppressed
from lettershop.delivery import editions
from lettershop.delivery.ledger import controls, counting, planning
from lettershop.delivery.ledger.content import RECIPIENT, SendContent
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.ledger.snapshot import freeze
from lettershop.delivery.mailbox.running import Mailbox, running_mailbox
from lettershop.model.clock import SystemClock
from lettershop.model.settings import Settings
from tests.delivery.returns.mails import FAILED, notification

PEOPLE = {"bob": "bob@client.example", "eve": "eve@client.example", "mo": "bounce+1@client.example"}
LETTER = """+++
subject = "News from {{ contact.city }}"
[missing]
"contact.city" = "you"
+++
<html><body><p>Good morning in {{ contact.city }}.</p>
<p><a href="https://shop.example/offers?to={{ contact.city }}">our offers</a></p>
<p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p></body></html>
"""
POLICY = '[purpose.news]\nbasis = "legitimate_interest"\n[stream.marketing]\n'
NOW = SystemClock().now


class Whole:
    """The server, and the mailbox its letters arrive in."""

    def __init__(self, folder: Path, up: Up, mailbox: Mailbox) -> None:
        self.folder, self.up, self.mailbox = folder, up, mailbox

    def planned(self) -> int:
        digest = editions.keep(template({"news.html": LETTER}), NOW())
        content = SendContent(sender="Ann <ann@news.acme.example>", purpose="news")
        send = planning.begin(
            "campaign:1:1", kind="campaign", name="spring", stream="marketing", at=NOW(),
            content=content.json(),
        )  # fmt: skip
        people = [
            Planned(
                contact=f"user:{name}",
                address=address,
                account="client",
                digest=digest,
                values=freeze({"contact": {"city": "Bonn"}, RECIPIENT: {"zone": "UTC"}}),
            )
            for name, address in PEOPLE.items()
        ]
        planning.plan(send.id, people, NOW())
        return send.id

    def arrived(self, name: str) -> EmailMessage:
        (found,) = self.mailbox.store.to(PEOPLE[name])
        raw = self.mailbox.store.content(found.id)
        return email.message_from_bytes(raw, policy=policy.default)

    def who(self, condition: str) -> Any:
        with self.up.api() as api:
            answer = api.post("/conditions/count", json={"text": condition})
        return answer.json().get("size", 0)

    def reasons(self, address: str) -> list[str]:
        book = open_book(records.secret_key(self.folder / "data").encode())
        return [one.reason for one in why_suppressed(book, address)]


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    folder = made(tmp_path / "shop")
    (folder / "consent.toml").write_text(POLICY, "utf-8")
    with running_mailbox() as mailbox:
        said = {
            "LETTERSHOP_SMTP": mailbox.smtp,
            "LETTERSHOP_LMTP": "data/lmtp.sock",
            "LETTERSHOP_RETURN_ADDRESS": "returns@news.acme.example",
            "LETTERSHOP_POSTAL_ADDRESS": "1 Road, Town",
            "LETTERSHOP_SENDERS": "1",
        }
        with Up(folder, **said) as up:
            records.connect(folder, Settings())
            try:
                yield Whole(folder, up, mailbox)
            finally:
                records.disconnect()


def until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "this takes too long"
        time.sleep(0.02)


def test_letters_leave_and_what_comes_back_is_known(whole: Whole) -> None:
    send, journal = whole.planned(), whole.folder / "data" / "journal"
    until(lambda: [*journal.glob("*.lock")])  # its sender is awake before it is wanted
    controls.start(send, NOW())
    started = time.monotonic()
    until(lambda: whole.mailbox.store.count() or not counting.counts(send).open)
    assert counting.counts(send).states["failed"] == 0, counting.rows(send)
    assert time.monotonic() - started < 5, "a sender looks for work several times a second"
    until(lambda: not counting.counts(send).open)
    counts = counting.counts(send)
    assert counts.adds_up and (counts.states["accepted"], counts.states["refused"]) == (2, 1)

    # one-click, as a mailbox provider does it
    header = whole.arrived("eve")["List-Unsubscribe"]
    link = re.search(r"<(http[^>]+)>", header)
    assert link is not None and "<mailto:u-" in header
    with httpx.Client(trust_env=False) as client:
        for _ in range(2):
            answer = client.post(link[1], data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
        click = re.search(r'href="(http[^"]+/c/[^"]+)"', _html(whole.arrived("eve")))
        assert click is not None
        followed = client.get(click[1].replace("&amp;", "&"))
        assert followed.headers["Location"].startswith("https://shop.example/offers")
    assert whole.reasons(PEOPLE["eve"]) == ["unsubscribe"]

    # a bounce, as the mail server in front of us hands it over
    (letter,) = whole.mailbox.store.to(PEOPLE["bob"])
    with smtplib.LMTP(str(whole.folder / "data" / "lmtp.sock")) as lmtp:
        lmtp.sendmail("", [letter.sender], notification(FAILED))
    until(lambda: whole.reasons(PEOPLE["bob"]))
    assert whole.reasons(PEOPLE["bob"]) == ["bounce"]

    # a refusal while sending
    until(lambda: whole.reasons(PEOPLE["mo"]))
    assert whole.reasons(PEOPLE["mo"]) == ["bounce"]

    whole.up.settled()
    until(lambda: whole.who('did "Email Bounced" where (bounce_class = "dead")') == 2)
    assert whole.who('did "Unsubscribed" exactly 1 times') == 1
    assert whole.who('did "Email Sent"') == 2
    with whole.up.api() as api:
        metrics = api.get(f"{whole.up.url}/metrics").text
        assert 'lettershop_letters_total{outcome="accepted"} 2.0' in metrics
        assert "lettershop_senders_alive 1.0" in metrics
        assert api.get(f"{whole.up.url}/readyz").status_code == 200
        notices = api.get("/notices").json()["items"]
        assert {one["kind"] for one in notices} == {"bounce"} and len(notices) == 2


def _html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())
