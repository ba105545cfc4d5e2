"""Times without a zone: which instant is meant.

A local time that exists twice (clocks put back) is the first of the two; one that does not exist
(clocks put forward) is read with the offset before the change, so 02:30 becomes 03:30. That is
what Python's `zoneinfo` does with `fold=0`.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import duckdb

from lettershop.ingest.sql import Expr, call, tree
from lettershop.planning.calendar import spans

_FIRST, _LAST = -315_619_200_000, 4_102_444_800_000
"""1960 to 2100: outside of it the offsets of these years are used."""


def epoch_ms(timestamp: Expr) -> Expr:
    """Milliseconds of a TIMESTAMP, rounded down (DuckDB's own function rounds towards zero)."""
    return tree("(epoch_us($t) - ((epoch_us($t) % 1000) + 1000) % 1000) // 1000", t=timestamp)


def to_instant(local: Expr, zone: str) -> Expr:
    """Local milliseconds (as if they were UTC) → the instant. Needs `make_zones`."""
    return local if zone == "UTC" else call(_macro(zone), local)


def make_zones(con: duckdb.DuckDBPyConnection, zones: Iterable[str]) -> None:
    """Temporary macros that know the zones' changes of the clocks: as trees of their own they
    would make every query that reads a time a hundred times longer."""
    for zone in sorted(set(zones)):
        limits, offsets = _table(zone)
        text = _offset(limits, offsets)
        con.execute(f"CREATE OR REPLACE TEMP MACRO {_macro(zone)}(x) AS x - ({text})")


def _macro(zone: str) -> str:
    return "import_zone_" + "".join(c if c.isalnum() else "_" for c in zone)


def _offset(limits: Sequence[int], offsets: Sequence[int]) -> str:
    """Nested halves rather than a list of 250 tests. Whole numbers only, nobody's text."""
    if not limits:
        return str(offsets[0])
    middle = len(limits) // 2
    before = _offset(limits[:middle], offsets[: middle + 1])
    after = _offset(limits[middle + 1 :], offsets[middle + 1 :])
    return f"CASE WHEN x < {limits[middle]} THEN {before} ELSE {after} END"


@lru_cache(maxsize=32)
def _table(zone: str) -> tuple[list[int], list[int]]:
    """Local times at which the offset changes, and the offsets before, between and after."""
    found = spans(zone, _FIRST, _LAST)
    pairs = zip(found.starts[1:], found.offsets, found.offsets[1:], strict=False)
    return [start + max(before, after) for start, before, after in pairs], found.offsets
