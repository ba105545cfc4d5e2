"""Values of the records in one form, whichever database they come from, and as each takes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, Literal, assert_never

from django.db import models

Kind = Literal["number", "text", "truth", "moment", "json", "bytes"]

KINDS: Final[dict[type[models.Field[Any, Any]], Kind]] = {
    models.BooleanField: "truth",
    models.DateTimeField: "moment",
    models.JSONField: "json",
    models.BinaryField: "bytes",
    models.CharField: "text",
    models.TextField: "text",
    models.IntegerField: "number",  # and what counts: BigAutoField, BigIntegerField
}


def kind_of(field: models.Field[Any, Any]) -> Kind:
    """LookupError for a field of a kind that no model of ours has had before."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    for known, kind in KINDS.items():
        if isinstance(field, known):
            return kind
    raise LookupError(f"{field}: it is not known how to copy a {type(field).__name__}")


def read(kind: Kind, value: Any) -> Any:
    """As a driver gives it, in the one form: int, str, bool, aware datetime in UTC, JSON as text,
    bytes; None."""
    if value is None:
        return None
    match kind:
        case "number":
            return int(value)
        case "text" | "json":
            return str(value)
        case "truth":
            return bool(value)
        case "moment":
            at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        case "bytes":
            return bytes(value)
        case _:
            assert_never(kind)


def for_sqlite(kind: Kind, value: Any) -> Any:
    """As Django writes it there. PostgreSQL takes the one form as it is."""
    match kind:
        case "moment" if value is not None:
            return str(value.replace(tzinfo=None))
        case "truth" if value is not None:
            return int(value)
        case _:
            return value


def summed(kinds: Sequence[Kind], row: Sequence[Any]) -> int:
    """A row's SHA-256 as a number. Sums of these, modulo 2²⁵⁶, are alike for the same rows in any
    order."""
    plain = [_plain(kind, value) for kind, value in zip(kinds, row, strict=True)]
    text = json.dumps(plain, separators=(",", ":"), sort_keys=True)
    return int.from_bytes(sha256(text.encode("ascii")).digest())


def _plain(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case "number" | "text" | "truth":
            return value
        case "moment":
            return value.isoformat(timespec="microseconds")
        case "json":
            return _numbers(json.loads(value))
        case "bytes":
            return value.hex()
        case _:
            assert_never(kind)


def _numbers(value: Any) -> Any:
    """PostgreSQL writes numbers in JSON its own way: 1e2 as 100."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _numbers(inner) for key, inner in value.items()}
        case list():
            return [_numbers(inner) for inner in value]
        case _:
            return value
