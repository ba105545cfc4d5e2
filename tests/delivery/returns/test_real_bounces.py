"""Postfix made to bounce for real: its notifications come back by LMTP, and land on the right
contact in the right class."""

import asyncio
import smtplib
import socketserver
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from lettershop.delivery.returns.correlating import Mailed
from lettershop.delivery.returns.lmtp import Lmtp
from lettershop.delivery.returns.spool import Spool
from lettershop.delivery.returns.verp import unverp, verp
from tests.delivery.returns.mails import LETTER
from tests.delivery.returns.office import MONDAY, SECRET, Office
from tests.delivery.returns.post_office import running

DOMAIN = "news.acme.example"
REPLIES = {
    "dead": b"550 5.1.1 no such user here",
    "full": b"552 5.2.2 mailbox full",
    "blocked": b"554 5.7.1 listed in a block list",
    "disabled": b"550 5.2.1 this account is disabled",
    "fine": b"250 2.1.5 fine",
}


class Client(socketserver.StreamRequestHandler):
    """A mail server of a client: what it answers hangs on the name of the recipient."""

    def handle(self) -> None:
        self.wfile.write(b"220 mx.there.example ESMTP\r\n")
        while line := self.rfile.readline().strip().upper():
            if line.startswith(b"RCPT"):
                name = line.partition(b"<")[2].partition(b"@")[0].decode().lower()
                self.wfile.write(REPLIES[name] + b"\r\n")
            elif line == b"DATA":
                self.wfile.write(b"354 go ahead\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
                self.wfile.write(b"250 2.0.0 taken\r\n")
            else:
                self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def client() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Client) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join(10)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[tuple[int, Spool]]:
    spool, loop = Spool(tmp_path / "returns"), asyncio.new_event_loop()
    server = Lmtp(lambda mail, to: [spool.put(mail, to)].clear(), lambda a: a.endswith(DOMAIN))
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(server.listen(), loop).result(10)
    yield port, spool
    asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def letters() -> list[Mailed]:
    return [
        Mailed(
            row=number,
            send=5,
            stream="marketing",
            contact=f"user:{name}",
            address=f"{name}@client.example",
            message_id=LETTER.replace("1", str(number)),
            at=MONDAY - 1,
        )
        for number, name in enumerate(REPLIES, 1)
    ]


def test_real_bounces_land_where_they_belong(client: int, door: tuple[int, Spool]) -> None:
    port, spool = door
    sent = letters()
    there = {"client.example": f"smtp:[127.0.0.1]:{client}", DOMAIN: f"lmtp:inet:127.0.0.1:{port}"}
    with running(there) as (postfix, log):
        with smtplib.SMTP("127.0.0.1", postfix, timeout=20) as smtp:
            for one in sent:
                said = f"Message-ID: {one.message_id}\nSubject: offer\n\nHello\n"
                smtp.sendmail(verp(SECRET, one.row, DOMAIN), [one.address], said)
        end = time.monotonic() + 20
        while len([*spool.waiting()]) < 4:
            assert time.monotonic() < end, log.read_text()[-3_000:]
            time.sleep(0.05)
    office = Office(*sent)
    assert all(unverp(SECRET, held.envelope[0]) for held in spool.waiting())
    assert spool.work(lambda mail, to: office.take(mail, *to)) == 4
    classes = {f.contact: f.properties["bounce_class"] for f in office.facts.values()}
    assert classes == {
        "user:dead": "dead",
        "user:full": "full",
        "user:blocked": "policy",
        "user:disabled": "perhaps_dead",
    }
    assert [one.address for one in office.suppressed] == ["dead@client.example"]
    assert office.against_stream == 1
