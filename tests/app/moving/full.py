"""Records with rows in every table there is, and in them what databases differ in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.apps import apps
from django.db import models

from lettershop.access.audit import LOCAL, audit
from lettershop.app.moving.tables import tables

ODD = "Grüße 🌷\t\\N\n“x” \\"
JSON = {"ß": [1.0, 1e22, -0.0, 0.1, 2**60, None, True, "\\u", ODD], "": {}}
AT = datetime(2026, 11, 23, 9, 0, 0, 1, UTC)
_numbers = count(1)


def fill(rows: int = 3) -> None:
    """So many rows in every table; the audit trail by its own way, so that it is one chain."""
    known = {m._meta.db_table: m for m in apps.get_models(include_auto_created=True)}
    for table in tables():
        model = known[table.name]
        for number in range(rows):
            if model._meta.label_lower == "access.auditentry":
                audit(LOCAL, ODD, "x", at=0.5, big=1e22, said=[None, ODD])
            else:
                _made(model, number)


def _made(model: type[models.Model], number: int) -> None:
    values = {}
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.ForeignKey):
            other: Any = field.remote_field.model
            key = other._base_manager.order_by("pk").values_list("pk", flat=True)[number]
            values[field.attname] = key
        elif not isinstance(field, models.AutoField):
            values[field.attname] = _value(field, number)
    model._base_manager.bulk_create([model(**values)])


def _value(field: models.Field[Any, Any], number: int) -> Any:
    match field:
        case models.BooleanField():
            return number % 2 == 0
        case models.DateTimeField():
            return None if field.null and number else AT + timedelta(seconds=number)
        case models.JSONField():
            return JSON
        case models.BinaryField():
            return b"\x00\xff\\" * number
        case models.BigIntegerField():
            return 2**62 + next(_numbers)
        case models.IntegerField():
            return 2**31 - 1 - next(_numbers)
        case _:
            longest = field.max_length or 1_000
            return f"{next(_numbers)}{ODD}"[:longest]
