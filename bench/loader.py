"""The loader alone: logged requests -> committed rows. `python -m bench.loader`

Batches of 100 track calls with five properties each, by 2,000 users, as server libraries send
them; each chunk of 100,000 is one step of the loader. The first chunk (new tables, columns and
contacts) is not counted. A CPU second is one of any thread; ratios count, not the machine.
"""

import argparse
import cProfile
import functools
import pstats
import random
import resource
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from lettershop.engines.duckdb import filling, rows
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.calls import translate
from lettershop.ingest.calls.call import Batch
from lettershop.ingest.loader import Loader
from lettershop.ingest.log.request import Request
from lettershop.model.clock import format_instant, parse_instant
from lettershop.model.settings import Settings

USERS = 2_000
BATCH = 100
CHUNK = 100_000
BEGIN = parse_instant("2026-01-01T00:00Z")
NAMES = ("Report Viewed", "Export Run", "Plan Changed", "File Uploaded", "Search Done", "Seat Sold")


class Held:
    """A log in memory, and the database."""

    def __init__(self, store: Store) -> None:
        self.store, self.requests = store, list[Request]()

    @contextmanager
    def write(self) -> Iterator["Held"]:
        yield self

    def after(self, seq: int, most_bytes: int) -> Sequence[Request]:
        return self.requests[seq:]

    def add(self, events: int, chance: random.Random) -> None:
        for _ in range(0, events, BATCH):
            seq = len(self.requests) + 1
            at = BEGIN + seq * 1_000
            body = {
                "batch": [call(chance, at - n) for n in range(min(BATCH, events))],
                "sentAt": format_instant(at),
            }
            encoded = msgspec.json.encode(body)
            self.requests.append(
                Request(seq=seq, received_at=at + 50, source="site", call="batch", body=encoded)
            )


def call(chance: random.Random, at: int) -> dict[str, object]:
    return {
        "type": "track",
        "event": chance.choice(NAMES),
        "userId": f"user-{chance.randrange(USERS)}",
        "messageId": str(uuid.UUID(int=chance.getrandbits(128))),
        "timestamp": format_instant(at),
        "context": {"library": {"name": "analytics-python", "version": "2.3.4"}},
        "integrations": {},
        "properties": {
            "plan": chance.choice(("free", "team", "business")),
            "amount": chance.randrange(100_000) / 100,
            "rows": chance.randrange(5_000),
            "url": f"https://app.example.com/reports/{chance.randrange(800)}",
            "beta": chance.random() < 0.5,
        },
    }


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


STAGES: tuple[tuple[str, object, str], ...] = (
    ("bytes to facts", translate._Reading, "all"),
    ("bytes to facts", translate, "read"),
    ("facts to columns", rows.Loading, "begin"),
    ("duplicates, who is who", rows, "screen_events"),
    ("columns to a stage", filling.Filling, "stages"),
    ("stage to tables", rows, "apply_all"),
)
"""Where the time of a step is taken; the rest is the commit and the freeing of memory."""


def watch(spent: Counter[str]) -> None:
    """Add up the CPU time of each stage."""
    for label, place, name in STAGES:
        setattr(place, name, watched(getattr(place, name), label, spent))


def watched(work: Callable[..., Any], label: str, spent: Counter[str]) -> Callable[..., Any]:
    @functools.wraps(work)
    def timed(*given: Any, **named: Any) -> Any:
        started = cpu()
        try:
            return work(*given, **named)
        finally:
            spent[label] += int((cpu() - started) * 1e9)

    return timed


def measure(chunks: int, profiler: cProfile.Profile | None) -> None:
    chance, spent = random.Random(7), Counter[str]()
    watch(spent)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "f.duckdb") as store:
        held = Held(store)
        loader = Loader(held, held, Settings())
        held.add(CHUNK, chance)
        loader.step()
        spent.clear()
        walls, cpus = 0.0, 0.0
        for _ in range(chunks):
            held.add(CHUNK, chance)
            started, before = time.perf_counter(), cpu()
            if profiler:
                profiler.enable()
            loader.step()
            if profiler:
                profiler.disable()
            walls += time.perf_counter() - started
            cpus += cpu() - before
        shares = {label: nanoseconds / 1e9 / cpus for label, nanoseconds in spent.items()}
        parsing = decoding(held.requests[-CHUNK // BATCH :])
        visible = []
        for _ in range(3):
            held.add(1_000, chance)
            visible.append(loader.step().seconds)
    events = chunks * CHUNK
    print(f"{events:,} events: {events / walls:,.0f}/s, {events / cpus:,.0f} per CPU second")
    for label, share in [*shares.items(), ("commit and the rest", 1 - sum(shares.values()))]:
        print(f"  {share:4.0%}  {label}")
    print(f"  {parsing * events / cpus:4.0%}  for comparison: only decoding the JSON, typed")
    print(f"1,000 events: {min(visible):.3f} s from the log to the commit")


def decoding(requests: Sequence[Request]) -> float:
    """CPU seconds per event of nothing but the decoder: the yardstick of this machine and hour."""
    decoder, before = msgspec.json.Decoder(Batch), cpu()
    for request in requests:
        decoder.decode(request.body)
    return (cpu() - before) / (len(requests) * BATCH)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--chunks", type=int, default=4, help="of 100,000 events; default 4")
    asked.add_argument("--profile", action="store_true", help="which functions take the time")
    given = asked.parse_args()
    profiler = cProfile.Profile() if given.profile else None
    measure(given.chunks, profiler)
    if profiler:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
