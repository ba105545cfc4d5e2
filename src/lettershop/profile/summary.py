"""How the values of a trait are spread."""

from typing import Any

import msgspec

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import FieldInfo
from lettershop.profile.traits import TraitSubject
from lettershop.profile.values import Value
from lettershop.profile.writing import as_value

MOST = 20


class Share(msgspec.Struct, frozen=True):
    """A value, or of numbers a range, and how many have it."""

    value: str
    count: int


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """`known`: how many have a value. Of numbers also the least, the mean and the greatest."""

    known: int = 0
    least: Value = None
    average: float | None = None
    greatest: Value = None
    values: tuple[Share, ...] = ()
    """The most frequent ones; each entry of a list by itself. Of numbers none."""


def spread(store: Store, subject: TraitSubject, info: FieldInfo) -> Spread:
    """Of the current values of all live subjects."""
    column, table = info.column, f"{subject}s"
    known = _rows(store, sql(_COUNT, column=column, table=table))[0][0]
    if info.type == "number":
        least, mean, most = _rows(store, sql(_NUMBERS, column=column, table=table))[0]
        average = None if mean is None else round(float(mean), 2)
        return Spread(known=known, least=as_value(least), average=average, greatest=as_value(most))
    template = _ENTRIES if info.type == "list" else _VALUES
    found = _rows(store, sql(template, column=column, table=table))[:MOST]
    return Spread(known=known, values=tuple(Share(str(v), n) for v, n in found))


_COUNT = "SELECT count({column}) FROM {table} WHERE deleted IS NOT TRUE"
_NUMBERS = (
    "SELECT min({column}), avg({column}), max({column}) FROM {table} WHERE deleted IS NOT TRUE"
)
_VALUES = (
    "SELECT {column} AS v, count(*) AS n FROM {table} WHERE deleted IS NOT TRUE"
    " AND v IS NOT NULL GROUP BY v ORDER BY n DESC, v"
)
_ENTRIES = (
    "SELECT unnest({column}) AS v, count(*) AS n FROM {table} WHERE deleted IS NOT TRUE"
    " GROUP BY v ORDER BY n DESC, v"
)


def _rows(store: Store, asked: Sql) -> list[tuple[Any, ...]]:
    return store.con.execute(asked).fetchall()
