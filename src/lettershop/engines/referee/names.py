"""What facts call people and things, and the fields that these names become."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    RecordFact,
)

FIELDS = {"user": "user_id", "email": "email"}
"""The fields that hold what contacts are named by."""

Named = ContactFact | AccountFact | RecordFact


class Name(NamedTuple):
    """A name of something, and the fact that writes it into a field."""

    whose: str
    key: str
    write: Named


def identities(fact: AnyFact) -> tuple[str, ...]:
    """The identities of the contact a fact names, if it names one."""
    if isinstance(fact, ContactFact):
        return (fact.contact, *fact.also)
    if isinstance(fact, AccountFact) or fact.contact is None:
        return ()
    return (fact.contact,)


def names(facts: Iterable[AnyFact]) -> Iterator[Named]:
    """Names are traits: the first fact that brings a user id, an address, or the id of an account
    or record writes it, at its own time, unless it says another value of that field itself."""
    seen: set[str] = set()
    for fact in facts:
        for name in brought(fact):
            first = name.whose not in seen
            seen.add(name.whose)
            if first and not (type(fact) is type(name.write) and says(fact, name.key)):
                yield name.write


def brought(fact: AnyFact) -> Iterator[Name]:
    ts, received_at, message_id = fact.order
    for identity in identities(fact):
        sort, _, text = identity.partition(":")
        if key := FIELDS.get(sort):
            yield Name(
                identity,
                key,
                ContactFact(
                    ts=ts,
                    received_at=received_at,
                    message_id=message_id,
                    contact=identity,
                    traits={key: text},
                ),
            )
    if not isinstance(fact, ContactFact) and fact.account is not None:
        yield Name(
            f"account:{fact.account}",
            "id",
            AccountFact(
                ts=ts,
                received_at=received_at,
                message_id=message_id,
                account=fact.account,
                traits={"id": fact.account},
            ),
        )
    if isinstance(fact, RecordFact):
        yield Name(
            f"record:{fact.kind}:{fact.id}",
            "id",
            RecordFact(
                ts=ts,
                received_at=received_at,
                message_id=message_id,
                kind=fact.kind,
                id=fact.id,
                traits={"id": fact.id},
            ),
        )


def says(fact: AnyFact, key: str) -> bool:
    return isinstance(fact, ContactFact | AccountFact | RecordFact) and key in fact.traits
