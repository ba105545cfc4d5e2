"""The hash chain of the audit trail: each entry's hash covers all it says and the hash before it.

Whoever changes or removes an entry in the middle breaks the chain from there on. Taking away the
newest entries, or writing all of them anew, shows only against a hash noted elsewhere: `verify`
gives the newest one to note, and takes one noted before.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection

GENESIS: Final = ""
LOCK: Final = 0x1E77E26
"""The advisory lock that makes one chain of all writers on PostgreSQL, until their commit."""


def entry_hash(
    previous: str,
    *,
    at: datetime,
    who: str,
    kind: str,
    what: str,
    target: str,
    details: Mapping[str, Any],
) -> str:
    """Hex SHA-256 over one JSON array. Numbers are written as any database gives them back."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    said = [previous, moment, who, kind, what, target, _plain(json.loads(json.dumps(details)))]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def one_writer() -> None:
    """Wait for other writers; inside a transaction. SQLite has one writer at a time anyway: every
    transaction begins IMMEDIATE (app/records.py)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _plain(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value
