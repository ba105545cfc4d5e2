"""Everything the ledger holds of a person, to be handed out or forgotten (compliance/person.py)."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction

from lettershop.delivery.ledger.snapshot import thaw
from lettershop.model.clock import format_instant

_HELD: Final = """
SELECT d.name, d.stream, m.address, m.contact, m.account, m.variant, m.language, m.state, m.reason,
    m.text, m.planned_at, m.attempted_at, s.body
FROM delivery_message m JOIN delivery_send d ON d.id = m.send_id
LEFT JOIN delivery_snapshot s ON s.message_id = m.id
WHERE m.mailbox = %s ORDER BY m.id
"""
_FORGET_SNAPSHOTS: Final = """
DELETE FROM delivery_snapshot WHERE message_id IN (
    SELECT id FROM delivery_message
    WHERE mailbox = %s AND state NOT IN ('leased', 'attempting'))
"""
_FORGET: Final = """
UPDATE delivery_message SET contact = 'erased:' || id, account = '', address = '', mailbox = '',
    text = '', piece = '', message_id = '', told = true,
    reason = CASE WHEN state IN ('planned', 'deferred') THEN 'erased' ELSE reason END,
    settled_at = CASE WHEN state IN ('planned', 'deferred') THEN planned_at ELSE settled_at END,
    state = CASE WHEN state IN ('planned', 'deferred') THEN 'suppressed' ELSE state END
WHERE mailbox = %s AND state NOT IN ('leased', 'attempting')
"""
_UNDER_WAY: Final = """
SELECT count(*) FROM delivery_message WHERE mailbox = %s AND state IN ('leased', 'attempting')
"""
_NAMES: Final = (
    "send", "stream", "address", "contact", "account", "variant", "language", "state", "reason",
    "answer",
)  # fmt: skip


class People:
    """compliance.person.Holder. Addresses are in comparable form."""

    def export(self, addresses: Sequence[str]) -> list[dict[str, Any]]:
        """One entry for each message: what became of it, when, and what it read of them."""
        found: list[dict[str, Any]] = []
        with connection.cursor() as cursor:
            for address in addresses:
                cursor.execute(_HELD, [address])
                found += map(_told, cursor.fetchall())
        return found

    def erase(self, addresses: Sequence[str]) -> list[str]:
        """What has not left never leaves. The rows stay for the figures, and name nobody."""
        forgotten = under_way = 0
        with transaction.atomic(), connection.cursor() as cursor:
            for address in addresses:
                cursor.execute(_FORGET_SNAPSHOTS, [address])
                cursor.execute(_FORGET, [address])
                forgotten += cursor.rowcount
                cursor.execute(_UNDER_WAY, [address])
                under_way += cursor.fetchone()[0]
        remains = []
        if forgotten:
            remains.append(f"ledger: {forgotten} rows without name or address, for the figures")
        if under_way:
            remains.append(f"ledger: {under_way} messages just being sent; erase again in a minute")
        return remains


def _told(row: Sequence[Any]) -> dict[str, Any]:
    *plain, planned_at, attempted_at, body = row
    said = {name: value for name, value in zip(_NAMES, plain, strict=True) if value}
    said["planned_at"] = format_instant(planned_at)
    if attempted_at:
        said["tried_at"] = format_instant(attempted_at)
    if body:
        said["values"] = _plain(thaw(bytes(body)))
    return said


def _plain(value: Any) -> Any:
    """As JSON has it."""
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case str() | bool() | int() | float() | None:
            return value
        case _:
            return str(value)
