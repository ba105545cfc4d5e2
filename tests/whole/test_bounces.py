"""Proof 4: Postfix made to bounce for real. Its notifications come back by LMTP into a running
server, land on the right contact in the right class, suppress whom they should, and are events."""

import smtplib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from serving import Up

from lettershop.compliance.suppression import look_up
from lettershop.delivery.ledger import counting, planning
from lettershop.model.clock import SystemClock
from tests.delivery.returns.post_office import free_port, running
from tests.mail_parts.dovecot import dovecot
from tests.mail_parts.programs import until
from tests.mail_parts.provider import Provider, running_provider
from tests.whole.world import RETURNS, Person, World, done, world

AWAY = """From: Away <away@elsewhere.example>
To: ann@shop.example
Subject: Automatic reply: {subject}
In-Reply-To: {message_id}
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: All

I am out of the office until 14 January 2027.
"""
"""What some servers answer to every letter; others know better than to answer those of programs."""
REFUSALS = {
    "blocked": "554 5.7.1 Service unavailable; client host blocked using a block list",
    "disabled": "550 5.2.1 The email account that you tried to reach is disabled",
    "gone": "550 5.1.1 The email account that you tried to reach does not exist",
}
"""What the server of another client says to Postfix."""
CLASSES = {
    "dead": "dead",  # Dovecot does not know them
    "full": "full",
    "blocked": "policy",
    "disabled": "perhaps_dead",
    "gone": "dead",
}


class Office(msgspec.Struct, frozen=True):
    """`elsewhere`: the other client's server; `port`: of Postfix. `said`: what all of them have
    logged, for a failure."""

    shop: World
    server: Up
    log: Path
    mailboxes: Path
    elsewhere: Provider
    port: int

    def said(self) -> str:
        return "\n".join(
            (self.server.log()[-2_000:], self.log.read_text()[-3_000:], self.mailboxes.read_text())
        )

    def events(self, name: str) -> list[dict[str, Any]]:
        """Of a contact; none while it is not known."""
        with self.server.api() as client:
            found = client.get(f"/contacts/user:{name}/timeline", params={"kind": "event"})
            return list(found.json()["items"]) if found.status_code == 200 else []


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A server, and the Postfix that it hands its letters to, and that brings back what returns."""
    with office_in(tmp_path / "shop") as made:
        yield made


@contextmanager
def office_in(folder: Path) -> Iterator[Office]:
    port, lmtp = free_port(), free_port()
    with ExitStack() as parts:
        mailboxes = parts.enter_context(dovecot({"alive": 0, "full": 2_000}))
        elsewhere = Provider(refusals=REFUSALS)
        there_too = parts.enter_context(running_provider(elsewhere))
        there = {
            "client.example": f"lmtp:inet:127.0.0.1:{mailboxes.port}",
            "elsewhere.example": f"smtp:[127.0.0.1]:{there_too}",
            RETURNS: f"lmtp:inet:127.0.0.1:{lmtp}",
        }
        _, log = parts.enter_context(running(there, port=port))
        places = {"smtp": f"smtp://127.0.0.1:{port}", "lmtp": f"127.0.0.1:{lmtp}"}
        shop = parts.enter_context(world(folder, senders=1, **places))
        server = parts.enter_context(Up(shop.folder))
        yield Office(shop, server, log, mailboxes.log, elsewhere, port)


def test_real_bounces_become_events_and_suppress_whom_they_should(office: Office) -> None:
    shop, elsewhere = office.shop, [*REFUSALS, "fine", "away"]
    people = [Person(f"{name}@client.example", name) for name in ("alive", "dead", "full")]
    people += [Person(f"{name}@elsewhere.example", name) for name in elsewhere]
    send = shop.start(shop.campaign(people))
    found = done(send, office.said)
    assert found.states["accepted"] == found.planned == len(people), "Postfix takes them all"
    answered(office, "away@elsewhere.example")

    for name, bounce_class in CLASSES.items():
        (bounce,) = awaited(office, name, "Email Bounced")
        said = bounce["properties"]
        assert said["bounce_class"] == bounce_class, bounce
        assert said["fault"] == ("ours" if bounce_class == "policy" else "theirs")
        assert said["send"] == planning.send(send).key
    (reply,) = awaited(office, "away", "Email Auto Replied")
    assert reply["properties"]["send"] == planning.send(send).key
    for name in ("alive", "fine", "away"):
        assert not [one for one in office.events(name) if one["name"] == "Email Bounced"]

    suppressed = {one.address for one in people if reasons(shop, one.address)}
    assert suppressed == {"dead@client.example", "gone@elsewhere.example"}
    again = shop.start(shop.campaign(people, "again"))
    second = done(again, office.said)
    assert second.states["suppressed"] == 2
    assert second.states["accepted"] == len(people) - 2
    rows = {row.contact: row for row in counting.rows(again)}
    assert rows["user:dead"].reason == rows["user:gone"].reason == "suppressed.bounce"


def answered(office: Office, who: str) -> None:
    """By their server, to the envelope's sender, as soon as the letter has come."""
    provider = office.elsewhere
    until(lambda: who in provider.senders, said=office.said)
    letter = message_from_bytes(provider.letters[who], policy=policy.default)
    reply = AWAY.format(subject="Your offers", message_id=letter["Message-ID"])
    with smtplib.SMTP("127.0.0.1", office.port, timeout=20) as smtp:
        smtp.sendmail("", [provider.senders[who]], reply)


def awaited(office: Office, name: str, event: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []

    def there() -> bool:
        found[:] = [one for one in office.events(name) if one["name"] == event]
        return bool(found)

    until(there, said=office.said)
    return found


def reasons(shop: World, address: str) -> list[str]:
    hashed = shop.compliance.book.hashed(address).hash
    return [one.reason for one in look_up([hashed], SystemClock().now()).get(hashed, ())]
