"""Statements for many rows at once: by `executemany` on SQLite, on PostgreSQL as one statement over
columns (measured: 500 updates in 9 ms; one by one 300). Both forms take the same values in the same
order."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.db import connection


class Bulk(NamedTuple):
    sqlite: str
    postgresql: str


def many(bulk: Bulk, rows: Sequence[tuple[Any, ...]]) -> int:
    """Run it for each of the rows, in the transaction under way; how many it changed in all. On
    PostgreSQL no row may stand in it twice."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(bulk.postgresql, columns)
        else:
            cursor.executemany(bulk.sqlite, rows)
        return int(cursor.rowcount)


PLAN: Final = Bulk(
    """
INSERT INTO delivery_message (send_id, contact, piece, account, address, mailbox, domain,
    provider, variant, language, digest, state, reason, due_at, planned_at, settled_at, holder,
    held_until, attempts, unsure, code, status, text, bounce_class, message_id, attempted_at, told)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', 0, 0,
    0, 0, '', '', '', '', 0, false)
ON CONFLICT (contact, send_id, piece) DO NOTHING
""",
    """
INSERT INTO delivery_message (send_id, contact, piece, account, address, mailbox, domain,
    provider, variant, language, digest, state, reason, due_at, planned_at, settled_at, holder,
    held_until, attempts, unsure, code, status, text, bounce_class, message_id, attempted_at, told)
SELECT *, '', 0, 0, 0, 0, '', '', '', '', 0, false
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
    %s::bigint[], %s::bigint[])
ON CONFLICT (contact, send_id, piece) DO NOTHING
""",
)
"""Send, contact, piece, account, address, mailbox, domain, provider, variant, language, digest,
state, reason, due_at, planned_at, settled_at."""

SNAP: Final = Bulk(
    """
INSERT INTO delivery_snapshot (message_id, body, shown)
SELECT id, %s, %s FROM delivery_message WHERE contact = %s AND send_id = %s AND piece = %s
ON CONFLICT (message_id) DO NOTHING
""",
    """
INSERT INTO delivery_snapshot (message_id, body, shown)
SELECT m.id, n.body, n.shown
FROM unnest(%s::bytea[], %s::bytea[], %s::text[], %s::bigint[], %s::text[])
    AS n (body, shown, contact, send_id, piece)
JOIN delivery_message m
    ON m.contact = n.contact AND m.send_id = n.send_id AND m.piece = n.piece
ON CONFLICT (message_id) DO NOTHING
""",
)
"""Body, shown; contact, send, piece."""

ATTEMPTING: Final = Bulk(
    """
UPDATE delivery_message SET state = 'attempting'
WHERE id = %s AND holder = %s AND held_until = %s AND state = 'leased'
    AND EXISTS (SELECT 1 FROM delivery_send d WHERE d.id = send_id AND d.state = 'sending')
""",
    """
UPDATE delivery_message m SET state = 'attempting'
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS n (id, holder, held_until)
WHERE m.id = n.id AND m.holder = n.holder AND m.held_until = n.held_until AND m.state = 'leased'
    AND EXISTS (SELECT 1 FROM delivery_send d WHERE d.id = m.send_id AND d.state = 'sending')
""",
)
"""Row, holder, until."""

SETTLE: Final = Bulk(
    """
UPDATE delivery_message SET state = %s, attempts = %s, unsure = %s, due_at = %s, code = %s,
    status = %s, text = %s, bounce_class = %s, reason = %s, message_id = %s, attempted_at = %s,
    settled_at = %s
WHERE id = %s AND holder = %s AND state IN ('leased', 'attempting', 'unknown')
""",
    """
UPDATE delivery_message m SET state = n.state, attempts = n.attempts, unsure = n.unsure,
    due_at = n.due_at, code = n.code, status = n.status, text = n.said,
    bounce_class = n.bounce_class, reason = n.reason, message_id = n.message_id,
    attempted_at = n.attempted_at, settled_at = n.settled_at
FROM unnest(%s::text[], %s::int[], %s::int[], %s::bigint[], %s::int[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
    AS n (state, attempts, unsure, due_at, code, status, said, bounce_class, reason, message_id,
        attempted_at, settled_at, id, holder)
WHERE m.id = n.id AND m.holder = n.holder AND m.state IN ('leased', 'attempting', 'unknown')
""",
)
"""State, attempts, unsure, due_at, code, status, text, bounce_class, reason, message_id,
attempted_at, settled_at; row, holder."""

RELEASE: Final = Bulk(
    """
UPDATE delivery_message
SET state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'planned' END, due_at = max(due_at, %s)
WHERE id = %s AND holder = %s AND state IN ('leased', 'attempting')
""",
    """
UPDATE delivery_message m
SET state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'planned' END,
    due_at = greatest(m.due_at, n.due_at)
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS n (due_at, id, holder)
WHERE m.id = n.id AND m.holder = n.holder AND m.state IN ('leased', 'attempting')
""",
)
"""Not before; row, holder."""

TOLD: Final = Bulk(
    "UPDATE delivery_message SET told = true WHERE id = %s AND state = %s",
    """
UPDATE delivery_message m SET told = true
FROM unnest(%s::bigint[], %s::text[]) AS n (id, state)
WHERE m.id = n.id AND m.state = n.state
""",
)
"""Row, the state it was told in."""
