"""The shapes that go into the ledger and come out of it."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from lettershop.delivery.said import BounceClass, State

Kind = Literal["campaign", "transactional", "test"]
SendState = Literal["holding", "sending", "paused", "aborted", "done"]
"""holding: being planned, or in its hold window; nothing leaves."""

OPEN: tuple[State, ...] = ("planned", "leased", "attempting", "deferred")
ENDED: tuple[State, ...] = ("accepted", "refused", "suppressed", "failed", "unknown")

Ending = Literal["accepted", "deferred", "refused", "unknown", "suppressed", "failed"]


class SendRow(msgspec.Struct, frozen=True, kw_only=True):
    """A send. See models.Send."""

    id: int
    key: str
    kind: Kind
    name: str
    stream: str
    state: SendState
    reason: str
    content: Mapping[str, Any]
    planned: int
    created_at: int
    started_at: int
    ended_at: int


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A message to plan. `contact`: identity (`user:U1`). `values`: from snapshot.freeze.
    `suppressed`: why it will not be sent, from the very start. `due_at`: not before (ms)."""

    contact: str
    address: str
    account: str = ""
    piece: str = ""
    provider: str = ""
    variant: str = ""
    language: str = ""
    digest: str = ""
    values: bytes = b""
    shown: tuple[int, ...] = ()
    suppressed: str = ""
    due_at: int = 0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A leased message, with all a builder needs. `message_id`: "" unless it was tried before and
    nobody knows what came of it: then it must be the same again."""

    id: int
    send: int
    kind: Kind
    stream: str
    contact: str
    account: str
    piece: str
    address: str
    domain: str
    provider: str
    variant: str
    language: str
    digest: str
    attempts: int
    unsure: int
    planned_at: int
    held_until: int
    message_id: str
    values: bytes
    shown: tuple[int, ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a leased message. `attempts`, `unsure`: the new numbers, so that settling twice
    changes nothing. `due_at`: of a deferred one."""

    id: int
    state: Ending
    at: int
    attempts: int
    unsure: int = 0
    attempted_at: int = 0
    due_at: int = 0
    code: int = 0
    status: str = ""
    text: str = ""
    bounce_class: BounceClass | Literal[""] = ""
    reason: str = ""
    message_id: str = ""


class Held(msgspec.Struct, frozen=True):
    """A row that a sender had when it died."""

    id: int
    state: Literal["leased", "attempting"]
    kind: Kind
    attempts: int
    unsure: int
    held_until: int
    message_id: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A message as people look at it."""

    id: int
    contact: str
    account: str
    piece: str
    address: str
    provider: str
    variant: str
    language: str
    state: State
    attempts: int
    unsure: int
    due_at: int
    code: int
    status: str
    text: str
    bounce_class: str
    reason: str
    message_id: str
    planned_at: int
    attempted_at: int
    settled_at: int
