"""Start, pause, resume, abort; and what ends by itself. Each takes effect between two messages, in
all sender processes, within a second: they ask for the state of sends several times a second, and
the statement by which they may try a message asks for it too."""

from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction

from lettershop.delivery.ledger import statements
from lettershop.delivery.ledger.planning import going, send
from lettershop.delivery.ledger.rows import SendRow
from lettershop.model.errors import UsageError

WITHHELD: Final = 1 << 46
"""Added to the moment (ms) a row is due: not before it is released. Senders take it for a moment
in the year 4199."""


def start(number: int, at: int) -> SendRow:
    """From holding or paused to sending. UsageError `send.ended`; NotFound `send.unknown`."""
    return _moved(number, "sending", statements.START, [at, number])


resume = start


def pause(number: int, reason: str = "") -> SendRow:
    """Nothing more leaves until `resume`. UsageError `send.ended`, also of one that was never
    started; NotFound `send.unknown`."""
    return _moved(number, "paused", statements.PAUSE, [reason, number])


def abort(number: int, at: int, reason: str = "") -> SendRow:
    """What has not left never leaves: it is suppressed with the reason “aborted”. UsageError
    `send.ended`; NotFound `send.unknown`."""
    moved = _moved(number, "aborted", statements.ABORT, [reason, at, number])
    tidy(at)
    return moved


def release(number: int) -> int:
    """Rows that were planned WITHHELD are due as they would have been; how many. Safe to repeat."""
    with connection.cursor() as cursor:
        cursor.execute(statements.RELEASE_REST, [WITHHELD, number, WITHHELD])
        return int(cursor.rowcount)


def withheld(number: int) -> int:
    """How many rows wait to be released."""
    return _counted(statements.WITHHELD, number, WITHHELD)


def untried(number: int, at: int) -> int:
    """How many rows are due, and were not tried yet."""
    return _counted(statements.UNTRIED, number, at)


def tidy(at: int) -> None:
    """What follows by itself: rows of aborted sends are suppressed, sends with nothing left to do
    are done. Safe to repeat; senders do it all the time."""
    now = going()
    aborted = [each.id for each in now if each.state == "aborted"]
    with transaction.atomic(), connection.cursor() as cursor:
        for number in aborted:
            cursor.execute(statements.ABORTED, [at, number])
        if len(aborted) < len(now):
            cursor.execute(statements.DONE, [at])


def _counted(statement: str, number: int, at: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [number, at])
        (found,) = cursor.fetchone()
    return int(found)


def _moved(number: int, to: str, statement: str, values: Sequence[str | int]) -> SendRow:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    found = send(number)
    if found.state != to:
        message = f"send {number} is {found.state}: it cannot become {to}"
        raise UsageError("send.ended", message)
    return found
