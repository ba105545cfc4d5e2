"""Small workspaces for import stories: write a file, import it, look at what is known."""

import csv
import gzip
from pathlib import Path

import duckdb

from lettershop.engines.duckdb.store import Store
from lettershop.ingest.files import import_file
from lettershop.ingest.mapping_text import read_mapping
from lettershop.ingest.report import ImportReport, Progress
from lettershop.model.clock import FixedClock
from lettershop.model.settings import Settings

NOW = FixedClock("2024-06-01T00:00Z")


class Book:
    """A store in memory and a folder for files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, Store.open(None)
        self.progress: list[Progress] = []

    @property
    def refused_path(self) -> Path:
        return self.folder / "refused.csv"

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        raw = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    def load(self, name: str, text: str | bytes, mapping: str, **how: object) -> ImportReport:
        return self.load_file(self.write(name, text), mapping, **how)

    def load_file(self, path: Path, mapping: str, **how: object) -> ImportReport:
        return import_file(
            self.store,
            path,
            read_mapping(mapping, "map.toml", folder=str(self.folder)),
            clock=NOW,
            settings=Settings(timezone="Europe/London"),
            **{"refused_path": self.refused_path, "progress": self.progress.append, **how},  # type: ignore[arg-type]
        )

    def refused(self) -> list[tuple[str, str]]:
        """(line, code) of the refused rows."""
        with self.refused_path.open(encoding="utf-8", newline="") as lines:
            return [(row["line"], row["code"]) for row in csv.DictReader(lines)]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.store.con.execute(query).fetchall()

    def contacts(self, *fields: str) -> dict[object, tuple[object, ...]]:
        """identity → current values."""
        found = self.store.con.table("contacts")
        rows = found.select(*(duckdb.ColumnExpression(f) for f in ("identity", *fields)))
        return {row[0]: row[1:] for row in rows.fetchall()}

    def is_empty(self) -> bool:
        return all(
            not self.store.con.table(table).fetchall()
            for table in ("contacts", "accounts", "events", "fields", "imports", "identities")
        )
