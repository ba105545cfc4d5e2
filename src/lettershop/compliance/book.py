"""The records of one workspace, opened with its secret: how people are named in them.

book = open_book(secret)
hashed = book.remember("Ann@Example.com")     # from here on known by address, until erased
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NoReturn

import msgspec
from django.db import connection
from django.db.models.expressions import RawSQL

from lettershop.compliance.addresses import comparable
from lettershop.compliance.keys import AddressKey, derived, mark
from lettershop.compliance.models import KeyMark, KnownAddress, Suppression
from lettershop.model.errors import InputError, WorkspaceError

MANY = 5_000
"""Rows written by one statement."""


class Hashed(msgspec.Struct, frozen=True):
    """An address in comparable form, and its keyed hash."""

    address: str
    hash: str


class Book:
    """Names of people in the records; made by `open_book`."""

    def __init__(self, secret: bytes) -> None:
        self._key = AddressKey(secret)
        self.opt_in_key = derived(secret, "opt-in")

    def hashed(self, address: str) -> Hashed:
        """InputError `address.unreadable` for what is no address."""
        normal = comparable(address)
        if normal is None:
            _refuse(address)
        return Hashed(normal, self._key.hash(normal))

    def hash_many(self, addresses: Iterable[str]) -> list[str]:
        """In their order; "" for what is no address."""
        hashed = self._key.hash
        return ["" if (n := comparable(a)) is None else hashed(n) for a in addresses]

    def remember(self, addresses: Collection[Hashed]) -> None:
        """Keep whom the hashes stand for; never again of those who were erased."""
        erased = Suppression.objects.filter(reason="erased", lifted_at__isnull=True)
        erased = erased.filter(hash__in=among({a.hash for a in addresses}))
        gone = {*erased.values_list("hash", flat=True)}
        rows = [
            KnownAddress(hash=a.hash, address=a.address) for a in addresses if a.hash not in gone
        ]
        KnownAddress.objects.bulk_create(rows, batch_size=MANY, ignore_conflicts=True)

    def known(self, hashes: Collection[str]) -> Mapping[str, str]:
        """The addresses behind hashes, of those not erased."""
        found = KnownAddress.objects.filter(hash__in=among(hashes))
        return dict(found.values_list("hash", "address"))


def open_book(secret: bytes) -> Book:
    """WorkspaceError `compliance.key` when the records were made with another secret: nobody who is
    suppressed would be found, so nothing may be sent."""
    made = mark(secret)
    known = KeyMark.objects.order_by("id").first()
    if known is None:
        KeyMark.objects.get_or_create(id=1, defaults={"mark": made})
        known = KeyMark.objects.get(id=1)
    if known.mark != made:
        message = "suppression and consent were written with another data/secret.key"
        hint = "put back the secret.key that belongs to these records (it is in every backup)"
        raise WorkspaceError("compliance.key", message, where="data/secret.key", hint=hint)
    return Book(secret)


def among(hashes: Collection[str]) -> RawSQL:
    """For `hash__in`: any number of values as one bound parameter."""
    values: Sequence[str] = sorted(hashes)  # in the order of the index
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::text[])", [values])
    return RawSQL("SELECT value FROM json_each(%s)", [msgspec.json.encode(values).decode()])


def _refuse(address: str) -> NoReturn:
    hint = "an address looks like ann@example.com"
    message = f"“{address[:100]}” is not an e-mail address"
    raise InputError("address.unreadable", message, where="address", hint=hint)
