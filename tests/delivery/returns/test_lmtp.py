"""LMTP on a real socket: what is answered with 250 is on the disk."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread

import pytest

from lettershop.delivery.returns.lmtp import Lmtp
from lettershop.delivery.returns.spool import MOST_TRIES, Spool
from lettershop.model.errors import UsageError

OURS = "news.acme.example"


class Door:
    """A server in a thread of its own; `most_bytes` small, so that it is soon too much."""

    def __init__(self, folder: Path) -> None:
        self.spool = Spool(folder)
        self.broken = False
        self.loop = asyncio.new_event_loop()
        self.server = Lmtp(self.keep, lambda a: a.endswith(f"@{OURS}"), most_bytes=50_000)
        self.thread = Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.port = self.wait(self.server.listen)

    def keep(self, mail: bytes, envelope: Sequence[str]) -> None:
        if self.broken:
            raise OSError("the disk is full")
        self.spool.put(mail, envelope)

    def wait(self, ask: Callable[[], Awaitable[int]]) -> int:
        async def asked() -> int:
            return await ask()

        return asyncio.run_coroutine_threadsafe(asked(), self.loop).result(10)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.server.close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    opened = Door(tmp_path / "returns")
    yield opened
    opened.close()


class Client:
    """Speaks LMTP by hand: smtplib reads one answer after the final dot, however many there are."""

    def __init__(self, door: Door) -> None:
        self.socket = socket.create_connection(("127.0.0.1", door.port), timeout=10)
        self.file = self.socket.makefile("rb")
        assert self.answer() == 220
        assert self.say("LHLO mx.acme.example") == 250

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        assert self.say("QUIT") == 221
        self.file.close()
        self.socket.close()

    def answer(self) -> int:
        while True:
            line = self.file.readline()
            if line[3:4] != b"-":
                return int(line[:3])

    def say(self, command: str) -> int:
        self.socket.sendall(command.encode() + b"\r\n")
        return self.answer()

    def send(self, mail: bytes, *to: str) -> list[int]:
        """The answers to each RCPT TO, then those after the final dot."""
        assert self.say("MAIL FROM:<> BODY=8BITMIME") == 250
        codes = [self.say(f"RCPT TO:<{one}>") for one in to]
        assert self.say("DATA") == 354
        stuffed = mail.replace(b"\n.", b"\n..")
        self.socket.sendall(stuffed + b"\r\n.\r\n")
        return codes + [self.answer() for code in codes if code == 250]


def test_a_mail_is_kept_for_each_recipient(door: Door) -> None:
    with Client(door) as lmtp:
        said = b"A: b\r\n\r\n.dot\r\n..\r\n"
        assert lmtp.send(said, f"R-1@{OURS}", f"r-2@{OURS}", "eve@x") == [250, 250, 550, 250, 250]
        assert lmtp.send(b"next", f"r-3@{OURS}") == [250, 250]
    kept = sorted((held.envelope, held.mail) for held in door.spool.waiting())
    assert [envelope for envelope, _ in kept] == [(f"r-{n}@{OURS}",) for n in (1, 2, 3)]
    assert kept[0][1] == said + b"\r\n" and kept[2][1] == b"next\r\n"


def test_what_cannot_be_kept_is_to_be_tried_again(door: Door) -> None:
    door.broken = True
    with Client(door) as lmtp:
        assert lmtp.send(b"x", f"r-1@{OURS}", f"r-2@{OURS}") == [250, 250, 451, 451]
    assert [*door.spool.waiting()] == []


def test_too_much_is_refused_and_the_conversation_goes_on(door: Door) -> None:
    with Client(door) as lmtp:
        assert lmtp.send(b"a" * 200_000, f"r-1@{OURS}") == [250, 552]
        assert lmtp.send(b"a\n" * 50_000, f"r-1@{OURS}") == [250, 552]
        assert lmtp.say("MAIL FROM:<> SIZE=99999999") == 552
        assert lmtp.send(b"b" * 20_000, f"r-1@{OURS}") == [250, 250]
    assert [held.mail for held in door.spool.waiting()] == [b"b" * 20_000 + b"\r\n"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("EHLO x", 500),
        ("MAIL FROM:nobody", 501),
        ("RCPT TO:<a@news.acme.example>", 503),
        ("DATA", 503),
        ("VRFY a", 252),
        ("NOOP", 250),
        ("RSET", 250),
        ("MAKE COFFEE", 500),
    ],
)
def test_commands_out_of_place(door: Door, said: str, code: int) -> None:
    with Client(door) as lmtp:
        assert lmtp.say(said) == code
        assert lmtp.send(b"x", f"r-1@{OURS}") == [250, 250]


@pytest.mark.parametrize(
    "noise", [b"\xff" * 100_000, b"LHLO x\r\nMAIL FROM:<>", b"A" * 5000 + b"\n"]
)
def test_noise_ends_the_conversation_and_nothing_else(door: Door, noise: bytes) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as raw:
        raw.sendall(noise)
    with Client(door) as lmtp:
        assert lmtp.send(b"x", f"r-1@{OURS}") == [250, 250]


def test_it_listens_nowhere_else(tmp_path: Path) -> None:
    server = Lmtp(lambda *_: None, lambda _: True)
    for host in ("0.0.0.0", "192.0.2.1", "::"):  # noqa: S104
        with pytest.raises(UsageError, match="no passwords"):
            asyncio.run(server.listen(host))


def test_a_socket_file(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with socket.socket(socket.AF_UNIX) as dead:  # it left its file behind
        dead.bind(str(path))

    async def talk() -> bytes:
        server = Lmtp(lambda *_: None, lambda _: True)
        await server.listen_file(path)
        reader, writer = await asyncio.open_unix_connection(path)
        found = await reader.readline()
        writer.close()
        await server.close()
        return found

    assert asyncio.run(talk()).startswith(b"220 ")


def test_the_spool_keeps_what_could_not_be_taken_in(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put(b"bad", [])
    spool.put(b"good", ["a@x"])
    taken: list[bytes] = []

    def take(mail: bytes, envelope: Sequence[str]) -> None:
        if mail == b"bad":
            raise ValueError("it is bad")
        taken.append(mail)

    for _ in range(MOST_TRIES):
        with pytest.raises(ValueError, match="bad"):
            spool.work(take)
    assert spool.work(take) == 0 and taken == [b"good"]
    assert [path.read_bytes() for path in (tmp_path / "failed").iterdir()] == [b"[]\nbad"]


def test_a_broken_file_in_the_spool_is_laid_aside(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    (tmp_path / "x.mail").write_bytes(b"\xff no head")
    assert spool.work(lambda *_: None) == 0
    assert [path.name for path in (tmp_path / "failed").iterdir()] == ["x.mail"]
