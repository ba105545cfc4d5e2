"""DuckDB, Spark and Sail on the same facts: `make bench-cluster`; `python -m bench.cluster --help`.

Each engine works in processes of its own, one engine after the other, at each size of data. Members
are compared with those from DuckDB's file; a difference ends the run.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from bench.cluster_data import Stored, make
from bench.cluster_report import Line, growth, print_growth, print_lines, print_loss, print_stored
from bench.cluster_run import Ran, run
from bench.data import Size
from bench.event_log import Work, work
from bench.lost_worker import lose_a_worker
from bench.sail import sail
from bench.segments import segments
from bench.standalone import configure, driver_environment, java_found, standalone
from bench.watched import watched

ENGINES = (
    "duckdb", "duckdb 1", "parquet", "local[1]", "local[2]", "workers 1", "workers 2", "sail 1",
    "sail 2",
)  # fmt: skip
"""DuckDB's file and its engine on Parquet; Spark in one process, and a standalone cluster of one
and two workers of a core each; Sail. The number is that of processor cores."""

MIDDLE = 50
"""Jobs after which a worker is lost: of the usual segments that is the middle."""


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Measures, prints, and returns what was found."""
    asked = _read(arguments)
    lines: dict[int, list[Line]] = {}
    found: dict[str, Any] = {"sizes": []}
    with TemporaryDirectory(prefix="lettershop-bench-") as temporary:
        root = asked.keep or Path(temporary)
        for events in asked.events:
            folder = root / f"events-{events}"
            stored = make(folder, _size(events, asked.seed))
            print_stored(stored)
            lines[events] = _measured(asked, folder, stored)
            print_lines(lines[events])
            named = [line._asdict() for line in lines[events]]
            found["sizes"].append({"stored": msgspec.to_builtins(stored), "engines": named})
            if "workers 2" in asked.engines:
                found["sizes"][-1]["lost"] = _with_a_loss(asked, folder)
    if len(lines) > 1:
        grown = growth(lines)
        print_growth(grown, max(lines) / min(lines))
        found["growth"] = [one._asdict() for one in grown]
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2), "utf-8")
    return found


def _size(events: int, seed: int) -> Size:
    """A contact for every fifty events, an account for every twenty contacts."""
    return Size(max(100, events // 50), max(10, events // 1000), events, seed)


def _measured(asked: argparse.Namespace, folder: Path, stored: Stored) -> list[Line]:
    lines: list[Line] = []
    expected: dict[str, bytes] = {}
    for engine in asked.engines:
        print(f"    {engine} …", file=sys.stderr, flush=True)
        ran, peak, did = _one(engine, folder, asked)
        expected = expected or ran.members
        wrong = [name for name, ids in expected.items() if ran.members[name] != ids]
        if wrong:
            raise SystemExit(f"{engine}: other members in {', '.join(wrong)}")
        lines.append(Line.of(engine, ran, peak, did))
    return lines


def _with_a_loss(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """One of two workers is killed in the middle of one evaluation; the members are compared."""
    with TemporaryDirectory(prefix="lettershop-bench-") as scratch:
        place = Path(scratch)
        options = [f"--segments={asked.segments}", f"--seed={asked.seed}", "--rounds=0"]
        expected = run(
            "duckdb", str(folder / "facts.duckdb"), segments(asked.segments, asked.seed), 0
        )
        with standalone(place / "spark", 2) as cluster:
            lost = lose_a_worker(cluster, folder / "lake", place / "ran", options, MIDDLE)
    if lost.ran.members != expected.members:
        raise SystemExit("other members after a worker was lost")
    print_loss(lost)
    return {"seconds": lost.ran.first, "at": lost.at, "work": lost.work._asdict()}


class Ready(NamedTuple):
    """How an engine is asked: its address, where the facts are, what the asking process is started
    with, and the process groups that work beside it."""

    address: str
    source: Path
    cores: int
    environment: Mapping[str, str]
    groups: Sequence[int] = ()


def _one(engine: str, folder: Path, asked: argparse.Namespace) -> tuple[Ran, int, Work | None]:
    """What ran, the most bytes all its processes held together, and Spark's own account."""
    with TemporaryDirectory(prefix="lettershop-bench-") as scratch:
        place = Path(scratch)
        target = place / "ran"
        with _ready(engine, folder, place / "spark") as ready:
            command = [sys.executable, "-m", "bench.cluster_run", ready.address, str(ready.source)]
            command += [str(target), f"--segments={asked.segments}", f"--seed={asked.seed}"]
            command += [f"--rounds={asked.rounds}", f"--cores={ready.cores}"]
            command += ["--beside", *map(str, ready.groups)]
            peak = watched(command, ready.environment, ready.groups)
        events = place / "spark" / "events"
        did = work(events) if events.exists() else None
        return msgspec.msgpack.decode(target.read_bytes(), type=Ran), peak, did


@contextmanager
def _ready(engine: str, folder: Path, scratch: Path) -> Iterator[Ready]:
    kind, _, number = engine.partition(" ")
    database, lake = folder / "facts.duckdb", folder / "lake"
    cores = int(number or 0)
    match kind:
        case "duckdb":
            yield Ready("duckdb", database, cores, os.environ)
        case "parquet":
            yield Ready("parquet", lake, cores, os.environ)
        case "sail":
            with sail(cores) as (address, group):
                yield Ready(address, lake, 0, os.environ, [group])
        case "workers":
            with standalone(scratch, cores) as cluster:
                groups = [one.process.pid for one in (cluster.master, *cluster.workers)]
                yield Ready(cluster.address, lake, 0, cluster.environment, groups)
        case _:
            configure(scratch, {})
            yield Ready(engine, lake, 0, driver_environment(scratch))


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.cluster",
        description="The same segments on DuckDB, Spark and Sail, each in processes of its own.",
    )
    parser.add_argument("--events", type=int, nargs="+", default=[2_000_000, 10_000_000])
    parser.add_argument("--segments", type=int, default=100, help="about so many (default: 100)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2, help="evaluations after the first one")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=_possible())
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="data stay here, and are reused"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    return parser.parse_args(arguments)


def _possible() -> list[str]:
    return [one for one in ENGINES if java_found() or not one.startswith(("local", "workers"))]


if __name__ == "__main__":
    main()
