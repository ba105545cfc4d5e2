"""Statements of the ledger; those for many rows are in bulk.py. States are literals on purpose (see
the signpost)."""

from typing import Final

# --- sends ---------------------------------------------------------------------------------------

NEW_SEND: Final = """
INSERT INTO delivery_send (key, kind, name, stream, state, reason, content, planned, created_at,
    started_at, ended_at)
VALUES (%s, %s, %s, %s, 'holding', '', %s, 0, %s, 0, 0)
ON CONFLICT (key) DO NOTHING
"""
SENDS: Final = """
SELECT id, key, kind, name, stream, state, reason, content, planned, created_at, started_at,
    ended_at
FROM delivery_send
"""
SEND_BY_KEY: Final = SENDS + "WHERE key = %s"
SEND_BY_ID: Final = SENDS + "WHERE id = %s"
SENDS_NEWEST: Final = SENDS + "WHERE kind <> 'test' ORDER BY id DESC LIMIT %s"
SENDS_GOING: Final = SENDS + "WHERE state IN ('sending', 'aborted') ORDER BY id"
STATE_OF: Final = "SELECT state, kind FROM delivery_send WHERE id = %s"
GROWN: Final = "UPDATE delivery_send SET planned = planned + %s WHERE id = %s"

START: Final = """
UPDATE delivery_send SET state = 'sending', reason = '',
    started_at = CASE WHEN started_at = 0 THEN %s ELSE started_at END
WHERE id = %s AND state IN ('holding', 'paused')
"""
PAUSE: Final = """
UPDATE delivery_send SET state = 'paused', reason = %s
WHERE id = %s AND state IN ('sending', 'paused')
"""
ABORT: Final = """
UPDATE delivery_send SET state = 'aborted', reason = %s, ended_at = %s
WHERE id = %s AND state IN ('holding', 'sending', 'paused')
"""
ABORTED: Final = """
UPDATE delivery_message SET state = 'suppressed', reason = 'aborted', settled_at = %s
WHERE send_id = %s AND state IN ('planned', 'deferred')
"""
DONE: Final = """
UPDATE delivery_send SET state = 'done', ended_at = %s
WHERE state = 'sending' AND kind <> 'transactional'
    AND (SELECT m.id FROM delivery_message m
        WHERE m.send_id = delivery_send.id AND m.state IN ('planned', 'deferred')
        ORDER BY m.due_at, m.id LIMIT 1) IS NULL
    AND (SELECT m.id FROM delivery_message m
        WHERE m.send_id = delivery_send.id AND m.state IN ('leased', 'attempting')
        ORDER BY m.holder, m.held_until LIMIT 1) IS NULL
"""
"""The first of each by its partial index; for NOT EXISTS PostgreSQL reads the whole table (measured
on a million rows: 2,460 ms instead of 0.1)."""

RELEASE_REST: Final = """
UPDATE delivery_message SET due_at = due_at - %s
WHERE send_id = %s AND state IN ('planned', 'deferred') AND due_at >= %s
"""
UNTRIED: Final = """
SELECT count(*) FROM delivery_message
WHERE send_id = %s AND state IN ('planned', 'leased', 'attempting') AND due_at <= %s
"""
WITHHELD: Final = """
SELECT count(*) FROM delivery_message
WHERE send_id = %s AND state IN ('planned', 'deferred') AND due_at >= %s
"""

# --- leasing and settling ------------------------------------------------------------------------

