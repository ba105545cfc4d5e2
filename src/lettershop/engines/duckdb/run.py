"""SQL trees in, NumPy arrays out."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from lettershop.engines.duckdb.store import Store
from lettershop.planning.predicates import text_functions


def fetch(store: Store, sql: exp.Query) -> dict[str, np.ma.MaskedArray | npt.NDArray[np.generic]]:
    """Runs a query (and uses its tree up); its columns as NumPy arrays, masked where NULL."""
    found: dict[str, Any] = store.con.execute(sql.sql("duckdb", copy=False)).fetchnumpy()
    return found


def filled(values: npt.NDArray[np.generic], missing: int) -> npt.NDArray[np.generic]:
    return values.filled(missing) if isinstance(values, np.ma.MaskedArray) else values


def define_functions(store: Store) -> None:
    """The text functions of planning/predicates.py, as macros of this connection."""
    for name, body in text_functions().items():
        store.con.execute(f"CREATE OR REPLACE TEMP MACRO {name}(x) AS {body.sql('duckdb')}")


def create_temporary(store: Store, name: str, sql: exp.Query) -> None:
    """Makes (or replaces) a temporary table from a query."""
    target = exp.Table(this=exp.to_identifier(name, quoted=True))
    made = exp.Create(
        this=target,
        kind="TABLE",
        expression=sql,
        replace=True,
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
    )
    store.con.execute(made.sql("duckdb"))
