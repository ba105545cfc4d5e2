"""The same trees on DuckDB and on a Spark, over the same tables, row by row."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import parquet
from sqlglot import exp

from lettershop.engines.dense.asking import Rows
from lettershop.engines.dense.prepare import prepared
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.evaluate import define_functions
from lettershop.engines.duckdb.store import Store
from lettershop.engines.spark.printing import spark_sql
from lettershop.language.definition import Definition
from lettershop.planning.metrics import AnyMetric
from lettershop.planning.queries import queries
from lettershop.planning.sources import Context

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Answer = Counter[tuple[object, ...]]


class Both(NamedTuple):
    """One question, as each of the two is asked."""

    duck: exp.Query
    spark: exp.Query


class Recorder:
    """A store that writes down what it is asked (dense/asking.py: Asker)."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: list[exp.Query] = []

    def fetch(self, sql: exp.Query) -> Rows:
        self.asked.append(sql.copy())
        return self.store.fetch(sql)

    def create(self, name: str, sql: exp.Query) -> None:
        self.asked.append(sql.copy())
        self.store.create(name, sql)

    def publish(self, name: str, rows: Rows) -> None:
        self.store.publish(name, rows)

    def salt(self, name: str) -> int:
        return self.store.salt(name)


def questions(store: Store, definitions: Sequence[Definition], as_of: int) -> list[Both]:
    """Everything an evaluation asks. Leaves the tables made for the occasion in the store."""
    recorder = Recorder(store)
    define_functions(store)
    ready = prepared(recorder, store.catalog(), definitions, as_of, store.settings)
    found = [Both(tree, tree) for tree in recorder.asked]
    return found + list(events_asked(ready.plan.metrics, ready.context))


def events_asked(metrics: Mapping[AnyMetric, Iterable[str]], context: Context) -> Iterator[Both]:
    duck = queries(metrics, context)
    spark = queries(metrics, context._replace(asof=False))
    for mine, theirs in zip(duck, spark, strict=True):
        yield Both(mine.sql, theirs.sql)


def hand_over(store: Store, spark: "SparkSession", folder: Path) -> None:
    """All tables of the store as views, of the types the lake has them in."""
    names = store.con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE table_name NOT LIKE 'refresh_%'"
    ).fetchall()
    for number, (name,) in enumerate(names):
        file = str(folder / f"{number}.parquet")
        parquet.write_table(_as_in_the_lake(store, name), file)
        spark.read.parquet(file).createOrReplaceTempView(name)


def _as_in_the_lake(store: Store, name: str) -> pa.Table:
    loaded = Sql(", rowid AS ord" if name.endswith("_history") else "")
    rows = sql("SELECT *{loaded} FROM {table}", loaded=loaded, table=name)
    table = store.con.sql(rows).to_arrow_table()
    columns = [_plain(column) for column in table.columns]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_uint64(column.type):
        bits = column.fill_null(0).to_numpy().view(np.int64)
        return pa.chunked_array([pa.array(bits, mask=column.is_null().to_numpy())])
    if isinstance(column.type, pa.BaseExtensionType):
        return column.cast(pa.string())
    return column


def duck_rows(store: Store, tree: exp.Query) -> Answer:
    return Counter(map(_row, store.con.execute(tree.sql("duckdb")).fetchall()))


def spark_rows(spark: "SparkSession", tree: exp.Query) -> Answer:
    table = spark.sql(spark_sql(tree)).toArrow()
    return Counter(map(_row, zip(*(column.to_pylist() for column in table.columns), strict=True)))


def _row(values: Iterable[Any]) -> tuple[object, ...]:
    return tuple(map(_value, values))


def _value(value: Any) -> object:
    match value:
        case bool():
            return int(value)
        case int():
            return value - 2**64 if value >= 2**63 else value
        case dict():
            return tuple(sorted((key, _value(part)) for key, part in value.items()))
        case list():
            return tuple(map(_value, value))
        case _:
            return value
