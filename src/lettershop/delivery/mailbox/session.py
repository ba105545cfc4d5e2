"""One SMTP conversation, the server's side (RFC 5321), strict where clients go wrong."""

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from lettershop.delivery.mailbox.answers import Answering
from lettershop.delivery.mailbox.signing_in import Refused, signed_in
from lettershop.delivery.wire import Reply

LINE: Final = 2_048
GOODBYE: Final = 2.0
"""Seconds for the end of the encryption."""
MOST_RECIPIENTS: Final = 1_000
_MAIL: Final = re.compile(r"FROM:\s*<([^<>\x00-\x20]*)>((?: [^\s]+)*)\s*", re.I)
_RCPT: Final = re.compile(r"TO:\s*<([^<>\x00-\x20]+)>((?: [^\s]+)*)\s*", re.I)
END: Final = b"\r\n.\r\n"

Keep = Callable[[str, Sequence[str], bytes], None]
"""Sender, recipients, content: called after the final dot, before the answer."""


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """What the server offers. `tls`: a context for STARTTLS; `users`: who may sign in, and then
    must: name to password. `seconds`: of silence, after which it hangs up."""

    name: str = "mailbox.localhost"
    size: int = 50_000_000
    pipelining: bool = True
    eight_bit: bool = True
    utf8: bool = True
    tls: ssl.SSLContext | None = None
    users: Mapping[str, str] = {}
    seconds: float = 300


