"""The mailbox as programs and people meet it."""

import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from lettershop.delivery.mailbox.answers import USUAL, told
from lettershop.delivery.mailbox.reading import read
from lettershop.delivery.mailbox.running import Mailbox, running_mailbox
from lettershop.delivery.mailbox.session import Manners
from lettershop.model.errors import InputError, UsageError

EVIL = '<script>alert("x")</script>'
PIXEL = b"\x89PNG not really"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as one:
        yield one


def made(subject: str = "Hello", html: str = "<p>Hi <b>Ann</b></p>") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Bob Lee <bob@sender.example>", subject
    mail["To"] = "ann@acme.example"
    mail.set_content("Hi Ann\n")
    mail.add_alternative(html, subtype="html")
    mail.get_payload()[1].add_related(PIXEL, "image", "png", cid="<pixel@x>")
    mail.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename='li"st.csv')
    return mail


def send(mailbox: Mailbox, mail: EmailMessage, to: str = "ann@acme.example") -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as smtp:
        smtp.send_message(mail, "bounce@sender.example", [to])


def test_a_letter_sent_by_a_usual_client_can_be_read(mailbox: Mailbox) -> None:
    send(mailbox, made("Ümläut"), "Ann@Acme.example")
    page = httpx.get(mailbox.page).text
    assert "Ümläut" in page and "Ann@Acme.example" in page and "1 arrived" in page
    mail = httpx.get(f"{mailbox.page}/messages/1").text
    assert "Hi Ann" in mail and "bounce@sender.example" in mail and "text/csv" in mail
    frame = httpx.get(f"{mailbox.page}/messages/1/html")
    assert "<b>Ann</b>" in frame.text
    raw = httpx.get(f"{mailbox.page}/messages/1/raw")
    assert raw.content == mailbox.store.content(1)
    assert raw.headers["content-type"].startswith("text/plain")
    assert mailbox.store.count("ann@acme.example") == 1


def test_what_programs_ask_for(mailbox: Mailbox) -> None:
    for number, to in enumerate(["ann@acme.example", "bob@acme.example", "ann@acme.example"]):
        send(mailbox, made(f"Number {number}"), to)

    def listed(**asked: object) -> list[str]:
        found = httpx.get(f"{mailbox.page}/api/messages", params=asked).json()
        assert found["total"] == 3
        return [item["subject"] for item in found["items"]]

    assert listed() == ["Number 2", "Number 1", "Number 0"]
    assert listed(to="ANN@acme.example") == ["Number 2", "Number 0"]
    assert listed(to="ann@acme.example", limit=1) == ["Number 2"]
    assert listed(q="number 1") == listed(q="bob@acme") == ["Number 1"]
    assert listed(before=2) == ["Number 0"]
    assert listed(q="%") == []
    one = httpx.get(f"{mailbox.page}/api/messages/2").json()
    assert one["mail"]["recipients"] == ["bob@acme.example"]
    assert one["text"] == "Hi Ann\n" and ["Subject", "Number 1"] in one["headers"]
    assert httpx.get(f"{mailbox.page}/api/messages/9").status_code == 404
    part = next(part for part in one["parts"] if part["type"] == "text/csv")
    saved = httpx.get(f"{mailbox.page}/messages/2/parts/{part['number']}")
    assert saved.content == b"a,b\n"
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["content-type"] == "application/octet-stream"


def test_deleting(mailbox: Mailbox) -> None:
    send(mailbox, made())
    assert httpx.delete(f"{mailbox.page}/api/messages").json() == {"deleted": 1}
    assert mailbox.store.count() == 0
    send(mailbox, made())
    own = {"Origin": mailbox.page, "Sec-Fetch-Site": "same-origin"}
    assert httpx.post(f"{mailbox.page}/delete", headers=own).status_code == 303
    assert mailbox.store.count() == 0
    assert "Nothing has arrived yet" in httpx.get(mailbox.page).text


