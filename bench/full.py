"""Our full evaluation: all segments at once, with nothing kept from the run before."""

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from pyroaring import BitMap
from sqlglot import exp

from bench.clock import REPEATS
from bench.data import AS_OF
from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.evaluate import Evaluation, evaluate, prepare
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.planning.ground import Leaves
from lettershop.planning.order import in_order
from lettershop.planning.plan import plan
from lettershop.planning.truth import Truth


class Full(NamedTuple):
    """Median seconds of the whole; of one run its parts and its slowest queries."""

    seconds: float
    metrics: int
    parts: dict[str, float]
    queries: int
    slowest: list[tuple[float, str]]
    members: dict[str, BitMap]


def full(store: Store, definitions: list[Definition]) -> Full:
    evaluate(store, definitions, AS_OF)  # warms the file cache
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        found = evaluate(store, definitions, AS_OF)
        members = {d.name: found.members(d.name) for d in definitions}
        times.append(time.perf_counter() - started)
    parts, asked = _taken_apart(store, definitions)
    slowest = sorted(asked, reverse=True)[:5]
    metrics = len(found.plan.metrics)
    return Full(statistics.median(times), metrics, parts, len(asked), slowest, members)


def _taken_apart(
    store: Store, definitions: list[Definition]
) -> tuple[dict[str, float], list[tuple[float, str]]]:
    """What `evaluate` does, step by step with the clock running."""
    parts: dict[str, float] = {}
    asked: list[tuple[float, str]] = []
    with _part(parts, "plan"):
        plan(in_order(definitions), store.catalog(), AS_OF, store.settings.timezone)
    with _part(parts, "frame"):
        ready = prepare(store, definitions, AS_OF)
    parts["frame"] -= parts["plan"]
    columns = DuckColumns(store, ready.frame, ready.zones)
    with _part(parts, "columns"), _listening(asked):
        columns.fill(ready.plan.metrics, ready.context)
    parts["queries"] = sum(seconds for seconds, _ in asked)
    parts["columns"] -= parts["queries"]
    truth = Truth(Leaves(ready.frame, columns, ready.context.catalog))
    with _part(parts, "booleans"):
        for definition in ready.plan.definitions:
            truth.evaluate(definition)
    found = Evaluation(store, truth, ready.plan, ready.context)
    with _part(parts, "bitmaps"):
        for definition in definitions:
            found.members(definition.name)
    return parts, asked


@contextmanager
def _part(parts: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    parts[name] = time.perf_counter() - started


@contextmanager
def _listening(asked: list[tuple[float, str]]) -> Iterator[None]:
    """Notes each query that is run, with its seconds."""

    fetch = Store.fetch

    def timed(store: Store, sql: exp.Query) -> Any:
        started = time.perf_counter()
        rows = fetch(store, sql)
        asked.append((time.perf_counter() - started, told(sql)))
        return rows

    with patch.object(Store, "fetch", timed):
        yield


def told(sql: exp.Query) -> str:
    """A query in one line: the tables it reads, and whom it is for."""
    tables = sorted({table.name for table in sql.find_all(exp.Table) if table.name})
    comment = " ".join(sql.comments or [])
    readers = re.sub(r"^ for: ", "", comment).strip()
    return f"{', '.join(tables)} ({readers or 'shared'})"
