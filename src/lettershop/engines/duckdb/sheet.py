"""One stage while it is being filled: blocks of columns, then NumPy arrays, then a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import msgspec
import numpy as np
from numpy.typing import NDArray

from lettershop.engines.duckdb.casting import objects
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.pivot import Column
from lettershop.engines.duckdb.stage import Sort, Stage, StageColumn
from lettershop.model.values import ValueType

Arrays = dict[str, NDArray[Any]]
Fixed = Mapping[str, Sequence[Any]]

_FIXED: dict[Sort, tuple[tuple[str, str], ...]] = {
    "contact": (("identity", "VARCHAR"), ("also", "VARCHAR[]"), ("deleted", "BOOLEAN")),
    "account": (("identity", "VARCHAR"), ("deleted", "BOOLEAN")),
    "membership": (
        ("contact", "VARCHAR"),
        ("account", "VARCHAR"),
        ("joined", "BOOLEAN"),
        ("role", "VARCHAR"),
    ),
    "event": (
        ("name", "VARCHAR"),
        ("contact", "VARCHAR"),
        ("account", "VARCHAR"),
        ("rest", "JSON"),
    ),
    "record": (
        ("identity", "VARCHAR"),
        ("contact", "VARCHAR"),
        ("account", "VARCHAR"),
        ("deleted", "BOOLEAN"),
    ),
}
_EVERY = (("row", "BIGINT"), ("ts", "BIGINT"), ("received_at", "BIGINT"), ("message_id", "VARCHAR"))


class Sheet:
    """The columns of one stage, block after block."""

    def __init__(self, sort: Sort, kind: str) -> None:
        self.sort, self.kind = sort, kind
        self._layout = (*_EVERY, *_FIXED[sort])
        self.fixed = frozenset(name for name, _ in self._layout)
        self._blocks: list[Fixed] = []
        self._columns: dict[tuple[str, ValueType], list[tuple[int, Column]]] = {}
        self._rows = 0

    def add(self, fixed: Fixed, columns: Sequence[Column]) -> None:
        """Add a block: its fixed columns, all of one length, and what they say."""
        for column in columns:
            self._columns.setdefault((column.name, column.type), []).append((self._rows, column))
        self._blocks.append(fixed)
        self._rows += len(fixed["row"])

    def stage(self, con: duckdb.DuckDBPyConnection, table: str) -> Stage:
        """Create the temporary table and fill it."""
        arrays: Arrays = {}
        pieces = [self._fixed(arrays, name, kind) for name, kind in self._layout]
        columns = [
            self._column(arrays, pieces, f"c{number}", name, kind)
            for number, (name, kind) in enumerate(self._columns)
        ]
        con.register("load_arrays", arrays)
        try:
            con.execute(
                sql(
                    "CREATE OR REPLACE TEMP TABLE {table} AS SELECT {pieces} FROM load_arrays",
                    table=table,
                    pieces=pieces,
                )
            )
        finally:
            con.unregister("load_arrays")
        return Stage(sort=self.sort, table=table, columns=tuple(columns), kind=self.kind)

    def _fixed(self, arrays: Arrays, name: str, kind: str) -> Sql:
        values = [value for block in self._blocks for value in block[name]]
        match kind:
            case "BIGINT":
                arrays[name] = np.array(values, np.int64)
            case "BOOLEAN":
                known = [value is True for value in values]
                missing = [value is None for value in values]
                arrays[name] = np.ma.MaskedArray(known, missing)
            case "VARCHAR[]":
                texts = (None if v is None else msgspec.json.encode(v).decode() for v in values)
                arrays[name] = objects(texts)
                return sql("{name}::JSON::VARCHAR[] AS {name}", name=name)
            case _:
                if not any(values):
                    return sql("NULL::{kind} AS {name}", name=name, kind=Sql(kind))
                arrays[name] = objects(values)
        return sql("{name}::{kind} AS {name}", name=name, kind=Sql(kind))

    def _column(
        self, arrays: Arrays, pieces: list[Sql], column: str, name: str, kind: ValueType
    ) -> StageColumn:
        parts = self._columns[name, kind]
        pieces.append(_add(arrays, column, kind, parts, self._rows))
        written = wrong = None
        if self.sort != "event" and any(part.places is not None for _, part in parts):
            written = column + "_written"
            pieces.append(_mark(arrays, written, parts, self._rows, wrong=False))
        if any(part.cast is not None and part.cast.wrong for _, part in parts):
            wrong = column + "_wrong"
            pieces.append(_mark(arrays, wrong, parts, self._rows, wrong=True))
        return StageColumn(name=name, type=kind, column=column, written=written, wrong=wrong)


def _where(start: int, part: Column) -> Any:
    """What selects a part's places in the whole column."""
    if part.places is None and part.cast is not None:
        return slice(start, start + len(part.cast.values))
    return np.array(part.places, np.int64) + start


