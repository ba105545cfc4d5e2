"""How sender processes take rows, say that they are about to try them, and settle them.

A lease is (holder, until): `until` differs from call to call, so it names the rows of one lease.
Only a leased row comes back when its time is over, or its sender silent. One marked `attempting`
does not: it may be on its way, and only its sender's journal knows (senders/recovery.py).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection, transaction

from lettershop.delivery.ledger import statements
from lettershop.delivery.ledger.bulk import ATTEMPTING, RELEASE, SETTLE, many
from lettershop.delivery.ledger.rows import Held, Outcome, Row

MOST_TEXT: Final = 1_000
"""Characters of a server's answer that are kept."""


def waiting(at: int) -> list[tuple[int, str]]:
    """Sends that have rows to lease at `at`, and their kinds. Asks only: nothing is locked."""
    with connection.cursor() as cursor:
        cursor.execute(statements.WAITING, [at])
        return [(number, kind) for number, kind in cursor.fetchall()]


def lease(holder: str, number: int, limit: int, until: int, at: int) -> list[Row]:
    """Up to `limit` rows of the send that are due at `at`, held by `holder` until `until`."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            asked: list[str | int] = [number, at, limit, holder, until]
            cursor.execute(statements.LEASE_POSTGRESQL, asked)
        else:
            cursor.execute(statements.LEASE_SQLITE, [holder, until, number, at, limit])
        if cursor.rowcount == 0:
            return []
        cursor.execute(statements.LEASED, [holder, until])
        return [_row(found) for found in cursor.fetchall()]


def mark_attempting(holder: str, rows: Sequence[Row]) -> list[Row]:
    """Those of the rows, all of one lease, that may be tried now: still held, and their send is
    sending. The others are no longer ours, or to be released."""
    if not rows:
        return []
    until = rows[0].held_until
    with transaction.atomic(), connection.cursor() as cursor:
        hit = many(ATTEMPTING, [(row.id, holder, until) for row in rows])
        if hit == len(rows):
            return list(rows)
        cursor.execute(statements.MINE, [holder, until])
        mine = {number for (number,) in cursor.fetchall()}
    return [row for row in rows if row.id in mine]


def settle(holder: str, outcomes: Sequence[Outcome]) -> None:
    """Write down what came of rows this holder has; of several outcomes of one row the last. Safe
    to repeat."""
    last = {one.id: one for one in outcomes}
    with transaction.atomic():
        many(SETTLE, [_settled(holder, one) for one in last.values()])


def release(holder: str, numbers: Iterable[int], not_before: int = 0) -> None:
    """Give back rows that were not tried, due as they were but not before `not_before`."""
    given = [(not_before, number, holder) for number in numbers]
    if given:
        with transaction.atomic():
            many(RELEASE, given)


def release_all(holder: str) -> int:
    """Give back every row this holder has and has not tried; how many."""
    with connection.cursor() as cursor:
        cursor.execute(statements.RELEASE_ALL, [holder])
        return int(cursor.rowcount)


def held(holder: str) -> list[Held]:
    """Rows this holder has."""
    with connection.cursor() as cursor:
        cursor.execute(statements.HELD, [holder])
        return [Held(*row) for row in cursor.fetchall()]


def expire_leases(at: int) -> int:
    """Rows that were leased and never marked come back when their time is over; how many."""
    with connection.cursor() as cursor:
        cursor.execute(statements.EXPIRE, [at])
        return int(cursor.rowcount)


def holders() -> list[str]:
    """Whoever has rows."""
    with connection.cursor() as cursor:
        cursor.execute(statements.HOLDERS)
        return sorted(holder for (holder,) in cursor.fetchall())


def release_leased(holder: str) -> int:
    """Give back what this holder has not marked `attempting`; how many. Should it live after all,
    it cannot mark them any more."""
    with connection.cursor() as cursor:
        cursor.execute(statements.RELEASE_LEASED, [holder])
        return int(cursor.rowcount)


def overdue(before: int) -> list[str]:
    """Holders of rows whose lease was over before that instant."""
    with connection.cursor() as cursor:
        cursor.execute(statements.LOST_HOLDERS, [before])
        return sorted(holder for (holder,) in cursor.fetchall())


def _row(found: Sequence[Any]) -> Row:
    *plain, values, shown = found
    return Row(
        **dict(zip(Row.__struct_fields__, plain, strict=False)),
        values=bytes(values or b""),
        shown=tuple(memoryview(bytes(shown or b"")).cast("b")),
    )


def _settled(holder: str, one: Outcome) -> tuple[object, ...]:
    return (
        one.state,
        one.attempts,
        one.unsure,
        one.due_at,
        one.code,
        one.status[:16],
        _clean(one.text),
        one.bounce_class,
        _clean(one.reason)[:200],
        one.message_id,
        one.attempted_at,
        0 if one.state == "deferred" else one.at,
        one.id,
        holder,
    )


def _clean(text: str) -> str:
    """What any database keeps: no NUL, no half characters."""
    return text[:MOST_TEXT].encode("utf-8", "replace").decode().replace("\0", "")
