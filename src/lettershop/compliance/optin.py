"""Double opt-in: asked on a form, confirmed from the mailbox. The link's token is signed and ends.

Asking writes `requested`, which allows nothing. The letter with the link is the caller's; it is
transactional, so unsubscribing from marketing does not stop somebody from coming back.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from django.db import transaction

from lettershop.compliance.book import Book, Hashed
from lettershop.compliance.consent import NewConsent, find_purpose, record
from lettershop.compliance.models import ConsentEntry, ConsentProof, KnownAddress
from lettershop.compliance.rules import Policy
from lettershop.compliance.suppression import lift_own, scopes_of_stream
from lettershop.compliance.words import EVERY_PURPOSE
from lettershop.model.clock import DAY
from lettershop.model.errors import InputError

HOLDS: Final = 7 * DAY
TAG: Final = 16
"""Bytes of the signature."""
BEFORE: Final = ("withdrawn", "objected")


class Confirmed(msgspec.Struct, frozen=True):
    """`new`: False when the link was followed before. `lifted`: suppressions that ended with it."""

    address: str
    purpose: str
    new: bool
    lifted: int


def request(
    book: Book, policy: Policy, new: NewConsent, *, by: str, at: int, holds: int = HOLDS
) -> str:
    """Write down that somebody asked; the token for the link in the letter, good for `holds` ms.

    NotFound `consent.purpose`, InputError `address.unreadable`.
    """
    find_purpose(policy, new.purpose)
    asked = msgspec.structs.replace(new, state="requested", method="double", at=None)
    number = record(book, policy, asked, by=by, at=at)
    return _token(book, number, at + holds)


def confirm(
    book: Book, policy: Policy, token: str, *, proof: Mapping[str, Any], source: str, at: int
) -> Confirmed:
    """They followed the link: consent is given, and what they themselves had said against it ends.
    Once more changes nothing. InputError `consent.token` (not ours), `consent.token_old`,
    `consent.token_overtaken` (they withdrew or were erased since)."""
    number, expires = _read(book, token)
    with transaction.atomic():
        asked = ConsentEntry.objects.select_for_update().filter(id=number).first()
        known = asked and KnownAddress.objects.filter(hash=asked.hash).first()
        if asked is None or not known:
            raise InputError("consent.token_overtaken", "this link no longer stands for anybody")
        who = Hashed(known.address, known.hash)
        if _overtaken(asked):
            message = "since this link was sent the person has said no"
            raise InputError("consent.token_overtaken", message, hint="ask once more")
        if _confirmed(asked):
            return Confirmed(who.address, asked.purpose, False, 0)
        if at >= expires:
            raise InputError("consent.token_old", "this link is too old", hint="ask once more")
        return _give(book, policy, asked, who, proof, source, at)


def _give(
    book: Book,
    policy: Policy,
    asked: ConsentEntry,
    who: Hashed,
    proof: Mapping[str, Any],
    source: str,
    at: int,
) -> Confirmed:
    purpose = find_purpose(policy, asked.purpose)
    said = NewConsent(
        address=who.address,
        purpose=asked.purpose,
        method="double",
        source=source,
        wording=asked.wording,
        proof={**proof, "requested": asked.pk},
    )
    record(book, policy, said, by="themselves", at=at)
    scopes = scopes_of_stream(purpose.stream)
    lifted = lift_own(who, scopes, why=f"opt-in to {purpose.name} confirmed", at=at)
    return Confirmed(who.address, purpose.name, True, lifted)


def _later(asked: ConsentEntry, purposes: tuple[str, ...]) -> Any:
    return ConsentEntry.objects.filter(hash=asked.hash, purpose__in=purposes, id__gt=asked.pk)


def _overtaken(asked: ConsentEntry) -> bool:
    later = _later(asked, (asked.purpose, EVERY_PURPOSE))
    return bool(later.filter(state__in=BEFORE).exists())


def _confirmed(asked: ConsentEntry) -> bool:
    return ConsentProof.objects.filter(
        entry__in=_later(asked, (asked.purpose,)).filter(state="given", method="double"),
        data__requested=asked.pk,
    ).exists()


def _token(book: Book, number: int, expires: int) -> str:
    body = msgspec.msgpack.encode((number, expires))
    tag = hmac.digest(book.opt_in_key, body, "sha256")[:TAG]
    return base64.urlsafe_b64encode(tag + body).rstrip(b"=").decode()


def _read(book: Book, token: str) -> tuple[int, int]:
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raw = b""
    tag, body = raw[:TAG], raw[TAG:]
    if not hmac.compare_digest(tag, hmac.digest(book.opt_in_key, body, "sha256")[:TAG]):
        raise InputError("consent.token", "this link is not ours, or not whole", where="token")
    number, expires = msgspec.msgpack.decode(body, type=tuple[int, int])
    return number, expires
