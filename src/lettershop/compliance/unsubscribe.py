"""Somebody wants no more, or not this: by link, one-click, reply, `mailto:`. Effective at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.db import transaction

from lettershop.compliance.book import Book
from lettershop.compliance.consent import NewConsent, record_many, said_of
from lettershop.compliance.rules import Policy, Purpose
from lettershop.compliance.standing import Said, standing
from lettershop.compliance.suppression import (
    NewSuppression,
    SuppressionAnswer,
    lift_own,
    of_person,
    suppress,
)
from lettershop.compliance.words import EVERY_PURPOSE, EVERYTHING, read_scope, stream_scope
from lettershop.model.clock import DAY

UNDO = DAY
"""How long a withdrawal can be undone as a slip."""


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
        purposes = tuple(_ending(policy, who.hash, scope, at))
        ends = [_end(address, purpose, source, proof) for purpose in purposes]
        if ends:
            record_many(book, policy, ends, by="themselves", at=at)
    return Unsubscribed(scope, added, purposes)


def resubscribe(
    book: Book, policy: Policy, address: str, *, scope: str, source: str, at: int
) -> int:
    """Undo, on the page where they unsubscribed: what they themselves suppressed in this scope
    ends, and what they withdrew within a day before holds again as it did. How many suppressions
    ended. Nothing that was not theirs, and no objection, ends here."""
    scope, who = read_scope(scope), book.hashed(address)
    entries = said_of([who.hash]).get(who.hash, [])
    with transaction.atomic():
        again = [*_restored(policy, entries, address, scope, source, at)]
        if again:
            record_many(book, policy, again, by="themselves", at=at)
        return lift_own(who, [scope], why="undone by themselves", at=at, reasons=("unsubscribe",))


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


def _ending(policy: Policy, hashed: str, scope: str, at: int) -> Iterator[str]:
    """Purposes a scope covers whose letters could be sent until now; a topic covers none. Where the
    basis is our interest, no more letters means the same as withdrawn consent."""
    entries = said_of([hashed]).get(hashed, [])
    for purpose in _covered(policy, scope):
        last = standing(entries, purpose.name, at).last
        given = last is not None and last.state == "given"
        if given or (last is None and purpose.basis == "legitimate_interest"):
            yield purpose.name


def _covered(policy: Policy, scope: str) -> Iterator[Purpose]:
    for purpose in policy.purposes.values():
        marketing = not policy.streams[purpose.stream].transactional
        if scope == stream_scope(purpose.stream) or (scope == EVERYTHING and marketing):
            yield purpose


def _end(address: str, purpose: str, source: str, proof: Mapping[str, Any]) -> NewConsent:
    return NewConsent(
        address=address, purpose=purpose, state="withdrawn", source=source, proof=proof
    )


def _restored(
    policy: Policy, entries: Sequence[Said], address: str, scope: str, source: str, at: int
) -> Iterator[NewConsent]:
    """What they had said before they withdrew, said again."""
    for purpose in _covered(policy, scope):
        last = standing(entries, purpose.name, at).last
        if last is None or last.state != "withdrawn" or at - last.at >= UNDO:
            continue
        before = standing(entries[: entries.index(last)], purpose.name, at).last
        if before is not None and before.state != "given":
            continue
        yield NewConsent(
            address=address,
            purpose=purpose.name,
            method="single" if before is None else before.method,
            source=source,
            wording="" if before is None else before.wording,
        )
