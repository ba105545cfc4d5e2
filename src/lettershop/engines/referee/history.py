"""The facts as they were loaded: who is who, which events are new, which account they belong to.

All of this is settled once, from everything loaded, and does not depend on any `as_of`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lettershop.engines.referee.names import identities, names
from lettershop.engines.referee.who import resolve
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    Fact,
    MembershipFact,
    RecordFact,
)
from lettershop.model.settings import Settings

Pair = tuple[str, str]
"""(contact, account)"""
Order = tuple[int, int, str]


@dataclass(frozen=True)
class Event:
    """An event with its contact resolved and its account settled."""

    fact: EventFact
    contact: str | None
    account: str | None

    @property
    def ts(self) -> int:
        return self.fact.ts

    @property
    def properties(self) -> Mapping[str, Any]:
        return self.fact.properties


@dataclass(frozen=True)
class Naming:
    """A fact and what it says something about."""

    fact: Fact
    contacts: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()


@dataclass(frozen=True)
class History:
    """Facts by what they are about. Contacts are named by the identity that leads them."""

    contact_of: Mapping[str, str]
    contacts: Mapping[str, list[ContactFact]]
    accounts: Mapping[str, list[AccountFact]]
    memberships: Mapping[Pair, list[MembershipFact]]
    records: Mapping[Pair, list[RecordFact]]
    """By (kind, id)."""
    events: Sequence[Event]
    namings: Sequence[Naming] = field(default=())


def load(facts: Sequence[AnyFact], settings: Settings) -> History:
    kept, who = resolve(first_of_each_message(facts), settings)
    return history(kept, who.contact_of)


def history(kept: Sequence[AnyFact], contact_of: Mapping[str, str]) -> History:
    """The facts as they are taken, when it is settled who is who."""
    contacts: dict[str, list[ContactFact]] = defaultdict(list)
    accounts: dict[str, list[AccountFact]] = defaultdict(list)
    memberships: dict[Pair, list[MembershipFact]] = defaultdict(list)
    records: dict[Pair, list[RecordFact]] = defaultdict(list)
    for fact in kept:
        match fact:
            case ContactFact():
                contacts[contact_of[fact.contact]].append(fact)
            case AccountFact():
                accounts[fact.account].append(fact)
            case MembershipFact():
                memberships[contact_of[fact.contact], fact.account].append(fact)
            case RecordFact():
                records[fact.kind, fact.id].append(fact)
            case EventFact():
                pass
    for named in names(kept):
        match named:
            case ContactFact():
                contacts[contact_of[named.contact]].append(named)
            case AccountFact():
                accounts[named.account].append(named)
            case RecordFact():
                records[named.kind, named.id].append(named)
    return History(
        contact_of=contact_of,
        contacts=contacts,
        accounts=accounts,
        memberships=memberships,
        records=records,
        events=[
            settle(fact, contact_of, memberships, contacts, accounts)
            for fact in kept
            if isinstance(fact, EventFact)
        ],
        namings=[naming(f, contact_of) for f in kept],
    )


def first_of_each_message(facts: Iterable[AnyFact]) -> Iterator[AnyFact]:
    """An event whose message id was seen before is not new, whatever else it says."""
    seen: set[str] = set()
    for fact in facts:
        if isinstance(fact, EventFact):
            if fact.message_id in seen:
                continue
            seen.add(fact.message_id)
        yield fact


def naming(fact: AnyFact, contact_of: Mapping[str, str]) -> Naming:
    named = identities(fact)
    account = None if isinstance(fact, ContactFact) else fact.account
    return Naming(
        fact=fact,
        contacts=(contact_of[named[0]],) if named else (),
        accounts=() if account is None else (account,),
        identities=named,
    )


def settle(
    fact: EventFact,
    contact_of: Mapping[str, str],
    memberships: Mapping[Pair, list[MembershipFact]],
    contacts: Mapping[str, list[ContactFact]],
    accounts: Mapping[str, list[AccountFact]],
) -> Event:
    """The stated account; else the contact's only one at the event's time; else none."""
    contact = None if fact.contact is None else contact_of[fact.contact]
    if fact.account is not None:
        return Event(fact, contact, fact.account)
    active = [
        account
        for (member, account), said in memberships.items()
        if member == contact
        and was_joined(said, [*contacts.get(member, ()), *accounts.get(account, ())], fact.ts)
    ]
    return Event(fact, contact, active[0] if len(active) == 1 else None)


def was_joined(
    said: Sequence[MembershipFact], sides: Sequence[ContactFact | AccountFact], at: int
) -> bool:
    """Whether the last membership fact up to a moment says joined, and no deletion of the contact
    or the account came at or after it."""
    until = [fact for fact in said if fact.ts <= at]
    if not until:
        return False
    last = max(until, key=lambda fact: fact.order)
    ended = any(f.deleted and f.ts <= at and f.order >= last.order for f in sides)
    return last.joined and not ended
