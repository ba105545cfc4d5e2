"""What others ask of the ledger: when somebody was written to (caps of compliance/), and whose
letter a return is about (returns/)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec
from django.db import connection

from lettershop.compliance.addresses import comparable
from lettershop.compliance.caps import Side
from lettershop.delivery.ledger.bulk import Bulk
from lettershop.delivery.returns.correlating import Mailed

# --- caps ----------------------------------------------------------------------------------------

_RECENT: Final[Mapping[Side, Bulk]] = {
    "contact": Bulk(
        """
SELECT m.id, m.contact, d.stream, m.state, m.attempted_at
FROM delivery_message m JOIN delivery_send d ON d.id = m.send_id
WHERE m.contact IN (SELECT value FROM json_each(%s)) AND m.state IN (
    'attempting', 'accepted', 'unknown')
""",
        """
SELECT m.id, m.contact, d.stream, m.state, m.attempted_at
FROM delivery_message m JOIN delivery_send d ON d.id = m.send_id
WHERE m.contact IN (SELECT json_array_elements_text(%s)) AND m.state IN (
    'attempting', 'accepted', 'unknown')
""",
    ),
    "account": Bulk(
        """
SELECT m.id, m.account, d.stream, m.state, m.attempted_at
FROM delivery_message m JOIN delivery_send d ON d.id = m.send_id
WHERE m.account <> '' AND m.account IN (SELECT value FROM json_each(%s)) AND m.state IN (
    'attempting', 'accepted', 'unknown')
""",
        """
SELECT m.id, m.account, d.stream, m.state, m.attempted_at
FROM delivery_message m JOIN delivery_send d ON d.id = m.send_id
WHERE m.account <> '' AND m.account IN (SELECT json_array_elements_text(%s)) AND m.state IN (
    'attempting', 'accepted', 'unknown')
""",
    ),
}


class Sends:
    """compliance.caps.Sends. `without`: the rows that are asked about, which do not count against
    themselves. `now`: when messages count that are being tried."""

    def __init__(self, now: int, without: Collection[int] = ()) -> None:
        self._now, self._without = now, frozenset(without)

    def recent(
        self, side: Side, names: Collection[str], streams: Collection[str], since: int
    ) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        both = _RECENT[side]
        wanted = msgspec.json.encode(sorted(set(names))).decode()
        with connection.cursor() as cursor:
            statement = both.postgresql if connection.vendor == "postgresql" else both.sqlite
            cursor.execute(statement, [wanted])
            for number, name, stream, state, at in cursor.fetchall():
                when = self._now if state == "attempting" else at
                if stream in streams and when >= since and number not in self._without:
                    found.setdefault(name, []).append(when)
        return found


# --- returns -------------------------------------------------------------------------------------

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
