"""The facts: five kinds of rows, each said by somebody at one time and received at another.

Everything a segment can know is in these rows. A fact counts at `as_of` when both its own time
`ts` and `received_at` are at or before `as_of`. Within one value the last writer wins, by
(ts, received_at, message_id). Times are milliseconds since 1970 UTC.

Contacts are named by *identity*: `user:…`, `email:…` or `anon:…`; accounts by their group id.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

Traits = Mapping[str, Any]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    ts: int
    received_at: int
    message_id: str

    @property
    def order(self) -> tuple[int, int, str]:
        """Last writer wins by this."""
        return (self.ts, self.received_at, self.message_id)

    def visible(self, as_of: int) -> bool:
        return self.ts <= as_of and self.received_at <= as_of


class ContactFact(Fact, frozen=True, kw_only=True):
    """Something said about a person. An explicit None is a write, an absent key is not.

    `deleted`: True ends the contact, False (re)creates it, None says nothing about it.
    `also`: other identities of the same person, said in the same breath (user id and address).
    `alias`: the fact says explicitly that they are one person, so several user ids may be joined.
    """

    contact: str
    also: tuple[str, ...] = ()
    alias: bool = False
    traits: Traits = {}
    deleted: bool | None = None


class AccountFact(Fact, frozen=True, kw_only=True):
    """Something said about an account. A deletion also ends all its memberships."""

    account: str
    traits: Traits = {}
    deleted: bool | None = None


class MembershipFact(Fact, frozen=True, kw_only=True):
    """The contact joined (or, with joined=False, left) the account at `ts`."""

    contact: str
    account: str
    joined: bool = True
    role: str | None = None


class EventFact(Fact, frozen=True, kw_only=True):
    """Something that happened. `message_id` identifies it for ever: a second one is dropped.

    `account` is the stated account (`context.groupId`); where it is None, the event belongs to
    the contact's only account at `ts`, else to none (see `attribute`).
    """

    name: str
    contact: str | None = None
    account: str | None = None
    properties: Traits = {}


class RecordFact(Fact, frozen=True, kw_only=True):
    """A row of a CRM: a deal, subscription, ticket or task of an account and/or a contact.

    The links are written like traits: None says nothing about them.
    """

    kind: str
    id: str
    contact: str | None = None
    account: str | None = None
    traits: Traits = {}
    deleted: bool | None = None


AnyFact = ContactFact | AccountFact | MembershipFact | EventFact | RecordFact


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """From `day` on, one unit of `source` is worth `rate` / 1,000,000 units of `target`."""

    source: str
    target: str
    day: date
    rate: int


ANONYMOUS = "anon:"

ALIAS_USER_IDS = 5
"""User ids one contact may have when facts say explicitly that they are one person (`alias`): a few
changes of an id are real, more are a program that says it of everybody."""


def is_identified(contact: str) -> bool:
    """A user id or an address is known; only such contacts are in any segment."""
    return not contact.startswith(ANONYMOUS)
