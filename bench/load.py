"""The generated files through the real importer, timed end to end."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.data import AS_OF, mapping_of
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.files import import_file
from lettershop.ingest.mapping_text import read_mapping
from lettershop.model.clock import FixedClock
from lettershop.model.settings import Settings


class Loaded(NamedTuple):
    """Seconds and rows of the event files, seconds of the others, and the size on disk."""

    events: int
    event_seconds: float
    other_seconds: float
    source_bytes: int
    database_bytes: int

    @property
    def rate(self) -> float:
        """Events per second, from opening the first file to the last commit."""
        return self.events / self.event_seconds


def load(files: Sequence[Path], database: Path) -> Loaded:
    """Imports the files, each in one transaction, into a new database."""
    clock, settings = FixedClock(AS_OF), Settings()
    seconds = {True: 0.0, False: 0.0}
    events = 0
    with Store.open(database, settings=settings) as store:
        store.con.execute("SET enable_progress_bar = false")
        for file in files:
            mapping = read_mapping(mapping_of(file), file.name)
            started = time.perf_counter()
            report = import_file(store, file, mapping, clock=clock, settings=settings)
            seconds["event" in report.facts] += time.perf_counter() - started
            events += report.facts.get("event", 0)
            if report.refused:
                raise RuntimeError(f"{file.name}: refused rows {report.refused}")
    size = sum(file.stat().st_size for file in files)
    return Loaded(events, seconds[True], seconds[False], size, database.stat().st_size)
