"""The proof that adds up: planned = accepted + refused + suppressed + failed + unknown (+ open).

`planned` was counted when rows were written; everything else is counted from the rows as they are.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection, transaction

from lettershop.compliance.addresses import comparable
from lettershop.delivery.ledger import statements
from lettershop.delivery.ledger.planning import send
from lettershop.delivery.ledger.rows import ENDED, OPEN, Listed
from lettershop.delivery.said import State
from lettershop.model.errors import NotFound


class Why(msgspec.Struct, frozen=True):
    """How many rows ended (or wait) like that: `bounce_class` of refused and deferred ones."""

    state: State
    bounce_class: str
    reason: str
    messages: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Of one send. `states`: rows by state, of every state there is; `why`: the same by class and
    reason, most first. `resent`: transactional messages tried again after a try without an
    answer: their recipients may have got them twice."""

    send: int
    planned: int
    states: dict[State, int]
    why: list[Why]
    resent: int

    @property
    def open(self) -> int:
        return sum(self.states[state] for state in OPEN)

    @property
    def ended(self) -> int:
        return sum(self.states[state] for state in ENDED)

    @property
    def adds_up(self) -> bool:
        return self.planned == self.ended + self.open


def counts(number: int) -> Counts:
    """NotFound `send.unknown`."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statements.COUNTS, [number])
        found = cursor.fetchall()
        planned = send(number).planned
    states: dict[State, int] = dict.fromkeys((*OPEN, *ENDED), 0)
    why, resent = list[Why](), 0
    for state, bounce_class, reason, messages, unsure in found:
        states[state] += messages
        resent += unsure if state != "unknown" else 0
        why.append(Why(state, bounce_class, reason, messages))
    why.sort(key=lambda one: (-one.messages, one.state, one.bounce_class, one.reason))
    return Counts(send=number, planned=planned, states=states, why=why, resent=resent)


def accepted_since(number: int, since: int) -> int:
    """Messages of the send that were taken after that instant."""
    with connection.cursor() as cursor:
        cursor.execute(statements.ACCEPTED_SINCE, [number, since])
        (found,) = cursor.fetchone()
    return int(found)


def rows(number: int, state: State | None = None, after: int = 0, limit: int = 100) -> list[Listed]:
    """Messages of the send, by number; `after`: the last number seen. Of that state only."""
    if state is None:
        return _listed(statements.LIST, [number, after, limit])
    return _listed(statements.LIST_STATE, [number, state, after, limit])


def message(number: int) -> Listed:
    """NotFound `message.unknown`."""
    found = _listed(statements.ONE, [number])
    if not found:
        raise NotFound("message.unknown", f"there is no message {number}")
    return found[0]


def by_message_id(message_id: str) -> list[Listed]:
    """Those that went out under this Message-ID: one, or none."""
    return _listed(statements.BY_MESSAGE_ID, [message_id])


def to_address(address: str, limit: int = 20) -> list[Listed]:
    """What was planned for that address, however it is written; the newest first."""
    wanted = comparable(address) or address.lower()
    return _listed(statements.TO_MAILBOX, [wanted, limit])


def _listed(statement: str, values: Sequence[str | int]) -> list[Listed]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [_one(row) for row in cursor.fetchall()]


def _one(row: Sequence[Any]) -> Listed:
    return Listed(**dict(zip(Listed.__struct_fields__, row, strict=True)))
