"""Suppression lists as CSV: of another system into this one, and out again.

Columns of an import: `address` (or `email`), and if there are `scope`, `reason`, `note`, `expires`.
A list can only add: nothing in it ends a suppression or gives consent.
"""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

import msgspec

from lettershop.compliance.book import MANY, Book
from lettershop.compliance.list_rows import Row, address_of, lines, refused
from lettershop.compliance.suppression import (
    NewSuppression,
    SuppressionAnswer,
    listed,
    suppress_many,
)
from lettershop.compliance.words import EVERYTHING, REASONS, SuppressionReason, read_scope
from lettershop.model.clock import parse_instant
from lettershop.model.errors import Finding, InputError, LettershopError
from lettershop.model.sheets import harmless

COLUMNS: Final = (
    "address",
    "hash",
    "scope",
    "reason",
    "source",
    "note",
    "by",
    "at",
    "expires",
)


class Imported(msgspec.Struct, frozen=True):
    """`rows` = `new` + known before + refused. `findings`: the refused, with their line."""

    rows: int
    new: int
    findings: tuple[Finding, ...]


def import_list(
    book: Book,
    path: Path,
    *,
    reason: SuppressionReason = "import",
    scope: str = EVERYTHING,
    by: str,
    at: int,
) -> Iterator[Imported]:
    """Import a file in steps; each is committed, and yields what was done so far. Safe to repeat.
    InputError `list.columns`, `list.file`."""
    rows, new, findings = 0, 0, list[Finding]()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows_of = lines(file, path.name, COLUMNS)
            while chunk := [*islice(rows_of, MANY)]:
                good = []
                for line, row in chunk:
                    try:
                        good.append(_read(row, path.name, reason, scope, at))
                    except LettershopError as error:
                        findings.append(refused(error, path.name, line))
                new += suppress_many(book, good, by=by, at=at)
                rows += len(chunk)
                yield Imported(rows, new, tuple(findings))
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"this is not a CSV file in UTF-8: {error}"
        raise InputError("list.file", message, where=str(path)) from None


def export_list(file: TextIO, *, at: int) -> int:
    """Everything in force, as CSV; how many rows. Erased people are there by their hash alone."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    count, before = 0, None
    while page := listed(at=at, limit=MANY, before=before):
        writer.writerows(_cells(one) for one in page)
        count, before = count + len(page), page[-1].id
    return count


def _cells(one: SuppressionAnswer) -> Sequence[str]:
    cells = (
        one.address or "",
        one.hash,
        one.scope,
        one.reason,
        one.source,
        one.note,
        one.by,
        one.at,
        one.expires_at or "",
    )
    return [str(harmless(cell)) for cell in cells]


def _read(row: Row, name: str, reason: SuppressionReason, scope: str, at: int) -> NewSuppression:
    address = address_of(row)
    said = row.get("reason", "").lower() or reason
    expires = parse_instant(row["expires"]) if row.get("expires") else None
    if said not in REASONS:
        message = f"“{said}” is not a reason"
        raise InputError("suppression.reason", message, hint=f"one of {', '.join(REASONS)}")
    if expires is not None and expires <= at:
        raise InputError("suppression.expired", "it has expired already")
    return NewSuppression(
        address=address,
        scope=read_scope(row.get("scope", "") or scope),
        reason=said,
        source=name,
        note=row.get("note", ""),
        expires_at=expires,
    )
