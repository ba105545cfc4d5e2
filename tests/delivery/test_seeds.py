"""Test letters reach seeds whole, through a real mail server or as files."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from lettershop.content.letter import Rendered
from lettershop.delivery.seeds import MARK, hand_in, message
from lettershop.model.errors import InputError, Unavailable

LETTER = Rendered("Grüße, Ann", "", "<p>Hallo &amp; willkommen ä</p>", "Hallo ä\n.\nEnde\n", 0)
FROM = "Ann Löw <ann@example.com>"


class _Server(socketserver.StreamRequestHandler):
    """Takes everything, as a mail server on this machine does; refuses `full@`."""

    def handle(self) -> None:
        server: MailServer = self.server  # type: ignore[assignment]
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.partition(" ")[0].upper()
            if word == "DATA":
                self._say("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += self.rfile.readline()
                server.got.append(body[:-3].replace(b"\r\n..", b"\r\n."))
                self._say("250 taken")
            elif word == "QUIT":
                return self._say("221 bye")
            else:
                self._say("552 full" if "full@" in line else "250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    got: list[bytes]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(("127.0.0.1", 0), _Server) as found:
        found.got = []
        thread = threading.Thread(target=found.serve_forever, args=(0.02,))
        thread.start()
        yield found
        found.shutdown()
        thread.join(5)


def test_a_letter_arrives_whole(server: MailServer) -> None:
    made = message(LETTER, FROM, "me@example.com", "user:U1")
    (place,) = hand_in([made], f"smtp://127.0.0.1:{server.server_address[1]}", Path())
    assert place == f"127.0.0.1:{server.server_address[1]}"
    got = message_from_bytes(server.got[0], policy=policy.default)
    assert (got["From"], got["To"], got["Subject"]) == (FROM, "me@example.com", "Grüße, Ann")
    assert got[MARK] == "user:U1" and got["Message-ID"].endswith("@example.com>")
    text, html = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None and text.get_content().splitlines() == ["Hallo ä", ".", "Ende"]
    assert html is not None and "willkommen ä" in html.get_content()


def test_without_a_server_it_is_a_file(tmp_path: Path) -> None:
    made = [message(LETTER, FROM, to, "user:U1") for to in ("a@example.com", "b@example.com")]
    places = hand_in(made, "", tmp_path / "outbox")
    assert len(set(places)) == 2
    for place, to in zip(places, ("a@example.com", "b@example.com"), strict=True):
        assert message_from_bytes(Path(place).read_bytes(), policy=policy.default)["To"] == to
        assert Path(place).stat().st_mode & 0o777 == 0o600


def test_what_the_server_says_is_told(server: MailServer) -> None:
    made = message(LETTER, FROM, "full@example.com", "user:U1")
    with pytest.raises(Unavailable) as error:
        hand_in([made], f"smtp://127.0.0.1:{server.server_address[1]}", Path())
    assert error.value.code == "smtp.failed" and "552" in error.value.message


@pytest.mark.parametrize("smtp", ["mail.example.com", "http://x", "smtp://", "smtp://h:99999"])
def test_what_is_no_mail_server(smtp: str) -> None:
    with pytest.raises(InputError) as error:
        hand_in([message(LETTER, FROM, "a@example.com", "")], smtp, Path())
    assert error.value.code == "settings.smtp"


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
    with pytest.raises(InputError) as error:
        message(LETTER, sender, to, "user:U1")
    assert error.value.code == code


def test_the_letter_names_its_own_sender() -> None:
    own = Rendered("s", "", "<p>h</p>", "t", 0, "Bea <bea@example.com>", "back@example.com")
    made = message(own, FROM, "me@example.com", "user:Ü")
    assert made["From"] == "Bea <bea@example.com>" and made["Reply-To"] == "back@example.com"
