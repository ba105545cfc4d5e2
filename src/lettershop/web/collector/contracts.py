"""What the collector needs from others, and what it tells them."""

from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

import msgspec

from lettershop.model.errors import Unavailable

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class SourceKey(Protocol):
    """Whose write key it is. `kind`: website, server, import or api."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Sources(Protocol):
    """Asked for every request: from memory, in constant time."""

    def find(self, write_key: str, /) -> SourceKey | None: ...

    def seen(self, name: str, /) -> None:
        """The source has just sent something."""


class Log(Protocol):
    """Where requests become durable: `ingest.log.LogWriter`."""

    @property
    def refusal(self) -> Unavailable | None: ...

    def append(
        self,
        source: str,
        call: str,
        body: bytes,
        received_at: int,
        on_done: Callable[[Unavailable | None], None],
        /,
    ) -> None:
        """Unavailable at once when there is no room; else `on_done`, once, from any thread."""


class Counts(msgspec.Struct):
    """Since the start; `refused` by code, `bytes` decompressed."""

    requests: int = 0
    events: int = 0
    bytes: int = 0
    refused: Counter[str] = msgspec.field(default_factory=Counter)
