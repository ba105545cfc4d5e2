"""A snapshot of the lake: which files belong together, and up to where they go.

    current.json                    names the newest snapshot; replaced as a whole
    snapshots/00000017.json         a Manifest; never changed
    data/<table>/day-2026-11-23/<part>.parquet     never changed; part names are never used again

Readers take `current.json`, then one manifest, then its parts: they see one state of everything,
however long they read. What no manifest names any more is removed after a while.

A table of events is cut by the UTC day of `ts`, a history by the UTC day of `received_at`
(`day=2026-11-23`), a wide table by ranges of the dense id (`range=12`, RANGE ids each), everything
else is whole (`all`). Days of few rows share a partition: a month or a year of them, `days` says
how many; partitions of a table never overlap. Histories have the column `ord`, the order in which
their rows were stored; rows of events are ordered by (ts, seq) in a part, of wide tables by id, of
all others as they were stored, from part to part.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from lettershop.model.catalog import Catalog

FORMAT: Final = 1
CURRENT: Final = "current.json"
RANGE: Final = 1 << 18
"""Dense ids in one range of a wide table, and in one range of members."""

Sort = Literal["events", "history", "wide", "other"]

ColumnType = Literal[
    "bigint",
    "integer",
    "varchar",
    "boolean",
    "double",
    "date",
    "decimal(18,6)",
    "varchar[]",
    "struct(lat double, lon double)",
    "blob",
    "ubigint",
]
"""As DuckDB writes them; `ubigint` is stored as the bigint of the same 64 bits, JSON as varchar."""


class Column(msgspec.Struct, frozen=True):
    """`own`: the type DuckDB keeps it in, where that is another: JSON, UBIGINT."""

    name: str
    type: ColumnType
    own: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `path` is relative to the lake."""

    path: str
    rows: int
    bytes: int
    fingerprint: int = 0
    """The sum of the hashes of its rows, as a whole number of 64 bits: tells whether they
    changed."""
    first: int = 0
    """Its rows stand at this place of the order of the table or later, before the `first` of the
    next part of the partition, or before the table's `upto`."""


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """`key`: `day=2026-11-23` (the first of its `days`), `range=0` or `all`."""

    key: str
    parts: tuple[Part, ...]
    days: int = 1


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Parts written before a column came lack it: its values there are NULL."""

    name: str
    sort: Sort
    columns: tuple[Column, ...]
    partitions: tuple[Partition, ...] = ()
    upto: int = 0
    """The place after the last row, in the order of the table."""

    @property
    def rows(self) -> int:
        return sum(part.rows for one in self.partitions for part in one.parts)

    @property
    def paths(self) -> list[str]:
        return [part.path for one in self.partitions for part in one.parts]


class Watermark(msgspec.Struct, frozen=True, kw_only=True):
    """How far the facts go: calls of the raw log (`seq`, and `part` calls of the next), and the
    latest instant at which any of them became visible (ms)."""

    seq: int
    part: int
    visible: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: int = FORMAT
    snapshot: int
    made_at: int
    """ms since 1970 UTC."""
    watermark: Watermark
    catalog: Catalog
    salts: Mapping[str, int]
    timezone: str
    timezone_field: str
    tables: Mapping[str, Table]


def path_of(snapshot: int) -> str:
    return f"snapshots/{snapshot:08}.json"
