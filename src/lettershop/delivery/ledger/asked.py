"""What returns/ ask of the ledger: whose letter a return is about."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from lettershop.compliance.addresses import comparable
from lettershop.delivery.returns.correlating import Mailed

_MAILED: Final = """
SELECT m.id, m.send_id, d.stream, m.contact, m.account, m.address, m.message_id, m.attempted_at,
    d.key, d.name
FROM delivery_message m JOIN delivery_send d ON d.id = m.send_id
"""
_READ: Final = (
    "row", "send", "stream", "contact", "account", "address", "message_id", "at", "key", "name",
)  # fmt: skip
_TRIED: Final = " AND m.attempted_at > 0 "
_BY_ROW: Final = _MAILED + "WHERE m.id = %s" + _TRIED
_BY_MESSAGE_ID: Final = _MAILED + "WHERE m.message_id = %s AND m.message_id <> ''" + _TRIED
_BY_MAILBOX: Final = (
    _MAILED
    + "WHERE m.mailbox = %s AND m.attempted_at BETWEEN %s AND %s"
    + _TRIED
    + "ORDER BY m.attempted_at DESC, m.id DESC LIMIT 1"
)


class Sent:
    """delivery.returns.correlating.Sent."""

    def by_row(self, row: int) -> Mailed | None:
        return _mailed(_BY_ROW, [row]) if 0 < row < 2**63 else None

    def by_message_id(self, ids: Sequence[str]) -> Mailed | None:
        found = (_mailed(_BY_MESSAGE_ID, [each]) for each in ids if each and "\0" not in each)
        return next((one for one in found if one is not None), None)

    def by_address(self, address: str, after: int, before: int) -> Mailed | None:
        wanted = comparable(address)
        return None if wanted is None else _mailed(_BY_MAILBOX, [wanted, after, before])


def _mailed(statement: str, values: Sequence[str | int]) -> Mailed | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    if row is None:
        return None
    return Mailed(**dict(zip(_READ, row, strict=True)))
