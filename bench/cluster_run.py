"""One engine in a process of its own: started, asked a few times, its members written down.

`python -m bench.cluster_run` is what `bench/cluster.py` starts for each engine.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec
from pyroaring import BitMap

from bench.data import AS_OF
from bench.sail import keep_to
from bench.segments import segments
from bench.watched import processor_seconds
from lettershop.engines.duckdb import evaluate as duckdb
from lettershop.engines.duckdb.lake.views import lake_store
from lettershop.engines.duckdb.store import Store
from lettershop.engines.spark import evaluate as spark
from lettershop.engines.spark.session import connect
from lettershop.lake.snapshots import newest
from lettershop.lake.storage import Lake
from lettershop.language.definition import Definition
from lettershop.model.settings import Settings

MEMORY = "2g"
"""Of Spark's driver."""


class Ran(msgspec.Struct):
    """Seconds: until the engine could be asked; of the first evaluation; of each one after.
    `processor`: seconds that all processes together worked for each one after."""

    start: float
    first: float
    rounds: list[float]
    processor: list[float]
    members: dict[str, bytes]
    """Of each segment, a serialised bitmap."""


class Evaluated(Protocol):
    def members(self, name: str) -> BitMap: ...


Evaluate = Callable[[Sequence[Definition]], Evaluated]


def run(
    engine: str,
    source: str,
    definitions: Sequence[Definition],
    rounds: int,
    beside: Sequence[int] = (),
) -> Ran:
    """`engine`: `duckdb` (`source` is its file), `parquet` (the same engine, a lake), or an address
    of Spark (a lake). `beside`: process groups that work for it, next to this one."""
    groups = frozenset([os.getpgid(0), *beside])
    started = time.perf_counter()
    with _opened(engine, source) as evaluate:
        start = time.perf_counter() - started
        seconds, worked = [], []
        for _ in range(rounds + 1):
            before, started = processor_seconds(groups), time.perf_counter()
            found = evaluate(definitions)
            members = {d.name: found.members(d.name) for d in definitions}
            seconds.append(time.perf_counter() - started)
            worked.append(processor_seconds(groups) - before)
    written = {name: ids.serialize() for name, ids in members.items()}
    return Ran(start, seconds[0], seconds[1:], worked[1:], written)


@contextmanager
def _opened(engine: str, source: str) -> Iterator[Evaluate]:
    if engine == "duckdb":
        with Store.open(Path(source), read_only=True) as store:
            yield lambda asked: duckdb.evaluate(store, asked, AS_OF)
        return
    lake = Lake(source)
    manifest = newest(lake) or sys.exit(f"no lake in {source}")
    if engine == "parquet":
        with lake_store(lake, manifest, Settings()) as store:
            yield lambda asked: duckdb.evaluate(store, asked, AS_OF)
    else:
        with connect(engine, memory=MEMORY) as session:
            yield lambda asked: spark.evaluate(session, lake, manifest, asked, AS_OF, Settings())


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("engine")
    parser.add_argument("source")
    parser.add_argument("target", type=Path)
    parser.add_argument("--segments", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--beside", type=int, nargs="*", default=[])
    parser.add_argument("--cores", type=int, default=0, help="keep to so many")
    asked = parser.parse_args()
    if asked.cores:
        keep_to(asked.cores)
    definitions = segments(asked.segments, asked.seed)
    ran = run(asked.engine, asked.source, definitions, asked.rounds, asked.beside)
    asked.target.write_bytes(msgspec.msgpack.encode(ran))


if __name__ == "__main__":
    _main()
