"""Proof 1: our sender processes -> Postfix, which asks opendkim and opendmarc -> Dovecot. Each
mailbox has exactly one mail, and its receivers say dkim=pass and dmarc=pass."""

import re
from contextlib import ExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from lettershop.delivery.ledger import counting
from lettershop.delivery.returns.verp import unverp
from tests.delivery.returns.post_office import free_port, running
from tests.mail_parts.dovecot import dovecot
from tests.mail_parts.milters import HOST, opendkim, opendmarc
from tests.mail_parts.names import running_names
from tests.mail_parts.programs import until
from tests.whole.world import Person, crew, done, world

PEOPLE = [
    Person(
        f"p{n}@client.example",
        name=("", "Eva Núñez", "Jörg", "O'Hara, Ann", "王芳")[n % 5],
        account=("Acme & Söhne", "")[n % 2],
        language=("", "de")[n % 3 == 0],
    )
    for n in range(300)
]


def test_everybody_has_exactly_one_mail_that_its_receivers_trust(tmp_path: Path) -> None:
    port = free_port()
    with ExitStack() as parts:
        shop = parts.enter_context(world(tmp_path / "shop", smtp=f"smtp://127.0.0.1:{port}"))
        names = parts.enter_context(running_names(shop.dns))
        asked = [parts.enter_context(each(names)) for each in (opendkim, opendmarc)]
        mailboxes = parts.enter_context(dovecot({one.contact[5:]: 0 for one in PEOPLE}))
        there = {"client.example": f"lmtp:inet:127.0.0.1:{mailboxes.port}"}
        more = {"smtpd_milters": ", ".join(asked), "milter_default_action": "tempfail"}
        _, log = parts.enter_context(running(there, port=port, **more))

        send = shop.start(shop.campaign(PEOPLE))
        with crew(shop.folder, 2) as senders:
            found = done(send, lambda: senders.said() + log.read_text())
            assert senders.stop() == [0, 0]
        assert found.states["accepted"] == found.planned == len(PEOPLE) and found.adds_up
        until(lambda: mailboxes.count() >= len(PEOPLE), said=log.read_text)

        secret = shop.secret
        for row in counting.rows(send, limit=len(PEOPLE)):
            (mail,) = mailboxes.mails(row.contact[5:])
            read = trusted(mail)
            assert read["Message-ID"] == row.message_id
            assert unverp(secret, str(read["Return-Path"]).strip("<>")) == row.id
            assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def trusted(mail: bytes) -> EmailMessage:
    """The mail, when those who took it in say that it is from whom it says."""
    read = message_from_bytes(mail, policy=policy.default)
    said = " ".join(map(str, read.get_all("Authentication-Results", [])))
    assert re.search(rf"{HOST};\s+dkim=pass \(2048-bit key", said), said
    assert f"{HOST}; dmarc=pass (p=reject" in said, said
    return read