def _mark(
    arrays: Arrays, name: str, parts: Sequence[tuple[int, Column]], rows: int, *, wrong: bool
) -> Sql:
    """Marks of the facts that said the field, or of those that said it wrongly."""
    marks = np.zeros(rows, dtype=np.bool_)
    for start, part in parts:
        if not wrong:
            marks[_where(start, part)] = True
        elif part.cast is not None and part.cast.wrong:
            places = part.cast.wrong
            among = places if part.places is None else [part.places[place] for place in places]
            marks[np.array(among, np.int64) + start] = True
    arrays[name] = marks
    return sql("{name}", name=name)


_PLACE: dict[ValueType, tuple[Any, str]] = {
    "number": (np.int64, "({name}::DECIMAL(18, 0) * 0.000001)::DECIMAL(18, 6)"),
    "time": (np.int64, "{name}"),
    "boolean": (np.bool_, "{name}"),
    "text": (object, "{name}"),
    "date": (object, "{name}::DATE"),
    "list": (object, "{name}::JSON::VARCHAR[]"),
}
"""Array type of a value, and how it is read in SQL."""


def _add(
    arrays: Arrays,
    name: str,
    kind: ValueType,
    parts: Sequence[tuple[int, Column]],
    rows: int,
) -> Sql:
    """Add the array(s) of a column; returns how to read it in SQL."""
    missing = np.ones(rows, np.bool_)
    if kind == "location":
        return _add_places(arrays, name, parts, missing)
    type_, read = _PLACE[kind]
    values = np.full(rows, None, object) if type_ is object else np.zeros(rows, type_)
    for start, part in parts:
        if part.cast is not None:
            where = _where(start, part)
            values[where] = part.cast.values
            missing[where] = False if part.cast.missing is None else part.cast.missing
    if type_ is object:
        arrays[name] = values
    else:
        arrays[name] = np.ma.MaskedArray(values, missing) if missing.any() else values
    return sql("{read} AS {name}", read=sql(read, name=name), name=name)


def _add_places(
    arrays: Arrays, name: str, parts: Sequence[tuple[int, Column]], missing: NDArray[np.bool_]
) -> Sql:
    rows = len(missing)
    pairs = np.zeros((rows, 2), np.float64)
    for start, part in parts:
        if part.cast is not None:
            where = _where(start, part)
            pairs[where] = part.cast.values
            missing[where] = False if part.cast.missing is None else part.cast.missing
    lat, lon = name + "_lat", name + "_lon"
    arrays[lat] = np.ma.MaskedArray(pairs[:, 0].copy(), missing)
    arrays[lon] = np.ma.MaskedArray(pairs[:, 1].copy(), missing)
    return sql(
        "CASE WHEN {lat} IS NOT NULL THEN struct_pack(lat := {lat}, lon := {lon}) END AS {name}",
        lat=lat,
        lon=lon,
        name=name,
    )