def test_only_our_own_page_deletes(mailbox: Mailbox) -> None:
    send(mailbox, made())
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert httpx.post(f"{mailbox.page}/delete", headers=headers).status_code == 403
        answer = httpx.delete(f"{mailbox.page}/api/messages", headers=headers)
        assert answer.status_code == 403
    assert mailbox.store.count() == 1


def test_a_page_elsewhere_cannot_lead_its_own_name_here(mailbox: Mailbox) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", ""):
        assert httpx.get(mailbox.page, headers={"Host": host}).status_code == 403
    assert httpx.get(mailbox.page, headers={"Host": "localhost:1"}).status_code == 200


def test_a_letter_can_do_nothing_to_the_page(mailbox: Mailbox) -> None:
    mail = made(EVIL, f'<html><head></head><body>{EVIL}<img src="cid:pixel@x"></body></html>')
    send(mailbox, mail, '"<script>"@acme.example'.replace("<", "(").replace(">", ")"))
    for path in ("/", "/messages/1", "/?q=<script>"):
        page = httpx.get(mailbox.page + path)
        assert "<script" not in page.text, path
        assert "script-src" not in page.headers["content-security-policy"]
        assert "default-src 'none'" in page.headers["content-security-policy"]
    frame = httpx.get(f"{mailbox.page}/messages/1/html")
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox;")
    assert "default-src 'none'" in policy and policy.endswith("img-src data:")
    assert '<head><base target="_blank">' in frame.text
    assert "data:image/png;base64," in frame.text and "cid:" not in frame.text
    shown = httpx.get(f"{mailbox.page}/messages/1/html?pictures=true")
    assert shown.headers["content-security-policy"].endswith("img-src data: http: https:")


@pytest.mark.parametrize(
    "path", ["/nothing", "/messages/99", "/messages/x", "/messages/1/parts/99", "/api/other"]
)
def test_what_is_not_there(mailbox: Mailbox, path: str) -> None:
    assert httpx.get(mailbox.page + path).status_code == 404


