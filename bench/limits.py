"""How fast anything could be: the scan limit, and the floor of a full evaluation.

Scan limit: subject, time and one number of every event read and summed. Floor: that, and counting
all events per contact once, and reading the traits that are asked for; the booleans are added in
`report.py` from what they took.
"""

from typing import NamedTuple

import numpy as np

from bench.clock import median_seconds, seconds
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.language.walk import walk
from lettershop.model.catalog import EventInfo


class Limits(NamedTuple):
    """Seconds."""

    scan: float
    binning: float
    attributes: float


def limits(store: Store, definitions: list[Definition]) -> Limits:
    events = list(store.catalog().events.values())
    return Limits(
        median_seconds(lambda: _scan(store, events)),
        _binning(store, events),
        median_seconds(lambda: _attributes(store, definitions)),
    )


def _scan(store: Store, events: list[EventInfo]) -> None:
    for info in events:
        numbers = [p.column for p in info.properties.values() if p.type == "number"]
        number = numbers[0] if numbers else "seq"
        # Sums, because a maximum would be answered from statistics without reading anything.
        query = sql("SELECT sum(contact), sum(ts), sum({n}) FROM {t}", n=number, t=info.table)
        store.con.execute(query).fetchall()


def _binning(store: Store, events: list[EventInfo]) -> float:
    """Only the counting: the ids are fetched before the clock starts."""
    found = store.con.execute("SELECT max(id) + 1 FROM contacts").fetchall()
    contacts, total = int(found[0][0]), 0.0
    for info in events:
        query = sql("SELECT contact FROM {t} WHERE contact IS NOT NULL", t=info.table)
        ids = store.con.execute(query).fetchnumpy()["contact"]
        total += seconds(lambda ids=ids: np.bincount(ids, minlength=contacts))
    return total


def _attributes(store: Store, definitions: list[Definition]) -> None:
    """The columns of contacts that segments ask for, as they are."""
    asked = {getattr(node, "field", "") for d in definitions for node in walk(d.where)}
    fields = [f for name, f in store.catalog().contact.items() if name in asked]
    columns = [sql("count({c}), max({c})", c=f.column) for f in fields]
    store.con.execute(sql("SELECT {c} FROM contacts", c=columns or Sql("1"))).fetchall()
