"""The figures of `bench.cluster` as tables."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bench.cluster_data import Stored
from bench.cluster_run import Ran
from bench.event_log import Work
from bench.lost_worker import Lost

MEBIBYTE = 1 << 20


class Line(NamedTuple):
    """One engine at one size: seconds to start, of the first evaluation, median of the later ones,
    and of their work on processors; the most MiB held; bytes of the bitmaps of all segments. Of
    Spark, `work` is its own account of all evaluations together."""

    engine: str
    start: float
    first: float
    seconds: float
    rounds: list[float]
    processor: float
    mebibytes: float
    members_bytes: int
    work: dict[str, Any] | None

    @classmethod
    def of(cls, engine: str, ran: Ran, peak: int, did: Work | None) -> "Line":
        return cls(
            engine,
            ran.start,
            ran.first,
            statistics.median(ran.rounds or [ran.first]),
            ran.rounds,
            statistics.median(ran.processor or [0]),
            peak / MEBIBYTE,
            sum(len(ids) for ids in ran.members.values()),
            did._asdict() if did else None,
        )


def print_stored(stored: Stored) -> None:
    print(f"\n{stored.events:,} events, written by {_rate(stored.rows, stored.export_seconds)}")
    for sort, rows in stored.rows.items():
        size = stored.bytes[sort]
        each = size / max(1, rows)
        print(f"    {sort:10} {rows:12,} rows {size / MEBIBYTE:9,.1f} MiB {each:8.1f} bytes/row")
    print(f"    DuckDB's file, everything     {stored.database_bytes / MEBIBYTE:9,.1f} MiB")


def _rate(rows: Mapping[str, int], seconds: float) -> str:
    return f"{sum(rows.values()) / seconds:,.0f} rows/s into the lake"


def print_lines(lines: Sequence[Line]) -> None:
    print("\n    engine         start   first   later  CPU s    MiB   jobs   shuffled    rows read")
    for line in lines:
        print(
            f"    {line.engine:12} {line.start:7.2f} {line.first:7.2f} {line.seconds:7.2f}"
            f" {line.processor:6.1f} {line.mebibytes:6,.0f} {_account(line)}"
        )


def _account(line: Line) -> str:
    """Of one evaluation, on average."""
    if line.work is None:
        return ""
    each = 1 + len(line.rounds)
    jobs, rows = line.work["jobs"] / each, line.work["read_rows"] / each
    shuffled = line.work["shuffle_bytes"] / each / MEBIBYTE
    return f"{jobs:6,.0f} {shuffled:6,.1f} MiB {rows:12,.0f}"


def print_loss(lost: Lost) -> None:
    failed = ", ".join(f"{count} × {reason}" for reason, count in lost.work.failed.items())
    print(
        f"\n    one of two workers killed after {lost.at} of {lost.work.jobs} jobs, the members"
        f" are the same, in {lost.ran.first:.1f} s; tasks done again: {failed}"
    )


class Growth(NamedTuple):
    """`times`: seconds at the largest size by those at the smallest. Work on processors in seconds
    = `fixed` + `nanoseconds` per event of history, all segments together."""

    engine: str
    times: float
    fixed: float
    nanoseconds: float


def growth(lines: Mapping[int, Sequence[Line]]) -> list[Growth]:
    """From the smallest to the largest size."""
    small, large = min(lines), max(lines)
    found = []
    for before, after in zip(lines[small], lines[large], strict=True):
        each = (after.processor - before.processor) / (large - small)
        fixed = before.processor - each * small
        found.append(Growth(after.engine, after.seconds / before.seconds, fixed, each * 1e9))
    return found


def print_growth(found: Sequence[Growth], factor: float) -> None:
    print(f"\nGrowth: with {factor:.1f} times the events")
    for one in found:
        print(
            f"    {one.engine:12} {one.times:5.2f} times the seconds:"
            f" {one.fixed:6.2f} CPU s and {one.nanoseconds:7.1f} CPU ns per event"
        )
