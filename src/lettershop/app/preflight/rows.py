"""Rows to look at: of a freeze that is not in the ledger, or of a send that holds."""

from array import array
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from django.db import connection

from lettershop.app.sending.contract import Sketch, row_of
from lettershop.delivery.ledger.rows import Planned, Row

MANY: Final = 500
_ROWS: Final = """
SELECT m.id, m.send_id, d.kind, d.stream, m.contact, m.account, m.piece, m.address, m.domain,
    m.provider, m.variant, m.language, m.digest, m.attempts, m.unsure, m.planned_at, m.held_until,
    m.message_id, m.state, m.reason, s.body, s.shown
FROM delivery_message m
JOIN delivery_send d ON d.id = m.send_id
LEFT JOIN delivery_snapshot s ON s.message_id = m.id
WHERE m.send_id = %s AND m.id > %s ORDER BY m.id LIMIT %s
"""
_NAMES: Final = Row.__struct_fields__[:-2]


class Looked(NamedTuple):
    """`suppressed`: why it will not be sent, "" for one that will."""

    row: Row
    suppressed: str


def of_freeze(rows: Iterable[Planned], stream: str, at: int) -> Iterator[Looked]:
    """Numbered from 1: none of them is in the ledger."""
    sketch = Sketch(stream=stream)
    for number, planned in enumerate(rows, 1):
        yield Looked(row_of(planned, number, sketch, at), planned.suppressed)


def of_send(number: int) -> Iterator[Looked]:
    """All that were planned, whatever became of them since."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, [number, last, MANY])
            found = cursor.fetchall()
        for *plain, state, reason, body, shown in found:
            row = Row(
                **dict(zip(_NAMES, plain, strict=True)),
                values=bytes(body or b""),
                shown=tuple(array("b", bytes(shown or b""))),
            )
            yield Looked(row, reason or state if state == "suppressed" else "")
        if len(found) < MANY:
            return
        last = found[-1][0]
