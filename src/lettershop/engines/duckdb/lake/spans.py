"""How many days share a partition: a file for every day of a rare event would be mostly headers.

Days that no partition holds yet get a year, if that has few rows, else a month, else the day alone.
A partition keeps its days until it has grown far beyond that.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from lettershop.lake.manifest import Partition

FEW: Final = 1_000_000
"""Rows that days may have together to share a partition."""
EPOCH: Final = date(1970, 1, 1).toordinal()


class Span(NamedTuple):
    """`days` days from the day `first` on, counted from 1970."""

    first: int
    days: int

    @property
    def key(self) -> str:
        return f"day={date.fromordinal(self.first + EPOCH).isoformat()}"

    @property
    def end(self) -> int:
        return self.first + self.days


def span_of(partition: Partition) -> Span:
    text = partition.key.removeprefix("day=")
    return Span(date.fromisoformat(text).toordinal() - EPOCH, partition.days)


def spans(rows: Mapping[int, int], former: Iterable[Span], few: int) -> list[Span]:
    """Of the days with rows, in order; `rows` of each day, `former` the partitions
    there are, `few` rows share a partition."""
    kept = [s for s in former if s.days == 1 or _rows_in(s, rows) <= 2 * few]
    covered = {day for span in kept for day in range(span.first, span.end)}
    found = {span for span in kept if _rows_in(span, rows)}
    for day in sorted(set(rows) - covered):
        if day in covered:
            continue
        span = next(
            one
            for one in _candidates(day)
            if one.days == 1
            or (_rows_in(one, rows) <= few and covered.isdisjoint(range(one.first, one.end)))
        )
        found.add(span)
        covered.update(range(span.first, span.end))
    return sorted(found)


def _candidates(day: int) -> Iterator[Span]:
    """The year, the month and the day alone."""
    at = date.fromordinal(day + EPOCH)
    year = date(at.year, 1, 1)
    month = date(at.year, at.month, 1)
    yield _between(year, _after(at.year, 12))
    yield _between(month, _after(at.year, at.month))
    yield Span(day, 1)


def _after(year: int, month: int) -> int:
    """The ordinal of the day after that month."""
    if (year, month) == (9999, 12):
        return date.max.toordinal() + 1
    return date(year + month // 12, month % 12 + 1, 1).toordinal()


def _between(first: date, end: int) -> Span:
    return Span(first.toordinal() - EPOCH, end - first.toordinal())


def _rows_in(span: Span, rows: Mapping[int, int]) -> int:
    return sum(rows.get(day, 0) for day in range(span.first, span.end))
