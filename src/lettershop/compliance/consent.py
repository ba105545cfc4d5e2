"""What people said about purposes, written down for good; and opt-in that they confirm.

token = request(book, policy, NewConsent(…))     the caller sends the letter with the link
confirm(book, policy, token)                     they clicked: now it is given
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NoReturn

import msgspec
from django.db import transaction

from lettershop.compliance.book import MANY, Book, Hashed, among
from lettershop.compliance.models import ConsentEntry, ConsentProof
from lettershop.compliance.rules import Policy, Purpose
from lettershop.compliance.standing import Said
from lettershop.compliance.storable import storable, storable_json
from lettershop.compliance.words import EVERY_PURPOSE, ConsentState, Method
from lettershop.language.tables import nearest
from lettershop.model.clock import MINUTE, format_instant
from lettershop.model.errors import InputError, NotFound

AHEAD = 5 * MINUTE
"""How far clocks may differ before something was said in the future."""


class NewConsent(msgspec.Struct, frozen=True, kw_only=True):
    """What to write down. `at`: ms, when they said it, None: now. `wording`: "" for the purpose's
    own of now. `proof`: what shows it (ip, form, mail id …); personal, so it goes with erasure."""

    address: str
    purpose: str
    state: ConsentState = "given"
    method: Method = "unknown"
    at: int | None = None
    source: str = ""
    wording: str = ""
    imported: bool = False
    proof: Mapping[str, Any] = {}


class ConsentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    purpose: str
    state: ConsentState
    method: Method
    at: str
    recorded_at: str
    source: str
    wording: str
    imported: bool
    by: str
    proof: dict[str, Any] | None


def record(book: Book, policy: Policy, new: NewConsent, *, by: str, at: int) -> int:
    """Write one down; its number. Errors as `record_many`."""
    return record_many(book, policy, [new], by=by, at=at)[0]


def record_many(
    book: Book, policy: Policy, new: Sequence[NewConsent], *, by: str, at: int
) -> list[int]:
    """Their numbers. All or none: NotFound `consent.purpose`; InputError `address.unreadable`,
    `consent.future`, `consent.every_purpose`."""
    people = [book.hashed(one.address) for one in new]
    rows = [_row(policy, one, who, by, at) for one, who in zip(new, people, strict=True)]
    with transaction.atomic():
        book.remember(people)
        made = ConsentEntry.objects.bulk_create(rows, batch_size=MANY)
        proofs = [
            ConsentProof(entry_id=row.pk, data=storable_json(dict(one.proof)))
            for row, one in zip(made, new, strict=True)
            if one.proof
        ]
        ConsentProof.objects.bulk_create(proofs, batch_size=MANY)
    return [row.pk for row in made]


def said_of(hashes: Collection[str]) -> Mapping[str, list[Said]]:
    """All that people said, by hash, in order."""
    rows = ConsentEntry.objects.filter(hash__in=among(hashes)).order_by()
    columns = ("hash", "at", "id", "purpose", "state", "method", "source", "wording", "imported")
    found: dict[str, list[Any]] = {}
    for row in rows.values_list(*columns):
        found.setdefault(row[0], []).append(row)
    return {hashed: _in_order(said) for hashed, said in found.items()}


def history(who: Hashed) -> list[ConsentAnswer]:
    """All that somebody said, in order, with the proof while it is kept."""
    rows = ConsentEntry.objects.filter(hash=who.hash).select_related("proof")
    return [*_answers(rows)]


def find_purpose(policy: Policy, name: str) -> Purpose:
    """NotFound `consent.purpose`."""
    return policy.purposes.get(name) or _unknown(policy, name)


def _in_order(rows: list[Any]) -> list[Said]:
    """By time, then as written down; sorted here because most have said one thing."""
    if len(rows) > 1:
        rows.sort(key=itemgetter(1, 2))
    return [
        Said(purpose, state, method, at, source, wording, imported)
        for _, at, _, purpose, state, method, source, wording, imported in rows
    ]


def _answers(rows: Iterable[ConsentEntry]) -> Iterable[ConsentAnswer]:
    for row in rows:
        proof = getattr(row, "proof", None)
        yield ConsentAnswer(
            id=row.pk,
            purpose=row.purpose,
            state=row.state,
            method=row.method,
            at=format_instant(row.at),
            recorded_at=format_instant(row.recorded_at),
            source=row.source,
            wording=row.wording,
            imported=row.imported,
            by=row.by,
            proof=None if proof is None else proof.data,
        )


def _row(policy: Policy, new: NewConsent, who: Hashed, by: str, now: int) -> ConsentEntry:
    said_at = now if new.at is None else new.at
    if said_at > now + AHEAD:
        message = f"{format_instant(said_at)} has not come yet"
        raise InputError("consent.future", message, where="at")
    return ConsentEntry(
        hash=who.hash,
        purpose=new.purpose,
        state=new.state,
        method=new.method,
        at=said_at,
        recorded_at=now,
        source=storable(new.source, 200),
        wording=storable(new.wording or _wording(policy, new), 200),
        imported=new.imported,
        by=storable(by, 254),
    )


def _wording(policy: Policy, new: NewConsent) -> str:
    """The version in force now; only of what is given or asked for now."""
    if new.purpose == EVERY_PURPOSE:
        if new.state in ("withdrawn", "objected"):
            return ""
        message = "consent is given for one purpose, not for all"
        raise InputError("consent.every_purpose", message, where="purpose")
    purpose = find_purpose(policy, new.purpose)
    return "" if new.imported or new.state in ("withdrawn", "objected") else purpose.wording


def _unknown(policy: Policy, name: str) -> NoReturn:
    near = nearest(name, [*policy.purposes])
    hint = f"did you mean “{near}”?" if near else "purposes are defined in consent.toml"
    raise NotFound("consent.purpose", f"there is no purpose “{name}”", where="purpose", hint=hint)
