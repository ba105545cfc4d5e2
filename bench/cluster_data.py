"""The same company twice: DuckDB's file, and a lake written from it."""

import time
from collections import defaultdict
from pathlib import Path

import msgspec

from bench.data import AS_OF, Size, generate
from bench.load import load
from bench.traffic import Traffic
from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.store import Store
from lettershop.lake.manifest import Manifest
from lettershop.lake.storage import Lake

IMPORTED = 20_000
"""Events that go through the importer, for names and types to be learned; the rest go straight
into the tables."""


class Stored(msgspec.Struct):
    """Rows and bytes by sort of table (`events`, `history`, `wide`, `other`), beside DuckDB's
    file."""

    events: int
    contacts: int
    export_seconds: float
    rows: dict[str, int]
    bytes: dict[str, int]
    parts: int
    database_bytes: int


def make(folder: Path, size: Size) -> Stored:
    """Writes `facts.duckdb` and `lake` into the folder; what is there from another time stays."""
    database, lake, said = folder / "facts.duckdb", folder / "lake", folder / "stored.json"
    if said.exists():
        return msgspec.json.decode(said.read_bytes(), type=Stored)
    folder.mkdir(parents=True, exist_ok=True)
    files = generate(folder, size, IMPORTED)
    load(files, database)
    for file in files:
        file.unlink()
    with Store.open(database) as store:
        Traffic(store, size).history()
        started = time.perf_counter()
        manifest = export(store, Lake(str(lake)), AS_OF)
        seconds = time.perf_counter() - started
    stored = _counted(manifest, size, seconds)
    stored.database_bytes = database.stat().st_size
    said.write_bytes(msgspec.json.encode(stored))
    return stored


def _counted(manifest: Manifest, size: Size, seconds: float) -> Stored:
    rows: dict[str, int] = defaultdict(int)
    sizes: dict[str, int] = defaultdict(int)
    parts = [(t.sort, p) for t in manifest.tables.values() for c in t.partitions for p in c.parts]
    for sort, part in parts:
        rows[sort] += part.rows
        sizes[sort] += part.bytes
    return Stored(size.events, size.contacts, seconds, dict(rows), dict(sizes), len(parts), 0)
