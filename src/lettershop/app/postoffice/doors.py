"""Where returns come in by mail: an LMTP server in a thread of its own, and a mailbox by IMAP. The
settings `lmtp` and `imap` say where."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from lettershop.delivery.returns.imap import Mailbox
from lettershop.delivery.returns.lmtp import Accepts, Keep, Lmtp
from lettershop.delivery.smtp.address import is_here
from lettershop.model.errors import InputError, UsageError

PORTS: Final = {"imaps": 993, "imap": 143}
ImapFetch = Callable[[Mailbox, Keep, ssl.SSLContext | None], int]


class LmtpDoor:
    """`start` answers when it listens; `stop` ends it."""

    def __init__(self, setting: str, folder: Path, keep: Keep, accepts: Accepts) -> None:
        """`folder`: of the workspace, where a socket file may lie. InputError `settings.lmtp`."""
        self._place = lmtp_place(setting, folder)
        self._keep, self._accepts = keep, accepts
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def start(self) -> None:
        """UsageError `lmtp.open`, `lmtp.address`."""
        listening: Future[int] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening)), name="lmtp", daemon=True
        )
        self._thread.start()
        try:
            self.port = listening.result()
        except OSError as error:
            message = f"LMTP cannot listen on {self._place}: {error.strerror or error}"
            raise UsageError("lmtp.address", message, hint="the setting lmtp") from None

    def stop(self) -> None:
        if self._loop is not None and self._over is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._over.set)
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None

    async def _serve(self, listening: "Future[int]") -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        lmtp = Lmtp(self._keep, self._accepts)
        try:
            listening.set_result(await self._listen(lmtp))
        except Exception as error:
            listening.set_exception(error)
            return
        await self._over.wait()
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await lmtp.close()

    async def _listen(self, lmtp: Lmtp) -> int:
        if isinstance(self._place, Path):
            await lmtp.listen_file(self._place)
            return 0
        return await lmtp.listen(*self._place)


def lmtp_place(setting: str, folder: Path) -> Path | tuple[str, int]:
    """`127.0.0.1:8461`, or the path of a socket file. InputError `settings.lmtp`."""
    host, colon, port = setting.rpartition(":")
    if "/" in setting:
        return folder / setting
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        hint = "127.0.0.1:8461, or the path of a socket file"
        raise InputError("settings.lmtp", f"“{setting}” is no place to listen", hint=hint)
    return host.strip("[]"), int(port)


def imap_mailbox(setting: str) -> Mailbox:
    """`imaps://user:password@host/FOLDER`; `imap://` begins TLS by STARTTLS, and does without on
    this machine alone. InputError `settings.imap`."""
    parts = urlsplit(setting)
    try:
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if not port or not parts.hostname or not parts.username or parts.password is None:
        hint = "imaps://user:password@host/INBOX, the password with %40 for @ and so on"
        raise InputError(
            "settings.imap", "the setting imap is not the address of a mailbox", hint=hint
        )
    user = unquote(parts.username)
    bare = parts.scheme == "imap" and is_here(parts.hostname)
    return Mailbox(
        host=parts.hostname,
        port=port,
        user=user,
        password=unquote(parts.password),
        security="none" if bare else "tls" if parts.scheme == "imaps" else "starttls",
        folder=unquote(parts.path.strip("/")) or "INBOX",
        envelope=user if "@" in user else "",
    )