class Session:
    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        manners: Manners,
        answering: Answering,
        keep: Keep,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._manners, self._answering, self._keep = manners, answering, keep
        self._greeted = self._encrypted = self._known = False
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._refused = 0

    async def run(self) -> None:
        """Until the other side has had enough."""
        broken = ConnectionError, TimeoutError, ssl.SSLError, asyncio.IncompleteReadError
        with suppress(*broken, asyncio.LimitOverrunError):
            self._say(220, "", f"{self._manners.name} ESMTP keeps everything, delivers nothing")
            while await self._command():
                pass
        with suppress(*broken):
            self._writer.close()
            async with asyncio.timeout(GOODBYE):
                await self._writer.wait_closed()

    async def _command(self) -> bool:
        """False after the last one."""
        line = await self._line()
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                self._hello(verb.upper(), rest)
            case "MAIL":
                self._mail(rest)
            case "RCPT":
                self._rcpt(rest)
            case "DATA":
                return await self._data(rest)
            case "RSET":
                self._reset()
                self._say(250, "2.0.0", "Forgotten")
            case "NOOP":
                self._say(250, "2.0.0", "Fine")
            case "VRFY":
                self._say(252, "2.1.5", "Send, and see")
            case "STARTTLS":
                await self._start_tls(rest)
            case "AUTH":
                await self._auth(rest)
            case "QUIT":
                self._say(221, "2.0.0", "Goodbye")
                return False
            case _:
                self._say(500, "5.5.1", "What?")
        return not self._writer.is_closing()

    # --- what is said and heard -----------------------------------------------------------------

    async def _line(self) -> str:
        await self._writer.drain()
        async with asyncio.timeout(self._manners.seconds):
            line = await self._reader.readuntil(b"\n")
        if len(line) > LINE:
            raise ConnectionError("a line too long")
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def _say(self, code: int, status: str, *lines: str) -> None:
        prefix = f"{status} " if status else ""
        said = [f"{code}-{prefix}{line}" for line in lines[:-1]]
        said.append(f"{code} {prefix}{lines[-1]}")
        self._writer.write("".join(f"{line}\r\n" for line in said).encode())

    def _answer(self, reply: Reply) -> None:
        self._say(reply.code, reply.status, reply.text)
        if reply.code == 421:
            self._writer.close()

    # --- commands -------------------------------------------------------------------------------

    def _hello(self, verb: str, name: str) -> None:
        if not name.strip():
            self._say(501, "5.5.4", "Who?")
            return
        self._reset()
        self._greeted = True
        manners = self._manners
        if verb == "HELO":
            self._say(250, "", manners.name)
            return
        offered = {
            "PIPELINING": manners.pipelining,
            "8BITMIME": manners.eight_bit,
            "SMTPUTF8": manners.utf8,
            "STARTTLS": manners.tls is not None and not self._encrypted,
            "AUTH PLAIN LOGIN CRAM-MD5": bool(manners.users),
            f"SIZE {manners.size}": True,
        }
        extensions = [name for name, wanted in offered.items() if wanted]
        self._say(250, "", manners.name, *extensions, "ENHANCEDSTATUSCODES")

    def _mail(self, rest: str) -> None:
        found = _MAIL.fullmatch(rest)
        parameters = dict(_parameter(one) for one in found[2].split()) if found else {}
        size = parameters.get("SIZE", "0")
        if not self._greeted or self._sender is not None:
            self._say(503, "5.5.1", "Not now")
        elif self._manners.users and not self._known:
            self._say(530, "5.7.0", "Sign in first")
        elif found is None or not size.isdigit():
            self._say(501, "5.5.4", "MAIL FROM:<address>")
        elif len(size) > 18 or int(size) > self._manners.size:
            self._say(552, "5.3.4", "Too big")
        elif not self._takes(parameters) or not self._fits(found[1], parameters):
            self._say(555, "5.5.4", "Not offered")
        else:
            self._sender = found[1]
            self._say(250, "2.1.0", "Sender noted")

    def _takes(self, parameters: Mapping[str, str]) -> bool:
        known = {"SIZE"} | ({"BODY"} if self._manners.eight_bit else set())
        return parameters.keys() <= known | ({"SMTPUTF8"} if self._manners.utf8 else set())

    def _fits(self, address: str, parameters: Mapping[str, str]) -> bool:
        return address.isascii() or "SMTPUTF8" in parameters

    def _rcpt(self, rest: str) -> None:
        found = _RCPT.fullmatch(rest)
        if self._sender is None:
            self._say(503, "5.5.1", "From whom?")
        elif found is None or found[2] or "@" not in found[1]:
            self._say(501, "5.1.3", "RCPT TO:<address>")
        elif len(self._recipients) >= MOST_RECIPIENTS:
            self._say(452, "4.5.3", "Too many at once")
        elif (refusal := self._answering.to(found[1], "recipient")) is not None:
            self._answer(refusal)
        else:
            self._recipients.append(found[1])
            self._say(250, "2.1.5", "Recipient noted")

    async def _data(self, rest: str) -> bool:
        if rest.strip() or not self._recipients:
            self._say(503 if not rest.strip() else 501, "5.5.1", "For whom?")
            return True
        self._say(354, "", "Go on, end with a dot")
        content = await self._content()
        recipients, sender = self._recipients, self._sender or ""
        self._reset()
        refusals = (self._answering.to(one, "content") for one in recipients)
        if content is None:
            self._say(552, "5.3.4", "Too big")
        elif (refusal := next((one for one in refusals if one is not None), None)) is not None:
            self._answer(refusal)
        else:
            self._keep(sender, recipients, content)
            self._say(250, "2.0.0", "Kept")
        return not self._writer.is_closing()

    async def _content(self) -> bytes | None:
        """None when it is too big: then it was read to its end all the same."""
        await self._writer.drain()
        data, over = bytearray(), False
        while data != END[2:] and not data.endswith(END):
            async with asyncio.timeout(self._manners.seconds):
                data += await self._reader.readuntil(END[2:])
            if len(data) > self._manners.size + len(END):
                over = True
                del data[: -len(END)]
        if over:
            return None
        kept = bytes(data[:-3])
        return (kept[1:] if kept.startswith(b".") else kept).replace(b"\r\n.", b"\r\n")

    async def _start_tls(self, rest: str) -> None:
        if self._manners.tls is None or self._encrypted or rest.strip():
            self._say(503, "5.5.1", "Not offered")
            return
        self._say(220, "2.0.0", "Go on")
        await self._writer.drain()
        await self._writer.start_tls(self._manners.tls, ssl_handshake_timeout=30)
        self._encrypted, self._greeted, self._known = True, False, False
        self._reset()

    async def _auth(self, rest: str) -> None:
        if not self._manners.users or self._known or not self._greeted:
            self._say(503, "5.5.1", "Not now")
            return
        try:
            await signed_in(rest, self._manners.users, self._asked)
        except Refused as refused:
            self._say(refused.code, refused.status, str(refused))
            return
        self._known = True
        self._say(235, "2.7.0", "Welcome")

    async def _asked(self, challenge: str) -> str:
        self._say(334, "", challenge)
        return await self._line()

    def _reset(self) -> None:
        self._sender, self._recipients = None, []


def _parameter(said: str) -> tuple[str, str]:
    name, _, value = said.partition("=")
    return name.upper(), value
