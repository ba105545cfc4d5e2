"""Columns of DuckDB as columns of Parquet that every reader has, and back."""

from typing import Final, get_args

import duckdb

from lettershop.engines.duckdb.compose import Sql, name, sql
from lettershop.lake.manifest import Column, ColumnType
from lettershop.model.errors import UsageError

ORD: Final = Column("ord", "bigint")
"""The order in which the rows of a history were stored: at a tie of times, the later counts."""

_SAME: Final = {str(one).upper(): one for one in get_args(ColumnType)}
_OTHER: Final[dict[str, ColumnType]] = {
    "JSON": "varchar",
    "UBIGINT": "ubigint",
    "UTINYINT": "bigint",
    "TINYINT": "bigint",
    "SMALLINT": "bigint",
    "UINTEGER": "bigint",
}
"""Kept in a wider type, or as text."""
_STRUCT: Final = "STRUCT(LAT DOUBLE, LON DOUBLE)"


def columns_of(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[Column, ...]]:
    """The columns of every persistent table, in their order, by its name."""
    rows = con.execute(
        "SELECT c.table_name, c.column_name, c.data_type FROM duckdb_columns() AS c"
        " JOIN duckdb_tables() AS t ON t.table_oid = c.table_oid"
        " AND t.database_oid = c.database_oid WHERE NOT t.temporary AND NOT t.internal"
        " AND t.database_name = current_database() ORDER BY c.table_name, c.column_index"
    ).fetchall()
    found: dict[str, tuple[Column, ...]] = {}
    for table, column, kind in rows:
        found[table] = (*found.get(table, ()), _column(table, column, kind))
    return found


def _column(table: str, column: str, kind: str) -> Column:
    """UsageError `lake.type` for a type that the lake does not have."""
    upper = kind.upper().replace('"', "")
    if upper in _OTHER:
        return Column(column, _OTHER[upper], upper)
    upper = upper.replace("DECIMAL(18, 6)", "DECIMAL(18,6)")
    if upper not in _SAME:
        message = f"the lake has no type for {kind}"
        raise UsageError("lake.type", message, where=f"{table}.{column}")
    return Column(column, _SAME[upper])


def to_lake(column: Column) -> Sql:
    """The value as it is stored in the lake."""
    if column.type == "ubigint":
        # A cast refuses what does not fit: the same 64 bits, read with a sign.
        return sql(
            "CASE WHEN {c} > 9223372036854775807"
            " THEN ({c}::HUGEINT - 18446744073709551616)::BIGINT ELSE {c}::BIGINT END",
            c=column.name,
        )
    if column.own:
        return sql("{c}::{type}", c=column.name, type=Sql(column.type))
    return name(column.name)


def from_lake(column: Column) -> Sql:
    """The value as DuckDB keeps it."""
    if column.type == "ubigint":
        return sql(
            "CASE WHEN {c} < 0 THEN ({c}::HUGEINT + 18446744073709551616)::UBIGINT"
            " ELSE {c}::UBIGINT END",
            c=column.name,
        )
    return sql("{c}::{type}", c=column.name, type=own_type(column))


def own_type(column: Column) -> Sql:
    return Sql(column.own or column.type)


def file_type(column: Column) -> Sql:
    """The type a reader of the files finds."""
    return Sql("bigint" if column.type == "ubigint" else column.type)
