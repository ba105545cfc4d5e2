"""Both servers of the mailbox, in threads of their own."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from lettershop.delivery.mailbox.answers import USUAL, Answer, Answering
from lettershop.delivery.mailbox.door import Door
from lettershop.delivery.mailbox.reading import envelope_words
from lettershop.delivery.mailbox.session import Manners, Session
from lettershop.delivery.mailbox.store import Store
from lettershop.delivery.smtp.address import is_here
from lettershop.model.errors import InputError, UsageError

POLL: Final = 0.05
"""Seconds until the page notices that it is to stop."""


class Mailbox:
    """`store` says what has arrived. `smtp`: for the setting smtp; `page`: where to read it."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        host: str = "127.0.0.1",
        smtp_port: int = 0,
        page_port: int = 0,
        answers: Sequence[Answer] = USUAL,
        manners: Manners | None = None,
        open_to_all: bool = False,
    ) -> None:
        """Ports: 0 for any that is free. UsageError `mailbox.host` for an address that others
        reach, unless `open_to_all`; InputError `mailbox.port` when one is taken."""
        if not (is_here(host) or open_to_all):
            message = f"everybody who reaches {host} could read and delete all mail: no login"
            raise UsageError("mailbox.host", message, hint="--open-to-all, if that is wanted")
        self._host, self._smtp_port = host, smtp_port
        self._manners, self._answering = manners or Manners(), Answering(tuple(answers))
        self.store = Store(path)
        try:
            self._door = Door(host, page_port, self.store, open_to_all=open_to_all)
        except OSError as error:
            self.store.close()
            raise _taken(page_port, error) from None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._threads: list[threading.Thread] = []

    @property
    def smtp(self) -> str:
        return f"smtp://{self._shown}:{self._smtp_port}"

    @property
    def smtp_port(self) -> int:
        return self._smtp_port

    @property
    def page(self) -> str:
        return f"http://{self._shown}:{self._door.server_address[1]}"

    def start(self) -> None:
        """Both answer when this returns."""
        listening: Future[int] = Future()
        door = threading.Thread(
            target=lambda: self._door.serve_forever(POLL), name="mailbox-page", daemon=True
        )
        mail = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening)), name="mailbox-smtp", daemon=True
        )
        self._threads = [door, mail]
        for thread in self._threads:
            thread.start()
        try:
            self._smtp_port = listening.result()
        except OSError as error:
            self.stop()
            raise _taken(self._smtp_port, error) from None

    def stop(self) -> None:
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._door.shutdown()
        self._door.server_close()
        for thread in self._threads:
            thread.join(10)
        self.store.close()

    # --- inside ---------------------------------------------------------------------------------

    @property
    def _shown(self) -> str:
        return f"[{self._host}]" if ":" in self._host else self._host

    async def _serve(self, listening: "Future[int]") -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        limit = self._manners.size + 100_000
        try:
            server = await asyncio.start_server(
                self._session, self._host, self._smtp_port, limit=limit
            )
        except OSError as error:
            listening.set_exception(error)
            return
        listening.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        server.close()
        talking = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(reader, writer, self._manners, self._answering, self._keep)
        try:
            await session.run()
        except asyncio.CancelledError:
            pass  # the server ends; streams report a cancelled task as an error
        finally:
            writer.transport.abort()

    def _keep(self, sender: str, recipients: Sequence[str], content: bytes) -> None:
        author, subject = envelope_words(content)
        self.store.keep(sender, recipients, author, subject, content)


@contextmanager
def running_mailbox(path: Path | None = None, **said: Any) -> Iterator[Mailbox]:
    """A mailbox on free ports, in memory unless a path is given; `said`: as for Mailbox."""
    mailbox = Mailbox(path, **said)
    mailbox.start()
    try:
        yield mailbox
    finally:
        mailbox.stop()


def _taken(port: int, error: OSError) -> InputError:
    message = f"port {port} cannot be used: {error.strerror or error}"
    return InputError("mailbox.port", message, hint="another one, or 0 for any that is free")
