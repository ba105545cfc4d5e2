"""Sends, and the rows that are written for them before anything is tried. All of it may be said
twice: neither a send nor a message is made a second time."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from lettershop.compliance.addresses import comparable
from lettershop.delivery.ledger import statements
from lettershop.delivery.ledger.bulk import PLAN, SNAP, many
from lettershop.delivery.ledger.rows import Kind, Planned, SendRow
from lettershop.model.errors import NotFound, UsageError

MOST: Final = 2_000
"""Rows in one transaction: what a pause or another writer may have to wait for."""


def begin(
    key: str,
    *,
    kind: Kind,
    name: str,
    stream: str,
    at: int,
    content: Mapping[str, Any] | None = None,
) -> SendRow:
    """The send of that key, made now (holding) where there is none. `content`: which versions of
    template and segments, as JSON."""
    said = msgspec.json.encode(content or {}).decode()
    with connection.cursor() as cursor:
        cursor.execute(statements.NEW_SEND, [key, kind, name, stream, said, at])
    return send_of(key)


def send_of(key: str) -> SendRow:
    """NotFound `send.unknown`."""
    return _one(statements.SEND_BY_KEY, key)


def send(number: int) -> SendRow:
    """NotFound `send.unknown`."""
    return _one(statements.SEND_BY_ID, number)


def sends(limit: int = 50) -> list[SendRow]:
    """The newest first, without those of self-tests."""
    return _sends(statements.SENDS_NEWEST, [limit])


def going() -> list[SendRow]:
    """Those that senders have something to do with: sending, and aborted ones."""
    return _sends(statements.SENDS_GOING, [])


def plan(number: int, rows: Iterable[Planned], at: int) -> int:
    """Write rows for the send; how many are new. A person that is in it already, with the same
    piece, is left as they are.

    UsageError `send.ended` when it is aborted or done.
    """
    return sum(_plan(number, some, at) for some in _batches(rows))


def _plan(number: int, rows: Sequence[Planned], at: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statements.STATE_OF, [number])
        found = cursor.fetchone()
        if found is None:
            raise _unknown(number)
        if found[0] in ("aborted", "done"):
            raise UsageError("send.ended", f"send {number} is {found[0]}: nothing can be added")
        new = many(PLAN, [_message(number, row, at) for row in rows])
        many(
            SNAP,
            [
                (row.values, array("b", row.shown).tobytes(), row.contact, number, row.piece)
                for row in rows
                if row.values or row.shown
            ],
        )
        cursor.execute(statements.GROWN, [new, number])
    return new


def _message(number: int, row: Planned, at: int) -> tuple[object, ...]:
    return (
        number,
        row.contact,
        row.piece,
        row.account,
        row.address,
        comparable(row.address) or row.address.lower(),
        row.address.rpartition("@")[2].lower(),
        row.provider,
        row.variant,
        row.language,
        row.digest,
        "suppressed" if row.suppressed else "planned",
        row.suppressed,
        row.due_at,
        at,
        at if row.suppressed else 0,
    )


def _batches(rows: Iterable[Planned]) -> Iterable[list[Planned]]:
    some: list[Planned] = []
    for row in rows:
        some.append(row)
        if len(some) == MOST:
            yield some
            some = []
    if some:
        yield some


def _one(statement: str, wanted: str | int) -> SendRow:
    found = _sends(statement, [wanted])
    if not found:
        raise _unknown(wanted)
    return found[0]


def _sends(statement: str, values: Sequence[str | int]) -> list[SendRow]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [
            SendRow(**dict(zip(SendRow.__struct_fields__, _read(row), strict=True)))
            for row in cursor.fetchall()
        ]


def _read(row: Sequence[Any]) -> list[Any]:
    content = SendRow.__struct_fields__.index("content")
    return [msgspec.json.decode(v) if i == content else v for i, v in enumerate(row)]


def _unknown(wanted: str | int) -> NotFound:
    hint = "lettershop send status lists them"
    return NotFound("send.unknown", f"there is no send “{wanted}”", hint=hint)
