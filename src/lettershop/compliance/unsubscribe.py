"""Somebody wants no more, or not this: by link, one-click, reply or `mailto:`. Effective at once."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from django.db import transaction

from lettershop.compliance.book import Book
from lettershop.compliance.consent import NewConsent, record_many, said_of
from lettershop.compliance.rules import Policy
from lettershop.compliance.standing import standing
from lettershop.compliance.suppression import (
    NewSuppression,
    SuppressionAnswer,
    lift_own,
    of_person,
    suppress,
)
from lettershop.compliance.words import EVERY_PURPOSE, EVERYTHING, read_scope, stream_scope


class Unsubscribed(msgspec.Struct, frozen=True):
    """`new`: False when it held before. `withdrawn`: purposes whose consent ended with it."""

    scope: str
    new: bool
    withdrawn: tuple[str, ...]


def unsubscribe(
    book: Book,
    policy: Policy,
    address: str,
    *,
    scope: str = EVERYTHING,
    source: str,
    proof: Mapping[str, Any],
    at: int,
) -> Unsubscribed:
    """Suppress `all`, a stream or a topic, and withdraw the consents it covers; idempotent.

    `source`: one-click, link, reply, mailto … `proof`: what shows it (ip, mail id, row of the
    ledger). InputError `address.unreadable`, `suppression.scope`.
    """
    scope, who = read_scope(scope), book.hashed(address)
    new = NewSuppression(address=address, scope=scope, reason="unsubscribe", source=source)
    with transaction.atomic():
        added = suppress(book, new, by="themselves", at=at)
        purposes = tuple(_given(policy, who.hash, scope, at))
        ends = [_end(address, purpose, source, proof) for purpose in purposes]
        if ends:
            record_many(book, policy, ends, by="themselves", at=at)
    return Unsubscribed(scope, added, purposes)


def resubscribe(book: Book, address: str, *, scope: str, at: int) -> int:
    """Undo at once, on the same page: what they themselves suppressed in this scope ends. Consent
    that was withdrawn with it has to be given again. How many suppressions ended."""
    return lift_own(book.hashed(address), [read_scope(scope)], why="undone by themselves", at=at)


def object_to(
    book: Book, policy: Policy, address: str, *, source: str, proof: Mapping[str, Any], at: int
) -> Unsubscribed:
    """They object to direct marketing (GDPR 21(2)): it wins over every basis, also a later one that
    others report."""
    said = NewConsent(
        address=address, purpose=EVERY_PURPOSE, state="objected", source=source, proof=proof
    )
    new = NewSuppression(address=address, reason="objection", source=source)
    with transaction.atomic():
        added = suppress(book, new, by="themselves", at=at)
        if added:
            record_many(book, policy, [said], by="themselves", at=at)
    return Unsubscribed(EVERYTHING, added, ())


def why_suppressed(book: Book, address: str) -> list[SuppressionAnswer]:
    """All suppressions of an address that there ever were."""
    return of_person(book.hashed(address).hash)


def _given(policy: Policy, hashed: str, scope: str, at: int) -> Iterator[str]:
    """Purposes with consent now that a scope covers; a topic covers none."""
    entries = said_of([hashed]).get(hashed, [])
    for purpose in policy.purposes.values():
        covered = scope in (EVERYTHING, stream_scope(purpose.stream))
        last = standing(entries, purpose.name, at).last
        if covered and last is not None and last.state == "given" and purpose.basis == "consent":
            yield purpose.name


def _end(address: str, purpose: str, source: str, proof: Mapping[str, Any]) -> NewConsent:
    return NewConsent(
        address=address, purpose=purpose, state="withdrawn", source=source, proof=proof
    )