@pytest.mark.parametrize(
    ("to", "code", "status"),
    [
        ("bounce+1@acme.example", 550, "5.1.1"),
        ("BOUNCE+x@acme.example", 550, "5.1.1"),
        ("full+@acme.example", 552, "5.2.2"),
        ("disabled+@acme.example", 550, "5.2.1"),
        ("defer+@acme.example", 451, "4.3.0"),
        ("limit+@acme.example", 421, "4.7.28"),
    ],
)
def test_addresses_that_are_refused(mailbox: Mailbox, to: str, code: int, status: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(mailbox, made(), to)
    said = refused.value.recipients[to]
    assert (said[0], said[1].decode().split()[0]) == (code, status)
    assert mailbox.store.count() == 0


def test_grey_addresses_are_taken_the_second_time(mailbox: Mailbox) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(mailbox, made(), "grey+1@acme.example")
    send(mailbox, made(), "grey+1@acme.example")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(mailbox, made(), "grey+2@acme.example")
    assert mailbox.store.counts() == {"grey+1@acme.example": 1}


def test_some_are_refused_after_the_content_and_not_counted(mailbox: Mailbox) -> None:
    with pytest.raises(smtplib.SMTPDataError):
        send(mailbox, made(), "spam+1@acme.example")
    assert mailbox.store.count() == 0


def test_own_patterns() -> None:
    answers = (told("bounce", "*@gone.example"), told("defer", "ann@*"), *USUAL)
    with running_mailbox(answers=answers) as mailbox:
        for to in ("x@gone.example", "ann@acme.example"):
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                send(mailbox, made(), to)
    with pytest.raises(InputError):
        told("bounce", " ")


def test_it_counts_after_the_final_dot_and_not_before(mailbox: Mailbox) -> None:
    """The sink of the proofs: a client that dies before the dot has sent nothing."""
    with socket.create_connection(("127.0.0.1", mailbox.smtp_port)) as client:
        file = client.makefile("rwb")
        file.readline()
        file.write(b"EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<ann@acme.example>\r\nDATA\r\n")
        file.flush()
        while not file.readline().startswith(b"354"):
            pass
        file.write(b"Subject: half\r\n\r\nbody\r\n")
        file.flush()
        file.close()
    assert mailbox.store.count() == 0
    send(mailbox, made())
    assert mailbox.store.count() == 1


def raw(mailbox: Mailbox, *lines: bytes) -> list[bytes]:
    """The first line of each answer."""
    found = []
    with socket.create_connection(("127.0.0.1", mailbox.smtp_port), timeout=5) as client:
        file = client.makefile("rwb")
        file.readline()
        for line in lines:
            file.write(line + b"\r\n")
            file.flush()
            answer = file.readline()
            found.append(answer.strip())
            while answer[3:4] == b"-":
                answer = file.readline()
        file.close()
    return found


def test_clients_that_do_it_wrong_are_told(mailbox: Mailbox) -> None:
    codes = [
        answer[:3]
        for answer in raw(
            mailbox,
            b"MAIL FROM:<a@b.example>",
            b"EHLO",
            b"EHLO me",
            b"RCPT TO:<a@b.example>",
            b"MAIL FROM:a@b.example",
            b"MAIL FROM:<a@b.example> SIZE=99999999999",
            b"MAIL FROM:<a@b.example> FOO=1",
            "MAIL FROM:<ä@b.example>".encode(),
            b"DATA",
            b"MAIL FROM:<a@b.example>",
            b"MAIL FROM:<a@b.example>",
            b"RCPT TO:<a b@c>",
            b"DATA",
            b"AUTH PLAIN AGEAYg==",
            b"STARTTLS",
            b"WHAT",
            b"NOOP",
            b"QUIT",
        )
    ]
    assert codes == [
        *(b"503", b"501", b"250", b"503", b"501", b"552", b"555", b"555", b"503"),
        *(b"250", b"503", b"501", b"503", b"503", b"503", b"500", b"250", b"221"),
    ]


def test_what_is_too_big_is_not_kept() -> None:
    with running_mailbox(manners=Manners(size=1_000)) as mailbox:
        with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as smtp:
            smtp.ehlo()
            smtp.mail("a@b.example")
            smtp.rcpt("ann@acme.example")
            assert smtp.data(b"x" * 70 + b".\r\n" * 400)[0] == 552
            assert smtp.noop()[0] == 250
        assert mailbox.store.count() == 0


def test_what_arrived_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "data" / "mailbox.sqlite"
    with running_mailbox(path) as mailbox:
        send(mailbox, made())
    with running_mailbox(path) as mailbox:
        assert mailbox.store.count() == 1
    assert path.stat().st_mode & 0o077 == 0


def test_it_listens_on_this_machine_alone() -> None:
    with pytest.raises(UsageError) as error:
        Mailbox(host="0.0.0.0")  # noqa: S104
    assert error.value.code == "mailbox.host"


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_it_listens_on_ipv6_too() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no ::1")
    with running_mailbox(host="::1") as mailbox:
        with smtplib.SMTP("::1", mailbox.smtp_port) as smtp:
            smtp.sendmail("a@b.example", ["ann@acme.example"], "Subject: Hi\r\n\r\nHello\r\n")
        assert httpx.get(f"{mailbox.page}/api/messages").json()["total"] == 1


def test_a_port_that_is_taken(mailbox: Mailbox) -> None:
    with pytest.raises(InputError) as error, running_mailbox(smtp_port=mailbox.smtp_port):
        pass
    assert error.value.code == "mailbox.port"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n",
        b"no headers at all",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
        b"Content-Type: text/html; charset=nonsense\r\n\r\n<p>\xff</p>",
        b"Subject: =?utf-8?q?=FF=FE?=\r\nFrom: \xff\xfe\r\n\r\n\x00\xff",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"From: " + b"a" * 300_000 + b"\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * 400,
    ],
)
def test_any_bytes_can_be_looked_at(mailbox: Mailbox, content: bytes) -> None:
    assert len(read(content).parts) <= 200
    number = mailbox.store.keep("a@b.example", ["ann@acme.example"], "", "", content)
    for path in ("", "/html"):
        assert httpx.get(f"{mailbox.page}/messages/{number}{path}").status_code == 200
