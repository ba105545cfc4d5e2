"""What is stored now: rows and fingerprints, counted in one pass over the watched columns.

Fingerprints are sums, so those of any cells of a table together are the sum of theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import duckdb

from lettershop.engines.duckdb.compose import Sql, bound, sql
from lettershop.engines.duckdb.lake.layout import Layout

WORD: Final = 1 << 64


class Count(NamedTuple):
    rows: int = 0
    fingerprint: int = 0


class Census(NamedTuple):
    """`cells`: by (group, generation), the generation being the index of the last of the cuts at or
    before the row's place. `upto`: the place after the last row."""

    cells: Mapping[tuple[int, int], Count]
    upto: int

    def groups(self) -> dict[int, int]:
        """The rows of each group."""
        found: dict[int, int] = {}
        for (group, _), count in self.cells.items():
            found[group] = found.get(group, 0) + count.rows
        return found

    def generations(self, cuts: Sequence[int]) -> list[int]:
        """The rows of each generation."""
        found = [0] * len(cuts)
        for (_, generation), count in self.cells.items():
            found[generation] += count.rows
        return found


def count(con: duckdb.DuckDBPyConnection, layout: Layout, cuts: Sequence[int]) -> Census:
    """Count a table; `cuts` ascend, the first is at or before every row."""
    rows = con.execute(
        sql(
            "SELECT {group} AS cell, {generation} AS generation, count(*), {fingerprint},"
            " max({place}) FROM {t} GROUP BY ALL HAVING count(*) > 0",
            group=layout.group,
            generation=_generation(layout, len(cuts)),
            fingerprint=layout.fingerprint,
            place=layout.place,
            t=layout.table,
        ),
        {"cuts": [*cuts]} if len(cuts) > 1 else {},
    ).fetchall()
    cells = {(row[0], row[1]): Count(row[2], row[3] % WORD) for row in rows}
    return Census(cells, max((row[4] for row in rows), default=-1) + 1)


def together(counts: Iterable[Count]) -> Count:
    total, fingerprint = 0, 0
    for one in counts:
        total += one.rows
        fingerprint += one.fingerprint
    return Count(total, fingerprint % WORD)


def _generation(layout: Layout, cuts: int) -> Sql:
    """The newest first: most rows of a table that grows are old, but new ones are asked most."""
    if cuts < 2:
        return Sql("0")
    branches = [
        sql(
            "WHEN {place} < {cut} THEN {n}",
            place=layout.place,
            cut=bound("cuts", number),
            n=Sql(str(number - 1)),
        )
        for number in range(1, cuts)
    ]
    return Sql(f"CASE {' '.join(branches)} ELSE {cuts - 1} END")
