"""Which tables there are: those of every model, in an order in which none refers to a later one."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models

from lettershop.app.moving.kinds import Kind, kind_of

MADE_ANEW = frozenset({"django_content_type", "auth_permission"})
"""Filled by Django whenever tables are made: rows in them are no sign of life."""


class Column(NamedTuple):
    name: str
    kind: Kind


class Table(NamedTuple):
    """`number`: the column that the database itself counts, "" where there is none."""

    name: str
    columns: tuple[Column, ...]
    number: str


def tables() -> tuple[Table, ...]:
    found: dict[str, Table] = {}
    waiting = {m._meta.db_table: m for m in apps.get_models(include_auto_created=True)}
    while waiting:
        ready = [name for name, model in waiting.items() if not {*_needed(model)} & {*waiting}]
        for name in sorted(ready):
            found[name] = _table(waiting.pop(name))
        if not ready:
            raise LookupError(f"tables that refer to each other: {sorted(waiting)}")
    return tuple(found.values())


def _needed(model: type[models.Model]) -> Iterator[str]:
    own = model._meta.db_table
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.ForeignKey) and field.remote_field.model is not None:
            other: Any = field.remote_field.model
            if other._meta.db_table != own:
                yield other._meta.db_table


def _table(model: type[models.Model]) -> Table:
    fields = model._meta.local_concrete_fields
    columns = tuple(Column(str(field.column), kind_of(field)) for field in fields)
    number = next((str(f.column) for f in fields if isinstance(f, models.AutoField)), "")
    return Table(model._meta.db_table, columns, number)
