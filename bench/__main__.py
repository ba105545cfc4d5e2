"""`python -m bench`: see `--help`."""

import argparse
import json
import os
import platform
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from bench.data import Size, generate
from bench.full import full
from bench.limits import limits
from bench.load import load
from bench.lookup import look_up, overlap
from bench.memory import peak_memory
from bench.report import print_report, targets
from bench.segments import segments
from bench.yardstick import one_query_each
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition

SECTIONS = ("load", "limits", "full", "each", "lookup", "overlap", "memory")


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Measures, prints, and returns what was found."""
    asked = _read(arguments)
    with ExitStack() as stack:
        folder = asked.keep or Path(
            stack.enter_context(TemporaryDirectory(prefix="lettershop-bench-"))
        )
        folder.mkdir(parents=True, exist_ok=True)
        found = _measure(asked, folder)
    print_report(found)
    if asked.json:
        reached = [t._asdict() | {"met": t.met} for t in targets(found)]
        asked.json.write_text(json.dumps(found | {"targets": reached}, indent=2), "utf-8")
    return found


def _measure(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    definitions = segments(asked.segments, asked.seed)
    size = Size(asked.contacts, asked.accounts, asked.events, asked.seed)
    database = folder / "facts.duckdb"
    found: dict[str, Any] = {"data": _data(size, definitions)}
    if not database.exists():
        files = generate(folder, size)
        loaded = load(files, database)
        found["load"] = loaded._asdict() | {"events_per_second": loaded.rate}
        for file in files:
            file.unlink()
    with Store.open(database) as store:
        kept = sum(info.rows for info in store.catalog().events.values())
        if kept != size.events:
            raise SystemExit(f"{folder} holds {kept:,} events: say --events {kept}, or remove it")
        found |= _queried(asked.only, store, definitions, size)
    if "memory" in asked.only:
        peak = peak_memory(database, asked.segments, asked.seed)
        found["memory"] = {"mebibytes": peak, "of them for DuckDB at most": _memory_limit()}
    return found


def _queried(
    only: Sequence[str], store: Store, definitions: list[Definition], size: Size
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "limits" in only:
        found["limits"] = limits(store, definitions)._asdict()
    ours = full(store, definitions)
    members = ours.members
    found["full"] = {k: v for k, v in ours._asdict().items() if k != "members"}
    found["full"]["empty"] = sum(not ids for ids in members.values())
    if "each" in only:
        seconds, slowest = one_query_each(store, definitions, members)
        found["each"] = {"seconds": seconds, "slowest": slowest}
    contact_segments = {d.name: members[d.name] for d in definitions if d.subject == "contact"}
    if "lookup" in only:
        found["lookup"] = {"seconds": look_up(store, contact_segments, size.contacts, size.seed)}
    if "overlap" in only:
        found["overlap"] = {"seconds": overlap(members)}
    return found


def _data(size: Size, definitions: list[Definition]) -> dict[str, Any]:
    return {
        **size._asdict(),
        "segments": len(definitions),
        "processors": os.cpu_count() or 0,
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }


def _memory_limit() -> str:
    with Store.open(None) as store:
        return store.settings.memory_limit


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Generates data, imports it, and measures segments on it, all in one run.",
    )
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--segments", type=int, default=100, help="about so many (default: 100)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only", nargs="+", choices=SECTIONS, default=SECTIONS, help="what to measure"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep the database here; used again when there"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