WAITING: Final = """
SELECT d.id, d.kind FROM delivery_send d
WHERE d.state IN ('sending', 'aborted') AND d.state = 'sending' AND (
    SELECT m.id FROM delivery_message m
    WHERE m.send_id = d.id AND m.state IN ('planned', 'deferred') AND m.due_at <= %s
    ORDER BY m.due_at, m.id LIMIT 1) IS NOT NULL
ORDER BY d.id
"""
"""Not by EXISTS: see DONE."""
LEASE_SQLITE: Final = """
UPDATE delivery_message SET state = 'leased', holder = %s, held_until = %s
WHERE id IN (
    SELECT id FROM delivery_message
    WHERE send_id = %s AND state IN ('planned', 'deferred') AND due_at <= %s
    ORDER BY due_at, id LIMIT %s)
"""
LEASE_POSTGRESQL: Final = """
WITH chosen AS MATERIALIZED (
    SELECT id FROM delivery_message
    WHERE send_id = %s AND state IN ('planned', 'deferred') AND due_at <= %s
    ORDER BY due_at, id LIMIT %s
    FOR UPDATE SKIP LOCKED)
UPDATE delivery_message SET state = 'leased', holder = %s, held_until = %s
FROM chosen WHERE delivery_message.id = chosen.id
"""
LEASED: Final = """
SELECT m.id, m.send_id, d.kind, d.stream, m.contact, m.account, m.piece, m.address, m.domain,
    m.provider, m.variant, m.language, m.digest, m.attempts, m.unsure, m.planned_at, m.held_until,
    m.message_id, s.body, s.shown
FROM delivery_message m
JOIN delivery_send d ON d.id = m.send_id
LEFT JOIN delivery_snapshot s ON s.message_id = m.id
WHERE m.holder = %s AND m.held_until = %s AND m.state IN ('leased', 'attempting')
ORDER BY m.id
"""
MINE: Final = """
SELECT id FROM delivery_message
WHERE holder = %s AND held_until = %s AND state IN ('leased', 'attempting')
    AND state = 'attempting'
"""
RELEASE_ALL: Final = """
UPDATE delivery_message SET state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'planned' END
WHERE holder = %s AND state IN ('leased', 'attempting')
"""
HELD: Final = """
SELECT m.id, m.state, d.kind, m.attempts, m.unsure, m.held_until, m.message_id
FROM delivery_message m JOIN delivery_send d ON d.id = m.send_id
WHERE m.holder = %s AND m.state IN ('leased', 'attempting')
"""
EXPIRE: Final = """
UPDATE delivery_message SET state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'planned' END
WHERE held_until < %s AND state IN ('leased', 'attempting') AND state = 'leased'
"""
HOLDERS: Final = """
SELECT DISTINCT holder FROM delivery_message WHERE state IN ('leased', 'attempting')
"""
RELEASE_LEASED: Final = """
UPDATE delivery_message SET state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'planned' END
WHERE holder = %s AND state IN ('leased', 'attempting') AND state = 'leased'
"""
LOST_HOLDERS: Final = """
SELECT DISTINCT holder FROM delivery_message
WHERE held_until < %s AND state IN ('leased', 'attempting')
"""

# --- looking -------------------------------------------------------------------------------------

COUNTS: Final = """
SELECT state, bounce_class, reason, count(*), sum(CASE WHEN unsure > 0 THEN 1 ELSE 0 END)
FROM delivery_message WHERE send_id = %s
GROUP BY state, bounce_class, reason
"""
ACCEPTED_SINCE: Final = """
SELECT count(*) FROM delivery_message
WHERE send_id = %s AND state = 'accepted' AND settled_at > %s
"""
LIST_ALL: Final = """
SELECT id, contact, account, piece, address, provider, variant, language, state, attempts, unsure,
    due_at, code, status, text, bounce_class, reason, message_id, planned_at, attempted_at,
    settled_at
FROM delivery_message
"""
LIST: Final = LIST_ALL + "WHERE send_id = %s AND id > %s ORDER BY id LIMIT %s"
LIST_STATE: Final = LIST_ALL + "WHERE send_id = %s AND state = %s AND id > %s ORDER BY id LIMIT %s"
ONE: Final = LIST_ALL + "WHERE id = %s"
BY_MESSAGE_ID: Final = LIST_ALL + "WHERE message_id = %s AND message_id <> '' ORDER BY id DESC"
TO_MAILBOX: Final = LIST_ALL + "WHERE mailbox = %s ORDER BY id DESC LIMIT %s"

# --- telling -------------------------------------------------------------------------------------

UNTOLD: Final = """
SELECT m.id, d.key, d.kind, d.name, d.stream, m.contact, m.account, m.piece, m.address, m.variant,
    m.state, m.code, m.status, m.text, m.bounce_class, m.reason, m.message_id, m.attempted_at,
    m.settled_at
FROM delivery_message m JOIN delivery_send d ON d.id = m.send_id
WHERE NOT m.told AND m.state IN ('accepted', 'refused', 'unknown')
ORDER BY m.id LIMIT %s
"""
