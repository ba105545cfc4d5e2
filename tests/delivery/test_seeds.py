"""Test letters reach seeds whole and signed, through a real mail server or as files."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest

from lettershop.content.letter import Rendered
from lettershop.delivery.building import StreamSettings
from lettershop.delivery.dkim import Signer, generate, read_key
from lettershop.delivery.mailbox.running import Mailbox, running_mailbox
from lettershop.delivery.seeds import MARK, Test, hand_over, message
from lettershop.delivery.smtp.address import smart_host
from lettershop.delivery.smtp.smarthost import SmartHost
from lettershop.delivery.transports import FolderTransport, MemoryTransport, file_name
from lettershop.delivery.wire import Reply, Transport
from lettershop.model.clock import parse_instant
from lettershop.model.errors import InputError, Unavailable

LETTER = Rendered("Grüße, Ann", "", "<p>Hallo &amp; willkommen ä</p>", "Hallo ä\n.\nEnde\n", 0)
FROM = "Ann Löw <ann@example.com>"
LINK = "https://example.com/not-sent/unsubscribe/0"
TEST = Test(
    letter=LETTER,
    to="me@example.com",
    whose="user:U1",
    at=parse_instant("2026-03-01T10:00Z"),
    unsubscribe=LINK,
)
MARKETING = StreamSettings(stream="marketing", sender=FROM)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as found:
        yield found


def server(mailbox: Mailbox) -> Transport:
    return SmartHost(smart_host(mailbox.smtp, "tests.example"))


def read(content: bytes) -> EmailMessage:
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage) and not found.defects
    return found


def test_a_letter_arrives_whole_and_signed(mailbox: Mailbox) -> None:
    made = generate("example.com", "a", 1024)
    signer = Signer([read_key("example.com", "a", made.pem)])
    hand_over([message(TEST, MARKETING, signer)], server(mailbox))
    (mail,) = mailbox.store.to("me@example.com")
    got = read(mailbox.store.content(mail.id))
    assert (got["From"], got["To"], got["Subject"]) == (FROM, "me@example.com", "Grüße, Ann")
    assert got[MARK] == "user:U1" and got["Message-ID"].endswith("@example.com>")
    assert got["List-Unsubscribe"] == f"<{LINK}>" and "d=example.com" in got["DKIM-Signature"]
    text, html = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None and text.get_content().splitlines() == ["Hallo ä", ".", "Ende"]
    assert html is not None and "willkommen ä" in html.get_content()


def test_without_a_server_it_is_a_file(tmp_path: Path) -> None:
    seeds = ("a@example.com", "b@example.com")
    made = [message(msgspec.structs.replace(TEST, to=to), MARKETING) for to in seeds]
    hand_over(made, FolderTransport(tmp_path / "outbox"))
    for one in made:
        path = tmp_path / "outbox" / file_name(one)
        assert read(path.read_bytes())["To"] == one.recipient
        assert path.stat().st_mode & 0o777 == 0o600


def test_what_the_server_says_is_told() -> None:
    full = Reply(code=552, status="5.2.2", text="mailbox full")
    with pytest.raises(Unavailable) as error:
        hand_over([message(TEST, MARKETING)], MemoryTransport(lambda _: full))
    assert error.value.code == "smtp.failed" and "552 5.2.2 mailbox full" in error.value.message
    with pytest.raises(Unavailable, match="connection was lost"):
        hand_over([message(TEST, MARKETING)], MemoryTransport(welcome=lambda _: "lost"))
    unwelcome = MemoryTransport(welcome=lambda _: Reply(code=554, text="not you"))
    with pytest.raises(Unavailable, match="554  not you"):
        hand_over([message(TEST, MARKETING)], unwelcome)


@pytest.mark.parametrize(
    ("sender", "to", "code"),
    [
        ("", "a@example.com", "sender.unknown"),
        ("Ann", "a@example.com", "sender.address"),
        ("Ann <a@b.example>\r\nBcc: all@example.com", "a@example.com", "sender.address"),
        (FROM, "nobody", "seed.address"),
        (FROM, "a@example.com\nBcc: b@example.com", "seed.address"),
    ],
)
def test_addresses_that_are_none(sender: str, to: str, code: str) -> None:
    settings = StreamSettings(stream="transactional")
    own = msgspec.structs.replace(LETTER, sender=sender)
    with pytest.raises(InputError) as error:
        message(msgspec.structs.replace(TEST, letter=own, to=to), settings)
    assert error.value.code == code


def test_the_letter_names_its_own_sender() -> None:
    own = Rendered("s", "", "<p>h</p>", "t", 0, "Bea <bea@example.com>", "back@example.com")
    one = msgspec.structs.replace(TEST, letter=own, whose="user:Ü\r\nBcc: all@example.com")
    made = message(one, MARKETING)
    got = read(made.content)
    assert got["From"] == "Bea <bea@example.com>" and got["Reply-To"] == "back@example.com"
    assert made.sender == "bea@example.com" and got["Bcc"] is None and "Ü" in got[MARK]
