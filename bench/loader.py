"""The loader alone: logged requests -> committed rows. `python -m bench.loader`

Batches of 100 track calls with five properties each, by 2,000 users, as server libraries send
them; each chunk of 100,000 is one step of the loader. The first chunk (new tables, columns and
contacts) is not counted. A CPU second is one of any thread; ratios count, not the machine.
"""

import argparse
import cProfile
import pstats
import random
import resource
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from lettershop.engines.duckdb.store import Store
from lettershop.ingest.calls.translate import Translator
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


def measure(chunks: int, profile: bool) -> None:
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "f.duckdb") as store:
        held = Held(store)
        loader = Loader(held, held, Settings())
        walls, cpus, events = 0.0, 0.0, 0
        profiler = cProfile.Profile()
        for number in range(chunks + 1):
            held.add(CHUNK, chance)
            started, spent = time.perf_counter(), cpu()
            if profile and number:
                profiler.enable()
            step = loader.step()
            profiler.disable()
            if number:
                walls += time.perf_counter() - started
                cpus += cpu() - spent
                events += step.events
        reading = translating(held.requests[-CHUNK // BATCH :])
        seconds = []
        for _ in range(3):
            held.add(1_000, chance)
            seconds.append(loader.step().seconds)
    print(f"{events:,} events: {events / walls:,.0f}/s, {events / cpus:,.0f} per CPU second")
    print(f"reading and translating {reading / (cpus / events):.0%}, database the rest")
    print(f"1,000 events: {min(seconds):.3f} s from the log to the commit")
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


def translating(requests: Sequence[Request]) -> float:
    """CPU seconds per event of the way from bytes to facts."""
    spent = cpu()
    chunk = Translator(Settings()).translate(requests)
    return (cpu() - spent) / chunk.count


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--chunks", type=int, default=4, help="of 100,000 events; default 4")
    asked.add_argument("--profile", action="store_true", help="which functions take the time")
    given = asked.parse_args()
    measure(given.chunks, given.profile)


if __name__ == "__main__":
    main()
