"""Consent that another system recorded, as CSV.

Columns: `address` (or `email`), and if there are `purpose`, `state`, `method`, `at`, `source`,
`wording`. Consent that a list brings never undoes what the person said (standing.py).
"""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, Literal, cast

import msgspec
from django.db import transaction

from lettershop.compliance.book import MANY, Book, among
from lettershop.compliance.consent import NewConsent, find_purpose, record_many
from lettershop.compliance.list_rows import Row, address_of, lines, refused
from lettershop.compliance.lists import Imported
from lettershop.compliance.models import ConsentEntry
from lettershop.compliance.rules import Policy
from lettershop.compliance.words import METHODS, Method
from lettershop.model.clock import parse_instant
from lettershop.model.errors import Finding, InputError, LettershopError
from lettershop.model.values import fold

COLUMNS: Final = ("address", "purpose", "state", "method", "at", "source", "wording")
State = Literal["given", "withdrawn"]
STATES: Final[tuple[State, ...]] = ("given", "withdrawn")

Key = tuple[str, str, str, str, int]
"""What makes two entries the same: hash, purpose, state, source, at."""


class Usual(msgspec.Struct, frozen=True, kw_only=True):
    """What rows say that leave a column out. `at`: ms; None: each row has to say it."""

    purpose: str = ""
    method: Method = "unknown"
    source: str = ""
    at: int | None = None


def import_consents(
    book: Book, policy: Policy, path: Path, usual: Usual, *, by: str, at: int
) -> Iterator[Imported]:
    """Import a file in steps; each is committed, and yields what was done so far. Safe to repeat:
    what is written down already is known. InputError `list.columns`, `list.file`."""
    rows, new, findings = 0, 0, list[Finding]()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            said = lines(file, path.name, COLUMNS)
            while chunk := [*islice(said, MANY)]:
                good = []
                for line, row in chunk:
                    try:
                        good.append(_read(policy, row, usual, path.name, at))
                    except LettershopError as error:
                        findings.append(refused(error, path.name, line))
                new += _record_new(book, policy, good, by, at)
                rows += len(chunk)
                yield Imported(rows, new, tuple(findings))
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"this is not a CSV file in UTF-8: {error}"
        raise InputError("list.file", message, where=str(path)) from None


def _record_new(book: Book, policy: Policy, said: list[NewConsent], by: str, at: int) -> int:
    """How many were not known."""
    hashes = book.hash_many([one.address for one in said])
    by_key = {_key(one, hashed): one for one, hashed in zip(said, hashes, strict=True)}
    with transaction.atomic():
        known = ConsentEntry.objects.filter(hash__in=among(hashes), imported=True)
        columns = ("hash", "purpose", "state", "source", "at")
        for key in known.values_list(*columns):
            by_key.pop(cast(Key, key), None)
        record_many(book, policy, [*by_key.values()], by=by, at=at)
    return len(by_key)


def _key(one: NewConsent, hashed: str) -> Key:
    return hashed, one.purpose, one.state, one.source, one.at or 0


def _read(policy: Policy, row: Row, usual: Usual, name: str, now: int) -> NewConsent:
    state = fold(row.get("state", "")) or "given"
    method = fold(row.get("method", "")) or usual.method
    said_at = parse_instant(row["at"]) if row.get("at") else usual.at
    if state not in STATES:
        raise InputError("consent.state", f"“{state}” is not given or withdrawn")
    if method not in METHODS:
        message = f"“{method}” is not a way to agree"
        raise InputError("consent.method", message, hint=f"one of {', '.join(METHODS)}")
    if said_at is None:
        hint = "a column “at”, or --at DATE for all rows without one"
        raise InputError("consent.at", "it is not said when they agreed", hint=hint)
    if said_at > now:
        raise InputError("consent.future", "that moment has not come yet")
    purpose = row.get("purpose", "") or usual.purpose
    return NewConsent(
        address=address_of(row),
        purpose=find_purpose(policy, purpose).name,
        state=state,
        method=method,
        at=said_at,
        source=(row.get("source", "") or usual.source or name)[:200],
        wording=row.get("wording", ""),
        imported=True,
    )
