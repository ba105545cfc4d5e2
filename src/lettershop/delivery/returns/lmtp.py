"""A small LMTP server (RFC 2033): the mail server in front of us hands over what comes back.

For Postfix: `virtual_transport = lmtp:inet:127.0.0.1:8461`, or a unix socket. LMTP answers for each
recipient, so nothing is lost between two of them. It has no way to sign in: it listens on loopback
or on a socket file, nowhere else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import re2

from lettershop.delivery.returns.addresses import clean
from lettershop.model.errors import UsageError

MOST_BYTES: Final = 10_000_000
MOST_RECIPIENTS: Final = 100
MOST_LINE: Final = 4_096
MOST_COMMANDS: Final = 1_000
WAIT: Final = 60.0
"""Seconds for each line of the other side."""
MOST_AT_ONCE: Final = 50

Accepts = Callable[[str], bool]
Keep = Callable[[bytes, Sequence[str]], None]
"""Returns when the mail is durable (spool.py); an OSError is answered with 451."""

_PATH: Final = re2.compile(r"(?i)^(mail from|rcpt to):\s*<([^<>]*)>(?:\s+(.*))?$")
_SIZE: Final = re2.compile(r"(?i)\bsize=(\d{1,15})\b")


class Lmtp:
    """`accepts`: whether an address (lower case) is one of ours; others are refused."""

    def __init__(self, keep: Keep, accepts: Accepts, *, most_bytes: int = MOST_BYTES) -> None:
        self._keep, self._accepts, self._most = keep, accepts, most_bytes
        self._server: asyncio.Server | None = None
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """The port. UsageError `lmtp.open` for an address that others can reach."""
        if host != "localhost" and not ip_address(host).is_loopback:
            message = f"LMTP knows no passwords: it cannot listen on {host}"
            raise UsageError("lmtp.open", message, hint="127.0.0.1, ::1 or a socket file")
        self._server = await asyncio.start_server(self._talk, host, port, limit=MOST_LINE)
        return int(self._server.sockets[0].getsockname()[1])

    async def listen_file(self, path: Path) -> None:
        """Readable by this user and its group. A file left by a dead server is replaced."""
        if path.is_socket():
            path.unlink()
        self._server = await asyncio.start_unix_server(self._talk, path, limit=MOST_LINE)
        path.chmod(0o660)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(reader, writer, self._accepts, self._most, self._store)
        try:
            async with self._room:
                await session.run()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _store(self, mail: bytes, recipient: str) -> str:
        try:
            await asyncio.to_thread(self._keep, mail, [recipient])
        except OSError:
            return "451 4.3.0 it could not be kept, try again"
        return f"250 2.0.0 <{recipient}> kept"


class _Session:
    """One conversation."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        accepts: Accepts,
        most: int,
        store: Callable[[bytes, str], Awaitable[str]],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._accepts, self._most, self._store = accepts, most, store
        self._greeted = False
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def run(self) -> None:
        await self._say("220 lettershop LMTP")
        for _ in range(MOST_COMMANDS):
            line = await self._line()
            if line is None:
                return
            word = line.partition(" ")[0].upper()
            if word == "QUIT":
                await self._say("221 2.0.0 bye")
                return
            if word == "DATA":
                await self._data()
            else:
                await self._say(self._answer(word, line))
        await self._say("421 4.7.0 enough")

    def _answer(self, word: str, line: str) -> str:
        match word:
            case "LHLO":
                self._greeted = True
                self._forget()
                extensions = ("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8")
                named = "".join(f"250-{one}\r\n" for one in extensions)
                return f"250-lettershop\r\n{named}250 SIZE {self._most}"
            case "HELO" | "EHLO":
                return "500 5.5.1 this is LMTP: LHLO"
            case "RSET":
                self._forget()
                return "250 2.0.0 forgotten"
            case "NOOP":
                return "250 2.0.0 fine"
            case "VRFY":
                return "252 2.1.5 send and see"
            case "MAIL" | "RCPT":
                return self._path(line)
            case _:
                return "500 5.5.2 not understood"

    def _path(self, line: str) -> str:
        said = _PATH.match(line)
        if said is None:
            return "501 5.5.4 an address in <> is missing"
        if not self._greeted:
            return "503 5.5.1 LHLO first"
        if said[1].lower() == "mail from":
            return self._mail_from(said[2], said[3] or "")
        return self._rcpt_to(clean(said[2]))

    def _mail_from(self, sender: str, parameters: str) -> str:
        if self._sender is not None:
            return "503 5.5.1 one mail after the other"
        size = _SIZE.search(parameters)
        if size and int(size[1]) > self._most:
            return f"552 5.3.4 more than {self._most} bytes"
        self._sender = sender
        return "250 2.1.0 fine"

    def _rcpt_to(self, address: str) -> str:
        if self._sender is None:
            return "503 5.5.1 MAIL FROM first"
        if len(self._recipients) >= MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        if not self._accepts(address):
            return "550 5.1.1 nobody here is called that"
        self._recipients.append(address)
        return "250 2.1.5 fine"

    async def _data(self) -> None:
        if not self._recipients:
            await self._say("503 5.5.1 no recipient was accepted")
            return
        await self._say("354 go ahead")
        mail = await self._content()
        for recipient in self._recipients:
            if mail is None:
                await self._say(f"552 5.3.4 more than {self._most} bytes")
            else:
                await self._say(await self._store(mail, recipient))
        self._forget()

    async def _content(self) -> bytes | None:
        """Up to the final dot, unstuffed; None (and nothing kept) where it is too large."""
        found = bytearray()
        fits, fresh = True, True
        while True:
            line = await self._raw()
            if fresh and line in (b".\r\n", b".\n"):
                return bytes(found) if fits else None
            piece = line[1:] if fresh and line.startswith(b".") else line
            fresh = line.endswith(b"\n")
            fits = fits and len(found) + len(piece) <= self._most
            if fits:
                found += piece

    async def _raw(self) -> bytes:
        """A line with its end, or a piece of one that is longer than MOST_LINE."""
        async with asyncio.timeout(WAIT):
            try:
                return await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                return await self._reader.readexactly(max(1, error.consumed))

    async def _line(self) -> str | None:
        """A command; None when the other side has gone or says too much at once."""
        try:
            async with asyncio.timeout(WAIT):
                raw = await self._reader.readuntil(b"\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return None
        return raw.decode("utf-8", "replace").strip()

    async def _say(self, answer: str) -> None:
        self._writer.write(answer.encode("utf-8", "replace") + b"\r\n")
        async with asyncio.timeout(WAIT):
            await self._writer.drain()

    def _forget(self) -> None:
        self._sender, self._recipients = None, []
