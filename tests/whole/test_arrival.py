"""Proof 1, through all of it: people and their consent come in, a campaign is drafted, checked and
approved in a running server; its letters go to Postfix, which asks opendkim and opendmarc, and on
to Dovecot. Each mailbox has exactly one mail or, with a reason, none; its receivers say dkim=pass
and dmarc=pass; what came of it are facts again; and everybody is accounted for."""

import re
import smtplib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import Up

from lettershop.delivery.ledger import counting
from lettershop.delivery.ledger.rows import Listed
from lettershop.delivery.returns.verp import unverp
from tests.delivery.returns.post_office import free_port, running
from tests.mail_parts.dovecot import Dovecot, dovecot
from tests.mail_parts.milters import HOST, opendkim, opendmarc
from tests.mail_parts.names import running_names
from tests.mail_parts.programs import until
from tests.whole.world import Person, World, world

NAMES = ("", "Eva Núñez", "Jörg", "O'Hara, Ann", "王芳")
PEOPLE = [
    Person(f"p{n}@client.example", NAMES[n % 5], language=("", "de")[n % 3 == 0])
    for n in range(300)
]
SILENT = PEOPLE[-10:]
"""They never said yes."""
GONE = PEOPLE[:5]
"""They said no afterwards."""
SEGMENTS = """
[[segment]]
name = "regulars"
title = "Regulars"
where = 'plan = "regular"'
"""
CAMPAIGN = """
title = "News"
content = "news"
include = ["regulars"]
purpose = "newsletter"
holdout = 20
"""


class Office:
    """The server's API, as a program asks it; `port`: of Postfix."""

    def __init__(self, shop: World, server: Up, mailboxes: Dovecot, port: int, log: Path) -> None:
        self.shop, self.server, self.mailboxes = shop, server, mailboxes
        self.port, self.log = port, log

    def said(self) -> str:
        return self.server.log()[-3_000:] + self.log.read_text()[-2_000:]

    def __call__(self, method: str, path: str, **said: Any) -> Any:
        with self.server.api() as client:
            found: httpx.Response = client.request(method, path, **said)
        assert found.is_success, f"{found.text}\n{self.said()}"
        return found.json()

    def campaign(self) -> Mapping[str, Any]:
        shown: Mapping[str, Any] = self("GET", "/campaigns/news")
        return shown

    def happened(self, who: str) -> list[str]:
        """Names of events."""
        shown = self("GET", f"/contacts/{who}/timeline", params={"kind": "event"})
        return [one["name"] for one in shown["items"]]


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    port = free_port()
    with ExitStack() as parts:
        shop = parts.enter_context(world(folder, smtp=f"smtp://127.0.0.1:{port}", senders=1))
        (shop.folder / "segments" / "regulars.toml").write_text(SEGMENTS)
        names = parts.enter_context(running_names(shop.dns))
        asked = [parts.enter_context(each(names)) for each in (opendkim, opendmarc)]
        mailboxes = parts.enter_context(dovecot({one.contact[5:]: 0 for one in PEOPLE}))
        there = {"client.example": f"lmtp:inet:127.0.0.1:{mailboxes.port}"}
        more = {"smtpd_milters": ", ".join(asked), "milter_default_action": "tempfail"}
        _, log = parts.enter_context(running(there, port=port, **more))
        server = parts.enter_context(Up(shop.folder))
        yield Office(shop, server, mailboxes, port, log)


def contact(one: Person) -> dict[str, Any]:
    said = {"first_name": one.name, "language": one.language}
    traits = {"plan": "regular"} | {name: value for name, value in said.items() if value}
    return {"user_id": one.contact[5:], "email": one.address, "traits": traits}


def test_a_campaign_from_people_to_mailboxes(tmp_path: Path) -> None:
    with office(tmp_path / "shop") as ask:
        assert ask("POST", "/contacts", json=[*map(contact, PEOPLE)])["new"] == len(PEOPLE)
        ask.server.settled()
        ask.shop.agreed(PEOPLE[: -len(SILENT)])
        ask.shop.left(GONE)

        proof = ask("POST", "/content/news/proofs", json={"segment": "regulars"})
        until(lambda: ask("GET", f"/proofs/{proof['id']}")["state"] != "running", said=ask.said)
        ask("PUT", "/campaigns/news", json={"text": CAMPAIGN, "source": "campaigns/news.toml"})
        ask("POST", "/campaigns/news/check")
        until(lambda: ask.campaign()["state"] == "checked", said=lambda: problems(ask))
        ask("POST", "/campaigns/news/approve")
        until(lambda: ask.campaign()["state"] == "done", said=lambda: problems(ask))

        shown = ask.campaign()
        figures = shown["figures"]
        assert figures["adds_up"] and figures["planned"] == len(PEOPLE)
        assert figures["accepted"] + figures["suppressed"] == len(PEOPLE)
        why = figures["suppressed_by"]
        assert set(why) == {"holdout", "consent.none", "suppressed.unsubscribe"}, why
        until(lambda: ask.mailboxes.count() >= figures["accepted"], said=ask.said)
        rows = counting.rows(shown["send"], limit=len(PEOPLE))
        for row in rows:
            mails = ask.mailboxes.mails(row.contact[5:])
            assert len(mails) == (1 if row.state == "accepted" else 0), row
            for mail in mails:
                trusted(mail, row, ask.shop.secret)
        told = next(row for row in rows if row.state == "accepted")
        forged(ask.mailboxes.mails(told.contact[5:])[0], ask.port)
        until(lambda: "Email Sent" in ask.happened(told.contact), said=ask.said)
        assert "Email Sent" not in ask.happened(SILENT[0].contact)


def trusted(mail: bytes, row: Listed, secret: bytes) -> None:
    """Those who took it in say that it is from whom it says; and it is that of this row."""
    read = message_from_bytes(mail, policy=policy.default)
    said = " ".join(map(str, read.get_all("Authentication-Results", [])))
    assert re.search(rf"{HOST};\s+dkim=pass \(2048-bit key", said), said
    assert f"{HOST}; dmarc=pass (p=reject" in said, said
    assert read["Message-ID"] == row.message_id
    assert unverp(secret, str(read["Return-Path"]).strip("<>")) == row.id
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    german = row.language == "de"
    assert ("das ist neu" in str(read["Subject"])) == german, read["Subject"]


def forged(mail: bytes, port: int) -> None:
    """The same letter is taken again, but not with one word exchanged: they really look."""
    ours = mail[mail.index(b"DKIM-Signature:") :].replace(b"\n", b"\r\n")
    envelope = ("bounces@shop.example", ["p1@client.example"])
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as smtp:
        smtp.sendmail(*envelope, ours)
        with pytest.raises(smtplib.SMTPDataError, match="rejected by DMARC policy"):
            smtp.sendmail(*envelope, ours.replace(b"November", b"December", 1))


def problems(ask: Office) -> str:
    shown = ask.campaign()
    checks = (shown.get("preflight") or {}).get("checks", [])
    failed = [one for one in checks if one["held"] == "fails"]
    return f"{shown['state']} {shown['reason']} {shown['problem']} {failed}\n{ask.said()}"
