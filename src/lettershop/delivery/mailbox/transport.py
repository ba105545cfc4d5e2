"""The mailbox as a transport of our own processes (setting `smtp = "mailbox"`): no port, no server
to keep running. It answers as the server does, and keeps after the final dot, before the answer."""

import asyncio
import sqlite3
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final

from lettershop.delivery.mailbox.answers import Answering
from lettershop.delivery.mailbox.reading import envelope_words
from lettershop.delivery.mailbox.store import Store
from lettershop.delivery.wire import Lost, Outgoing, Reply

FILE: Final = "mailbox.sqlite"
"""Below data/: shared by the transport, `lettershop mailbox` and the page that shows it."""
GO_ON: Final = Reply(code=354, text="go on")
KEPT: Final = Reply(code=250, status="2.0.0", text="kept in the mailbox")
NEVER: Final = Reply(code=503, status="5.5.1", text="nothing was offered")


class MailboxTransport:
    """`path`: the file; it is made at the first connection, and shared by all of them."""

    def __init__(self, path: Path, answering: Answering | None = None) -> None:
        self.path, self._answering = path, answering or Answering()
        self._store: Store | None = None
        self._opening = Lock()

    async def connect(self, provider: str = "") -> "_Conversation":
        """Lost when the file cannot be used."""
        try:
            store = await asyncio.to_thread(self._opened)
        except (OSError, sqlite3.Error) as error:
            raise Lost(f"the mailbox {self.path} cannot be used: {error}") from None
        return _Conversation(store, self._answering)

    def _opened(self) -> Store:
        """One for all connections, however many come first at one time."""
        with self._opening:
            if self._store is None:
                self._store = Store(self.path)
            return self._store


class _Conversation:
    def __init__(self, store: Store, answering: Answering) -> None:
        self._store, self._answering = store, answering
        self._offered: Outgoing | None = None

    async def offer(self, message: Outgoing) -> Reply:
        refusal = self._answering.to(message.recipient, "recipient")
        if refusal is not None:
            return refusal
        self._offered = message
        return GO_ON

    async def finish(self) -> Reply:
        message, self._offered = self._offered, None
        if message is None:
            return NEVER
        refusal = self._answering.to(message.recipient, "content")
        if refusal is not None:
            return refusal
        author, subject = envelope_words(message.content)
        keep = partial(self._store.keep, message.sender, [message.recipient], author, subject)
        try:
            await asyncio.to_thread(keep, message.content)
        except sqlite3.Error as error:
            return Reply(code=452, status="4.3.1", text=f"the mailbox: {error}")
        return KEPT

    async def close(self) -> None:
        self._offered = None
