"""What a sender needs of others; app/ introduces them."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.providers.backoff import backoff
from lettershop.delivery.said import BounceClass
from lettershop.delivery.wire import Outgoing, Reply, Transport


class Built(msgspec.Struct, frozen=True):
    """A message that can go. `message_id`: its Message-ID header, as written there; for a row that
    has one already, that."""

    outgoing: Outgoing
    message_id: str


class Withheld(msgspec.Struct, frozen=True):
    """A message that will not go: as a policy says (suppressed), because it cannot be made
    (failed), or not before `due_at`, ms (deferred)."""

    kind: Literal["suppressed", "failed", "deferred"]
    reason: str
    due_at: int = 0


class Builder(Protocol):
    """Renders, writes and signs. Called in one thread; it does no I/O."""

    def build(self, row: Row) -> Built | Withheld: ...


Objection: TypeAlias = str | Withheld | None
"""None: it may go. Text: why it is suppressed."""
MaySend = Callable[[Sequence[Row]], Sequence[Objection]]
"""Asked in the last moment, of each row. It may ask the records; it runs in the thread that holds
their connection."""

Classify = Callable[[Reply], BounceClass]
"""Whose fault a refusal is."""

Backoff = Callable[[int, Reply], float | None]
"""Seconds until the next try after this many and this reply; None: no more."""


class Shaper(Protocol):
    """How much a provider likes. One per process; it gets its share of what all may do."""

    def connections(self, provider: str) -> int:
        """How many at once, at this moment."""
        ...

    def messages(self, provider: str) -> int:
        """How many over one connection."""
        ...

    def may_start(self, provider: str) -> float:
        """Seconds to wait before the next message; 0 takes its place."""
        ...

    def told(self, provider: str, reply: Reply) -> object:
        """Every answer: to a connection, an offer, a final dot."""
        ...


class Steady:
    """A shaper that never slows down: for a smart host of one's own, folders and tests."""

    def __init__(self, connections: int = 4, messages: int = 1_000) -> None:
        self._connections, self._messages = connections, messages

    def connections(self, provider: str) -> int:
        return self._connections

    def messages(self, provider: str) -> int:
        return self._messages

    def may_start(self, provider: str) -> float:
        return 0.0

    def told(self, provider: str, reply: Reply) -> None:
        pass


def unclear(reply: Reply) -> BounceClass:
    """For want of rules."""
    return "unclear" if reply.code >= 500 else "temporary"


def always(rows: Sequence[Row]) -> list[Objection]:
    """For messages nobody can object to."""
    return [None] * len(rows)


def nothing(rows: Sequence[Row]) -> None:
    """For builders that need nothing more."""


def own_pool(provider: str) -> str:
    """For transports that know providers apart."""
    return provider


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """`prepare`: reads of the records what the builder will need of rows that were just leased; it
    runs in their thread. `pool_of`: which pool the mail of a provider goes through."""

    builder: Builder
    transport: Transport
    may_send: MaySend
    shaper: Shaper
    classify: Classify = unclear
    backoff: Backoff = backoff
    prepare: Callable[[Sequence[Row]], None] = nothing
    pool_of: Callable[[str], str] = own_pool
