"""What a connection has to know before planned queries run on it."""

from lettershop.engines.duckdb.store import Store
from lettershop.planning.predicates import text_functions


def define_functions(store: Store) -> None:
    """The text functions of planning/predicates.py, as macros of this connection."""
    for name, body in text_functions().items():
        store.con.execute(f"CREATE OR REPLACE TEMP MACRO {name}(x) AS {body.sql('duckdb')}")
