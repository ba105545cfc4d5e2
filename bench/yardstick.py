"""One query per segment, run one after the other, and compared with our answers."""

import time
from collections.abc import Mapping

from pyroaring import BitMap

from bench.data import AS_OF
from bench.naive import Naive
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition


class Difference(AssertionError):
    """The hand-written query and our evaluation do not have the same members."""


def one_query_each(
    store: Store, definitions: list[Definition], ours: Mapping[str, BitMap]
) -> tuple[float, list[tuple[float, str]]]:
    """Seconds of all queries, and the five slowest. Raises Difference."""
    naive = Naive(definitions, store.catalog(), AS_OF)
    times = []
    for definition in definitions:
        query = naive.query(definition.name)
        started = time.perf_counter()
        ids = store.con.execute(query).fetchnumpy()["id"]
        times.append((time.perf_counter() - started, definition.name))
        found = BitMap(ids.tolist())
        if found != ours[definition.name]:
            raise Difference(
                f"“{definition.name}” ({definition.text}): {len(found)} by hand,"
                f" {len(ours[definition.name])} by us\n{query}"
            )
    return sum(seconds for seconds, _ in times), sorted(times, reverse=True)[:5]
