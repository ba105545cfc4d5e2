"""What tracking and the public pages need of others; app/ introduces them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from lettershop.delivery.said import EmailEvent

Emit = Callable[[Sequence[EmailEvent]], None]
"""Takes facts for the intake; Unavailable when it cannot just now."""

Scope = Literal["stream", "all"]
"""What somebody leaves: the stream the letter was sent in, or all marketing."""


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Whose letter a row is. `at`: ms, when it was accepted, 0 where nobody knows. `provider`:
    the pool of their mail servers (providers/whose.py), "" where it is not known. `key`, `name`: of
    its send. `language`: the letter's, as `pt-BR`, "" for the template's usual one."""

    row: int
    send: int
    stream: str
    contact: str
    account: str = ""
    address: str
    at: int = 0
    provider: str = ""
    key: str = ""
    name: str = ""
    language: str = ""


FindAddressees = Callable[[Sequence[int]], Mapping[int, Addressee]]
"""Rows of the ledger to whose they are; those that are not there are left out."""


class Topic(msgspec.Struct, frozen=True):
    """A topic as its page shows it."""

    name: str
    title: str
    wanted: bool


class Wishes(Protocol):
    """What recipients may say of themselves: kept by compliance, effective at once."""

    def leave(self, who: Addressee, scope: Scope, source: str, proof: Mapping[str, str], /) -> bool:
        """Idempotent. `source`: one-click or link. Whether it is new."""
        ...

    def undo(self, who: Addressee, scope: Scope, /) -> None:
        """What they left by this letter just now was a slip."""
        ...

    def topics(self, who: Addressee, language: str, /) -> Sequence[Topic]: ...

    def choose(self, who: Addressee, wanted: Mapping[str, bool], /) -> None:
        """Topics that are not there are ignored."""
        ...
