"""Another CSV file in which values are looked up: small, read as a whole."""

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb

from lettershop.ingest.mapping import Lookup, Value
from lettershop.ingest.scan import scan_text
from lettershop.ingest.spool import text_lines
from lettershop.model.errors import InputError, NotFound

MOST = 100_000


class Lookups:
    """Temporary tables (k, v), one per lookup, made when first asked for."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> None:
        """Files are looked for in the folders, in this order."""
        self._con, self._folders = con, folders
        self._tables: dict[Lookup, str] = {}

    def __call__(self, value: Value) -> str:
        lookup = value.lookup
        if lookup is None:
            raise InputError("mapping.lookup", "the value has no lookup")
        if lookup not in self._tables:
            self._tables[lookup] = self._make(lookup)
        return self._tables[lookup]

    def _make(self, lookup: Lookup) -> str:
        table = f"import_lookup_{len(self._tables)}"
        pairs = read_pairs(self._find(lookup.file), lookup)
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (k VARCHAR, v VARCHAR)")
        self._con.execute(
            f"INSERT INTO {table} SELECT unnest($k), unnest($v)",
            {"k": list(pairs), "v": list(pairs.values())},
        )
        return table

    def _find(self, file: str) -> Path:
        for folder in self._folders:
            if (folder / file).is_file():
                return folder / file
        raise NotFound(
            "file.absent",
            "there is no such file to look up in",
            where=file,
            hint="put it beside the imported file or the mapping",
        )


def read_pairs(path: Path, lookup: Lookup) -> dict[str, str]:
    """`match` → `take`, trimmed; the first of several counts. Raises InputError."""
    scan_text(path)
    pairs: dict[str, str] = {}
    with text_lines(path) as lines:
        reader = csv.DictReader(lines)
        for column in (lookup.match, lookup.take):
            if column not in (reader.fieldnames or ()):
                raise InputError(
                    "mapping.unknown_column", f"there is no column “{column}”", where=str(path)
                )
        for row in reader:
            pairs.setdefault((row[lookup.match] or "").strip(), (row[lookup.take] or "").strip())
            if len(pairs) > MOST:
                raise InputError(
                    "file.too_long", f"look-ups read at most {MOST:,} rows", where=str(path)
                )
    return pairs
