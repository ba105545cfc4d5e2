"""Whose letter was it? Never an address that was not mailed: anybody can send us a forged bounce.

Surest first: the token in the address it came to (verp.py), which nobody can forge; a Message-ID of
ours, which only the recipient has seen; the recipient's address, if it was mailed lately. What is
known by the address alone is not believed to the full: see acts.py.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, Protocol

import msgspec

from lettershop.delivery.returns.said import Affected, Return
from lettershop.delivery.returns.verp import unverp
from lettershop.model.clock import DAY

How = Literal["token", "message_id", "address"]
WINDOW: Final = 10 * DAY
"""ms: how long after a letter its recipient's address alone is believed; senders give up after five
days (RFC 5321 4.5.4.1)."""


class Mailed(msgspec.Struct, frozen=True, kw_only=True):
    """A letter of ours. `row`: of the ledger; `send`: which send it belongs to, with its `key` and
    `name`; `contact`: `user:U1`; `account`: group id or "". `at`: ms, when it was accepted."""

    row: int
    send: int
    stream: str
    contact: str
    account: str = ""
    address: str
    message_id: str = ""
    at: int
    key: str = ""
    name: str = ""


class Sent(Protocol):
    """What the ledger is asked; only letters that were attempted count as sent."""

    def by_row(self, row: int) -> Mailed | None: ...

    def by_message_id(self, ids: Sequence[str]) -> Mailed | None:
        """Of the first of the ids (with <>) that is one of ours."""
        ...

    def by_address(self, address: str, after: int, before: int) -> Mailed | None:
        """The newest to this address (compared without regard to case) in that time (ms)."""
        ...


class Match(msgspec.Struct, frozen=True):
    """`affected`: of a bounce; None for what is about no recipient, such as a reply."""

    mailed: Mailed
    how: How
    affected: Affected | None = None


def correlate(found: Return, sent: Sent, secret: bytes, now: int) -> list[Match]:
    """The letters a Return speaks of; none where it speaks of none of ours. `now`: ms."""
    certain = _by_token(found, sent, secret) or _by_id(found, sent)
    if certain is not None:
        mailed, how = certain
        return [Match(mailed, how, _spoken_of(found, mailed))]
    return [*_by_address(found, sent, now)]


def _by_token(found: Return, sent: Sent, secret: bytes) -> tuple[Mailed, How] | None:
    for address in found.to:
        row = unverp(secret, address)
        if row is None:
            row = unverp(secret, address, "leave")
        mailed = sent.by_row(row) if row is not None else None
        if mailed is not None:
            return mailed, "token"
    return None


def _by_id(found: Return, sent: Sent) -> tuple[Mailed, How] | None:
    mailed = sent.by_message_id(found.references) if found.references else None
    return (mailed, "message_id") if mailed is not None else None


def _by_address(found: Return, sent: Sent, now: int) -> Iterator[Match]:
    """Of each recipient that is named; of replies, the one who wrote."""
    named = [(one, one.original or one.address) for one in found.affected]
    asked: list[tuple[Affected | None, str]] = [*named] if named else [(None, found.sender)]
    seen = set()
    for affected, address in asked:
        mailed = sent.by_address(address, now - WINDOW, now) if address else None
        if mailed is not None and mailed.row not in seen:
            seen.add(mailed.row)
            yield Match(mailed, "address", affected)


def _spoken_of(found: Return, mailed: Mailed) -> Affected | None:
    """What was said of this recipient; where others are named (it was forwarded, to a list), the
    one that is alone, or nothing sure."""
    address = mailed.address.lower()
    for one in found.affected:
        if address in (one.address, one.original):
            return one
    if len(found.affected) == 1:
        return found.affected[0]
    return min(found.affected, key=_mildness, default=None)


def _mildness(one: Affected) -> int:
    """Of several who got it through one address, the one whose trouble matters least: the address
    we know still reaches the others."""
    return _MILDEST.index(one.bounce_class)


_MILDEST: Final = (
    "unclear", "auto_reply", "temporary", "full", "policy", "message", "perhaps_dead", "dead",
)  # fmt: skip
