"""One stage while it is being filled: columns in Python, then NumPy arrays, then a table."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import msgspec
import numpy as np
from numpy.typing import NDArray

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.stage import SQL_TYPE, Sort, Stage, StageColumn
from lettershop.model.values import Known, ValueType

Arrays = dict[str, NDArray[Any]]

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
    """The columns of one stage. Rows are begun with `start`, values are `put` into them."""

    def __init__(self, sort: Sort, kind: str) -> None:
        self.sort, self.kind = sort, kind
        self._layout = (*_EVERY, *_FIXED[sort])
        self._fixed: dict[str, list[Any]] = {name: [] for name, _ in self._layout}
        self._appends = [column.append for column in self._fixed.values()]
        self._values: dict[tuple[str, ValueType], dict[int, Known | None]] = {}
        self._wrong: dict[tuple[str, ValueType], list[int]] = {}
        self._rows = 0

    def start(self, *values: Any) -> int:
        """Add a row of fixed columns in the order of the layout; returns its place."""
        for append, value in zip(self._appends, values, strict=True):
            append(value)
        self._rows += 1
        return self._rows - 1

    def set_rest(self, place: int, rest: str | None) -> None:
        self._fixed["rest"][place] = rest

    def put(
        self, place: int, name: str, kind: ValueType, value: Known | None, *, wrong: bool
    ) -> None:
        column = self._values.get((name, kind))
        if column is None:
            column = self._values[name, kind] = {}
        column[place] = value
        if wrong:
            self._wrong.setdefault((name, kind), []).append(place)

    def stage(self, con: duckdb.DuckDBPyConnection, table: str) -> Stage:
        """Create the temporary table and fill it."""
        arrays: Arrays = {}
        pieces = [
            _add(arrays, name, kind, dict(enumerate(self._fixed[name])), self._rows)
            for name, kind in self._layout
        ]
        columns = [
            self._column(arrays, pieces, f"c{number}", name, kind)
            for number, (name, kind) in enumerate(self._values)
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

    def _column(
        self, arrays: Arrays, pieces: list[Sql], column: str, name: str, kind: ValueType
    ) -> StageColumn:
        values = self._values[name, kind]
        pieces.append(_add(arrays, column, SQL_TYPE[kind], values, self._rows))
        written = wrong = None
        if self.sort != "event" and len(values) < self._rows:
            written = column + "_written"
            pieces.append(_mark(arrays, written, list(values), self._rows))
        if (name, kind) in self._wrong:
            wrong = column + "_wrong"
            pieces.append(_mark(arrays, wrong, self._wrong[name, kind], self._rows))
        return StageColumn(name=name, type=kind, column=column, written=written, wrong=wrong)


def _mark(arrays: Arrays, name: str, places: Sequence[int], rows: int) -> Sql:
    marks = np.zeros(rows, dtype=np.bool_)
    marks[places] = True
    arrays[name] = marks
    return sql("{name}", name=name)


def _add(arrays: Arrays, name: str, kind: str, values: Mapping[int, Any], rows: int) -> Sql:
    """Add the array(s) of a column; returns how to read it in SQL as the SQL type `kind`."""
    known = {place: value for place, value in values.items() if value is not None}
    match kind:
        case "BIGINT":
            arrays[name] = _masked(known, rows, np.int64)
            read = sql("{name}", name=name)
        case "BOOLEAN":
            arrays[name] = _masked(known, rows, np.bool_)
            read = sql("{name}", name=name)
        case "DECIMAL(18, 6)":
            arrays[name] = _masked(known, rows, np.int64)
            read = sql("({name}::DECIMAL(18, 0) * 0.000001)::DECIMAL(18, 6)", name=name)
        case "STRUCT(lat DOUBLE, lon DOUBLE)":
            return _add_places(arrays, name, known, rows)
        case "VARCHAR":
            arrays[name] = _objects(known, rows)
            read = sql("{name}", name=name)
        case "DATE":
            days: dict[int, str] = {p: date.isoformat(day) for p, day in known.items()}
            arrays[name] = _objects(days, rows)
            read = sql("{name}::DATE", name=name)
        case "VARCHAR[]":
            lists = {p: msgspec.json.encode(items).decode() for p, items in known.items()}
            arrays[name] = _objects(lists, rows)
            read = sql("{name}::JSON::VARCHAR[]", name=name)
        case _:
            arrays[name] = _objects(known, rows)
            read = sql("{name}::{kind}", name=name, kind=Sql(kind))
    return sql("{read} AS {name}", read=read, name=name)


def _add_places(arrays: Arrays, name: str, known: Mapping[int, Any], rows: int) -> Sql:
    lat, lon = name + "_lat", name + "_lon"
    arrays[lat] = _masked({p: place[0] for p, place in known.items()}, rows, np.float64)
    arrays[lon] = _masked({p: place[1] for p, place in known.items()}, rows, np.float64)
    return sql(
        "CASE WHEN {lat} IS NOT NULL THEN struct_pack(lat := {lat}, lon := {lon}) END AS {name}",
        lat=lat,
        lon=lon,
        name=name,
    )


def _masked(known: Mapping[int, Any], rows: int, kind: type) -> NDArray[Any]:
    data: NDArray[Any] = np.zeros(rows, dtype=kind)
    mask = np.ones(rows, dtype=np.bool_)
    if known:
        places = np.fromiter(known, np.int64, len(known))
        data[places] = np.array(list(known.values()), dtype=kind)
        mask[places] = False
    return np.ma.MaskedArray(data, mask)


def _objects(known: Mapping[int, Any], rows: int) -> NDArray[Any]:
    column = np.full(rows, None, dtype=object)
    for place, value in known.items():
        column[place] = value
    return column
