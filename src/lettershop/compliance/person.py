"""A person asks what is held about them (GDPR 15, 20), or to be forgotten (GDPR 17).

Erasure takes away whom the hashes stand for, proofs and choices. It leaves the keyed hash with a
suppression, so that whoever imports the address again does not write to it, and the consent log
under that hash, which shows what was lawful at its time (GDPR 17(3)(e)).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec
from django.db import transaction

from lettershop.compliance.book import Book, Hashed
from lettershop.compliance.consent import ConsentAnswer, history
from lettershop.compliance.models import (
    ConsentEntry,
    ConsentProof,
    KnownAddress,
    Suppression,
    TopicChoice,
)
from lettershop.compliance.suppression import (
    NewSuppression,
    SuppressionAnswer,
    of_person,
    suppress,
)
from lettershop.compliance.topics import choices
from lettershop.model.clock import format_instant
from lettershop.model.errors import NotFound


class Facts(Protocol):
    """What is known of people outside these records. `who`: user id, address or identity."""

    def addresses(self, who: str) -> Sequence[str]:
        """All addresses of the person; NotFound when nobody is known under this name."""
        ...

    def export(self, who: str) -> Mapping[str, Any]:
        """Everything that is held, as JSON. NotFound."""
        ...

    def erase(self, who: str) -> Sequence[str]:
        """End the contact; one sentence for each thing that remains somewhere. NotFound."""
        ...


class Holder(Protocol):
    """Another room that holds something of people: the ledger, tracking …"""

    def export(self, addresses: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """What is held under these addresses (comparable form), as JSON."""
        ...

    def erase(self, addresses: Sequence[str]) -> Sequence[str]:
        """Forget them; one sentence for each thing that remains. Safe to repeat."""
        ...


class AddressRecords(msgspec.Struct, frozen=True):
    """What the records hold under one address. `topics`: what they chose."""

    address: str
    hash: str
    suppressions: Sequence[SuppressionAnswer]
    consents: Sequence[ConsentAnswer]
    topics: Mapping[str, bool]


class PersonExport(msgspec.Struct, frozen=True, kw_only=True):
    """`facts`: null when nobody is known under this name beyond these records. `others`: what
    other rooms hold, by their name."""

    who: str
    at: str
    addresses: Sequence[AddressRecords]
    facts: Mapping[str, Any] | None
    others: Mapping[str, Sequence[Mapping[str, Any]]] = {}


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """`hashes` stay and keep them from being mailed. `removed`: rows, by what they were."""

    at: str
    hashes: Sequence[str]
    removed: Mapping[str, int]
    remains: Sequence[str]


def export_person(
    book: Book, facts: Facts, who: str, at: int, holders: Mapping[str, Holder] | None = None
) -> PersonExport:
    """NotFound `contact.unknown` when neither the facts nor these records know the name."""
    people, known = _addresses(book, facts, who)
    held = [_records(one) for one in people]
    named = [one.address for one in people]
    others = {name: holder.export(named) for name, holder in (holders or {}).items()}
    found = any(one.suppressions or one.consents or one.topics for one in held)
    if not (known or found or any(others.values())):
        raise NotFound("contact.unknown", f"nothing is held about “{who}”", where="who")
    return PersonExport(
        who=who,
        at=format_instant(at),
        addresses=held,
        facts=facts.export(who) if known else None,
        others=others,
    )


def erase_person(
    book: Book,
    facts: Facts,
    who: str,
    *,
    by: str,
    at: int,
    holders: Mapping[str, Holder] | None = None,
) -> Erasure:
    """Safe to repeat. NotFound `contact.unknown` when `who` is no address and nobody's id."""
    people, known = _addresses(book, facts, who)
    hashes = [one.hash for one in people]
    with transaction.atomic():
        for one in people:
            new = NewSuppression(address=one.address, reason="erased", source="erasure")
            suppress(book, new, by=by, at=at)
        removed = _remove(hashes)
    named = [one.address for one in people]
    remains = [*_remaining(hashes), *(facts.erase(who) if known else ())]
    for holder in (holders or {}).values():
        remains += holder.erase(named)
    return Erasure(at=format_instant(at), hashes=hashes, removed=removed, remains=remains)


def _addresses(book: Book, facts: Facts, who: str) -> tuple[list[Hashed], bool]:
    """The person's addresses, and whether the facts know them."""
    try:
        named, known = [*facts.addresses(who)], True
    except NotFound:
        address = who.removeprefix("email:")
        if "@" not in address:
            raise
        named, known = [address], False
    found = {one.hash: one for one in map(book.hashed, named)}
    return [*found.values()], known


def _records(who: Hashed) -> AddressRecords:
    chosen = choices([who.hash]).get(who.hash, {})
    return AddressRecords(who.address, who.hash, of_person(who.hash), history(who), chosen)


def _remove(hashes: Sequence[str]) -> dict[str, int]:
    proofs = ConsentProof.objects.filter(entry__hash__in=hashes).delete()[0]
    chosen = TopicChoice.objects.filter(hash__in=hashes).delete()[0]
    known = KnownAddress.objects.filter(hash__in=hashes).delete()[0]
    Suppression.objects.filter(hash__in=hashes).update(note="")
    return {"addresses": known, "proofs": proofs, "choices": chosen}


def _remaining(hashes: Sequence[str]) -> list[str]:
    suppressed = Suppression.objects.filter(hash__in=hashes).count()
    said = ConsentEntry.objects.filter(hash__in=hashes).count()
    return [
        f"{suppressed} suppression(s) under the keyed hash, so that nobody writes to them again",
        f"{said} consent entries under the keyed hash, without proof, as evidence (GDPR 17(3)(e))",
        "entries of the audit trail, which name them by the hash only",
        "backups made before, until you delete them",
    ]
