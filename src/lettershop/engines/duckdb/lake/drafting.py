"""What becomes of one table in the next snapshot: parts that are kept, and pieces to be written.

A generation is what was added between two snapshots. Every snapshot adds one; the youngest are
written together again when there are many, each time about as many rows as are new, so that no row
is written often.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import duckdb
import msgspec

from lettershop.engines.duckdb.lake.census import Census, Count, count, together
from lettershop.engines.duckdb.lake.layout import Layout
from lettershop.engines.duckdb.lake.spans import FEW, Span, span_of, spans
from lettershop.lake.manifest import Part, Partition, Table

MOST: Final = 8
"""Young generations of a table; one more, and they are written together."""
OLD: Final = 5_000_000
"""Rows after which a generation is never written together with others."""


class Piece(NamedTuple):
    """Rows of a partition to be written: their groups, and their places in the table."""

    groups: range
    places: range
    holds: Count


class Draft(NamedTuple):
    """A partition; `days` as in its manifest."""

    key: str
    days: int
    parts: tuple[Part | Piece, ...]


class Drafted(NamedTuple):
    """A table."""

    layout: Layout
    upto: int
    partitions: tuple[Draft, ...]

    @property
    def pieces(self) -> Iterable[Piece]:
        for partition in self.partitions:
            yield from (part for part in partition.parts if isinstance(part, Piece))


class _Old(NamedTuple):
    """A former part, and from which generation on its rows are."""

    generation: int
    part: Part


def draft(con: duckdb.DuckDBPyConnection, layout: Layout, former: Table | None) -> Drafted:
    """Compare what is stored with the former snapshot of the table, if there is one."""
    if former is not None and not _readable(layout, former):
        former = None
    cuts = _cuts(layout, former)
    census = count(con, layout, cuts)
    rows = census.generations(cuts)
    merged = merged_from(rows) if layout.grows and rows[-1] else len(cuts)
    there = {one.key: one for one in former.partitions} if former else {}
    drafts = []
    for span, key in _groups(layout, census, there.values()):
        old = there.get(key)
        if old is not None and old.days != span.days:
            old = None
        parts = [] if old is None else [_Old(_index(cuts, part.first), part) for part in old.parts]
        drafted = tuple(_parts(census, cuts, merged, range(span.first, span.end), parts))
        if drafted:
            drafts.append(Draft(key, span.days, drafted))
    return Drafted(layout, census.upto, tuple(drafts))


def merged_from(rows: Sequence[int], most: int = MOST, old: int = OLD) -> int:
    """The generation from which on all are written together: of each its rows. Their number, if
    none are."""
    young = 0
    while young < len(rows) and rows[len(rows) - 1 - young] < old:
        young += 1
    if young <= most:
        return len(rows)
    place, total = len(rows) - 1, rows[-1]
    while place > len(rows) - young and (
        rows[place - 1] <= 2 * total or len(rows) - place < most // 2
    ):
        place -= 1
        total += rows[place]
    return place


def _readable(layout: Layout, former: Table) -> bool:
    """Whether its files can be used: columns may have come, not gone."""
    now = {column.name: column.type for column in layout.columns}
    same = all(now.get(column.name) == column.type for column in former.columns)
    return same and former.sort == layout.sort


def _cuts(layout: Layout, former: Table | None) -> list[int]:
    """Where generations begin: those of the former snapshot, and a new one."""
    if former is None or not layout.grows:
        return [0]
    firsts = {part.first for one in former.partitions for part in one.parts}
    return sorted({0, former.upto, *firsts})


def _index(cuts: Sequence[int], first: int) -> int:
    return cuts.index(first) if first in cuts else 0


def _groups(layout: Layout, census: Census, former: Iterable[Partition]) -> list[tuple[Span, str]]:
    """The partitions with rows: which groups they hold, and their keys."""
    rows = census.groups()
    match layout.by:
        case "day":
            return [(span, span.key) for span in spans(rows, map(span_of, former), FEW)]
        case "range":
            return [(Span(group, 1), f"range={group}") for group in sorted(rows)]
        case "all":
            return [(Span(0, 1), "all")] if rows else []


def _parts(
    census: Census, cuts: Sequence[int], merged: int, groups: range, former: Sequence[_Old]
) -> Iterable[Part | Piece]:
    """In the order of their generations."""
    last = len(cuts) - 1
    bounds = {0, *(old.generation for old in former), *([last] if former else [])}
    if any(bound >= merged for bound in bounds):
        bounds = {bound for bound in bounds if bound < merged} | {merged}
    for start, end in pairwise([*sorted(bounds), last + 1]):
        cells = (census.cells.get((g, n), Count()) for g in groups for n in range(start, end))
        found = together(cells)
        if not found.rows:
            continue
        same = [old.part for old in former if start <= old.generation < end]
        if len(same) == 1 and Count(same[0].rows, same[0].fingerprint) == found:
            yield msgspec.structs.replace(same[0], first=cuts[start])
        else:
            until = cuts[end] if end <= last else census.upto
            yield Piece(groups, range(cuts[start], until), found)
