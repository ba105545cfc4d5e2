"""Transports that go nowhere: a folder of files, and a memory that can be told what to answer."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

from lettershop.delivery.wire import Lost, Outgoing, Reply, Unwelcome

GO_ON: Final = Reply(code=354, text="go on")
TAKEN: Final = Reply(code=250, status="2.0.0", text="taken")

Script = Callable[[Outgoing], Reply | Literal["lost", "unknown", "kept"] | None]
"""What becomes of a message: a reply; lost before the final dot; unknown: the answer to the dot
does not come and it was not taken; kept: it does not come although it was. None: it is taken."""


class FolderTransport:
    """Each message a file `ID-RECIPIENT.eml`, there wholly or not at all; sent again, it replaces
    itself. The file is on disk when `finish` answers."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def connect(self, provider: str = "") -> "_Files":
        """Lost when the folder cannot be made."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Lost(f"the folder {self.path} cannot be used: {error.strerror}") from None
        return _Files(self.path)


class _Files:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._offered: Outgoing | None = None

    async def offer(self, message: Outgoing) -> Reply:
        self._offered = message
        return GO_ON

    async def finish(self) -> Reply:
        message, self._offered = self._offered, None
        if message is None:
            raise RuntimeError("nothing was offered")
        try:
            await asyncio.to_thread(_written, self._path / file_name(message), message.content)
        except OSError as error:
            return Reply(code=452, status="4.3.1", text=f"the folder: {error.strerror}")
        return TAKEN

    async def close(self) -> None:
        self._offered = None


class MemoryTransport:
    """Keeps what was taken in `messages`, in the order of the answers. `welcome`: asked at each
    connection, with the provider: a reply that is not taken refuses it, "lost" loses it."""

    def __init__(
        self,
        script: Script = lambda message: None,
        welcome: Callable[[str], Reply | Literal["lost"] | None] = lambda provider: None,
    ) -> None:
        self.messages: list[Outgoing] = []
        self.connections: list[str] = []
        """Every provider that was connected to, in order."""
        self.script, self._welcome = script, welcome

    async def connect(self, provider: str = "") -> "_Kept":
        said = self._welcome(provider)
        if said == "lost":
            raise Lost("the connection was lost, as told")
        if said is not None and not said.taken:
            raise Unwelcome(said)
        self.connections.append(provider)
        return _Kept(self)

    def to(self, recipient: str) -> Sequence[Outgoing]:
        return [one for one in self.messages if one.recipient == recipient]


class _Kept:
    """After anything was lost it takes nothing any more, as a connection would."""

    def __init__(self, transport: MemoryTransport) -> None:
        self._transport = transport
        self._offered: tuple[Outgoing, Reply | str | None] | None = None
        self._over = False

    async def offer(self, message: Outgoing) -> Reply:
        await asyncio.sleep(0)
        said = self._transport.script(message)
        if self._over or said == "lost":
            self._over = True
            raise Lost("the connection was lost before the final dot, as told")
        if isinstance(said, Reply) and not said.taken:
            return said
        self._offered = message, said
        return GO_ON

    async def finish(self) -> Reply:
        await asyncio.sleep(0)
        if self._offered is None:
            raise RuntimeError("nothing was offered")
        (message, said), self._offered = self._offered, None
        if said != "unknown":
            self._transport.messages.append(message)
        if said in ("unknown", "kept"):
            self._over = True
            raise Lost("the connection was lost after the final dot, as told")
        return said if isinstance(said, Reply) else TAKEN

    async def close(self) -> None:
        self._over = True


def file_name(message: Outgoing) -> str:
    """In the folder."""
    readable = "".join(c if c.isalnum() or c in "@.+-" else "_" for c in message.recipient)
    return f"{message.id}-{readable[:100]}.eml"


def _written(path: Path, content: bytes) -> None:
    """Under another name first: nobody ever sees half a file."""
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
