"""`python -m bench.refresh`: segments kept current, beside the full evaluation, on the same data.

For each length of history a process of its own makes a database, evaluates everything in full,
starts the refresher, and then takes turns: a tick of the clock, some new events, more new events.
Timed is what a server does: computing on a snapshot, and storing members, transitions and mark in
the database file. After every step the stored members must be those of a full evaluation at that
moment, or the bench stops.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench.clock import seconds
from bench.data import AS_OF, Size, generate
from bench.load import load
from bench.memory import resident
from bench.refresh_report import print_refreshes, refresh_targets
from bench.segments import segments
from bench.traffic import Traffic
from bench.yardstick import Difference
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.store import Store
from lettershop.planning.keep import Keep

IMPORTED = 500_000
"""The earliest events come through the importer, which learns names and properties from them."""

RATE = 1_000
"""Live events per second: so many of them take so many thousandths of a second of the clock."""

TICKS = (1, 60)
HOUR = 3600


class Asked(NamedTuple):
    """What to measure."""

    folder: Path
    size: Size
    segments: int
    batches: tuple[int, ...]
    repeats: int


class Step(NamedTuple):
    """One refresh: seconds of computing and of storing, who entered or left, and why everything was
    evaluated (empty: only what changed was)."""

    compute: float
    persist: float
    moved: int
    full: str


class Shop:
    """A database with a refresher beside it, and a clock."""

    def __init__(self, store: Store, asked: Asked) -> None:
        self.store, self.reader = store, store.reader()
        self.traffic = Traffic(store, asked.size)
        self.keeps = [
            Keep(definition=definition) for definition in segments(asked.segments, asked.size.seed)
        ]
        self.refresher = Refresher(store.settings)
        self.as_of = AS_OF

    def refresh(self) -> Step:
        started = time.perf_counter()
        self.reader.forget()
        with self.reader.snapshot():
            found = self.refresher.compute(self.reader, self.keeps, self.as_of)
        computed = time.perf_counter()
        self.refresher.persist(self.store, found)
        stored = time.perf_counter()
        return Step(computed - started, stored - computed, found.count, found.full)

    def step(self, events: int, wait: float) -> Step:
        """Some seconds later, when so many events have come."""
        self.as_of += round(wait * 1000)
        if events:
            self.traffic.live(events, self.as_of, wait)
        return self.refresh()

    def full(self) -> float:
        """Seconds of a full evaluation now. Raises Difference unless it says what is stored."""
        started = time.perf_counter()
        definitions = [keep.definition for keep in self.keeps]
        evaluation = evaluate(self.store, definitions, self.as_of)
        right = {d.name: evaluation.members(d.name) for d in definitions}
        took = time.perf_counter() - started
        stored = read_memberships(self.store.con)
        for definition in definitions:
            here, there = stored[definition.name], right[definition.name]
            if here != there:
                raise Difference(
                    f"“{definition.name}” ({definition.text}) after {self.as_of - AS_OF} ms:"
                    f" {len(there - here)} are missing, {len(here - there)} too many"
                )
        return took


def measure(asked: Asked) -> dict[str, Any]:
    """One length of history, from making the database to the last turn."""
    database, made = _database(asked)
    with Store.open(database) as store:
        shop = Shop(store, asked)
        made += seconds(shop.traffic.history)
        told(f"{asked.size.events:,} events: there in {made:.0f} s")
        began = shop.refresh()
        held = resident()
        full = [shop.full()]
        kinds = [*((0, tick) for tick in TICKS), *((n, n / RATE) for n in asked.batches)]
        steps: dict[str, list[Step]] = {name_of(*kind): [] for kind in kinds}
        shop.step(0, 1)  # what is laid out once does not count
        for turn in range(asked.repeats):
            for kind in kinds:
                steps[name_of(*kind)].append(shop.step(*kind))
                full.append(shop.full())
            told(f"{asked.size.events:,} events: {turn + 1} of {asked.repeats} turns")
        steps[name_of(0, HOUR)] = [shop.step(0, HOUR)]
        full.append(shop.full())
        memory = {"start": held, "end": resident(), "of them DuckDB": _duckdb(store)}
        shop.reader.close()
    database.unlink()
    return {
        "events": asked.size.events,
        "full": statistics.median(full),
        "start": began.compute + began.persist,
        "steps": {name: _summed(of) for name, of in steps.items()},
        "mebibytes": {name: size / (1 << 20) for name, size in memory.items()},
    }


def _database(asked: Asked) -> tuple[Path, float]:
    """A new database with everything but the later events, and the seconds that took."""
    database = asked.folder / f"refresh-{asked.size.events}.duckdb"
    database.unlink(missing_ok=True)
    started = time.perf_counter()
    files = generate(asked.folder, asked.size, IMPORTED)
    load(files, database)
    for file in files:
        file.unlink()
    return database, time.perf_counter() - started


def name_of(events: int, wait: float) -> str:
    return f"{events:,} new events" if events else f"a tick of {wait:,.0f} s"


def _summed(steps: Sequence[Step]) -> dict[str, Any]:
    return {
        "seconds": statistics.median(s.compute + s.persist for s in steps),
        "persist": statistics.median(s.persist for s in steps),
        "worst": max(s.compute + s.persist for s in steps),
        "moved": statistics.median(s.moved for s in steps),
        "repeats": len(steps),
        "in full": sum(bool(s.full) for s in steps),
    }


def _duckdb(store: Store) -> int:
    row = store.con.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchone()
    return int(row[0]) if row else 0


def told(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Measures, prints, and returns what was found."""
    asked = _read(arguments)
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(TemporaryDirectory(prefix="lettershop-bench-", dir=asked.folder))
        )
        runs = [
            Asked(folder, size, asked.segments, tuple(asked.batches), asked.repeats)
            for size in _sizes(asked)
        ]
        found = {"data": _data(asked), "histories": [*_apart(runs)]}
    print_refreshes(found)
    if asked.json:
        reached = [t._asdict() | {"met": t.met} for t in refresh_targets(found)]
        asked.json.write_text(json.dumps(found | {"targets": reached}, indent=2), "utf-8")
    return found


def _apart(runs: Iterable[Asked]) -> Iterable[dict[str, Any]]:
    """Each in a process of its own, one after the other: none inherits another's memory."""
    for run in runs:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            yield apart.submit(measure, run).result()


def _sizes(asked: argparse.Namespace) -> list[Size]:
    return [Size(asked.contacts, asked.accounts, n, asked.seed) for n in sorted(asked.events)]


def _data(asked: argparse.Namespace) -> dict[str, Any]:
    definitions = segments(asked.segments, asked.seed)
    return {"contacts": asked.contacts, "accounts": asked.accounts, "segments": len(definitions)}


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.refresh",
        description="Generates data, keeps segments current on it, and measures each refresh.",
    )
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument(
        "--events",
        type=int,
        nargs="+",
        default=[1_000_000, 3_000_000, 10_000_000],
        help="lengths of history, each measured on its own",
    )
    parser.add_argument("--segments", type=int, default=100, help="about so many (default: 100)")
    parser.add_argument(
        "--batches", type=int, nargs="+", default=[10_000, 100_000], help="new events of a refresh"
    )
    parser.add_argument("--repeats", type=int, default=5, help="of each kind of refresh")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the databases are made, and removed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
