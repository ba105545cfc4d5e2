"""The tables of a snapshot of the lake, as views of a Spark session, made when a query names them.

A query reads the parts that can matter to it: no day of events that no window of it reaches, and
nothing that was not yet there at the moment asked for.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from threading import Lock
from typing import Final

from sqlglot import exp

from lettershop.engines.dense.asking import Rows
from lettershop.engines.spark.printing import spark_sql
from lettershop.engines.spark.session import Session
from lettershop.lake.manifest import Column, ColumnType, Manifest, Partition, Table
from lettershop.lake.storage import Lake
from lettershop.model.clock import DAY
from lettershop.model.errors import InputError
from lettershop.planning.windows import EVER, Bounds

SPARK_TYPE: Final[dict[ColumnType, str]] = {
    "bigint": "bigint",
    "integer": "int",
    "varchar": "string",
    "boolean": "boolean",
    "double": "double",
    "date": "date",
    "decimal(18,6)": "decimal(18,6)",
    "varchar[]": "array<string>",
    "struct(lat double, lon double)": "struct<lat: double, lon: double>",
    "blob": "binary",
    "ubigint": "bigint",
}
_NUMBERS = count(1)


class LakeAsker:
    """Answers queries over one snapshot (dense/asking.py: Asker), as they stand at `as_of`.

    May be asked by several threads at once."""

    def __init__(self, session: Session, lake: Lake, manifest: Manifest, as_of: int) -> None:
        self.session, self.lake, self.manifest, self.as_of = session, lake, manifest, as_of
        self._prefix = f"lettershop_{next(_NUMBERS)}"
        self._made: dict[str, str] = {}
        """Tables and views made for the occasion, by the name queries know them by."""
        self._parts: dict[tuple[str, tuple[str, ...]], str] = {}
        """Views over parts: which table, which partitions."""
        self._making = Lock()

    def fetch(self, sql: exp.Query, span: Bounds = EVER) -> Rows:
        """`span`: no event outside of it can matter."""
        return self.session.fetch(self.printed(sql, span))

    def create(self, name: str, sql: exp.Query) -> None:
        view = self._own(name)
        self.session.view(view, self.printed(sql))
        self._made[name] = view

    def publish(self, name: str, rows: Rows) -> None:
        view = self._own(name)
        self.session.publish(view, rows)
        self._made[name] = view

    def salt(self, name: str) -> int:
        """InputError `spark.salt`: whoever owns the facts draws the salts of samples."""
        if name not in self.manifest.salts:
            raise InputError(
                "spark.salt",
                f"the random sample “{name}” is not drawn in this snapshot of the lake",
                where=self.lake.address,
                hint="lettershop lake export writes a snapshot that knows it",
            )
        return self.manifest.salts[name]

    def printed(self, sql: exp.Query, span: Bounds = EVER) -> str:
        """The query in Spark's dialect, over views; the tree is used up."""
        for node in list(sql.find_all(exp.Table)):
            view = self._view(node.name, span)
            if view is not None:
                node.set("this", exp.to_identifier(view, quoted=True))
        return spark_sql(sql)

    def clear(self) -> None:
        """Drops all views; those of the lake are made again when they are asked for."""
        with self._making:
            for view in (*self._made.values(), *self._parts.values()):
                self.session.drop(view)
            self._made.clear()
            self._parts.clear()

    def _view(self, name: str, span: Bounds) -> str | None:
        """The view that stands for a table; None for what the query itself names."""
        if name in self._made:
            return self._made[name]
        table = self.manifest.tables.get(name)
        if table is None:
            return None
        chosen = tuple(part.key for part in parts_within(table, span, self.as_of))
        with self._making:
            if (name, chosen) not in self._parts:
                self._parts[name, chosen] = self._read(table, frozenset(chosen))
        return self._parts[name, chosen]

    def _read(self, table: Table, chosen: frozenset[str]) -> str:
        view = self._own(f"{table.name}_{len(self._parts)}")
        read = [part for one in table.partitions if one.key in chosen for part in one.parts]
        urls = [self.lake.url(part.path) for part in read]
        self.session.files(view, ", ".join(map(_column, table.columns)), urls)
        return view

    def _own(self, name: str) -> str:
        return f"{self._prefix}_{re.sub(r'[^a-z0-9_]', '_', name.lower())}"


def parts_within(table: Table, span: Bounds, as_of: int) -> Iterator[Partition]:
    """The partitions that hold rows of the span that were there at `as_of`."""
    match table.sort:
        case "events":
            lo, hi = span.lo, min(span.hi, as_of + 1)
        case "history":
            lo, hi = EVER.lo, as_of + 1
        case "wide" | "other":
            lo, hi = EVER
    for one in table.partitions:
        start = _start(one.key)
        if start is None or (start < hi and start + one.days * DAY > lo):
            yield one


def _start(key: str) -> int | None:
    """Where the first of the days of a partition begins (`days` says how many); None without."""
    found = re.fullmatch(r"day=(\d{4}-\d{2}-\d{2})", key)
    if found is None:
        return None
    return (date.fromisoformat(found[1]) - date(1970, 1, 1)).days * DAY


def _column(column: Column) -> str:
    quoted = column.name.replace("`", "``")
    return f"`{quoted}` {SPARK_TYPE[column.type]}"
