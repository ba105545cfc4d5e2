"""A segment's members as rows that pandas, Polars, DuckDB and Arrow take, none of them required."""

import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyRelation
from pyroaring import BitMap

from lettershop.engines.duckdb.members import rows
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Subject
from lettershop.model.errors import UsageError
from lettershop.model.sheets import harmless


class Members:
    """Members of a segment, in the order of their ids; read from the store whenever they are used,
    so use them before the workspace is closed.

    `polars.DataFrame(members)` and `pandas.DataFrame.from_arrow(members)` work by the Arrow C
    stream. Columns: see `engines.duckdb.members.rows`.
    """

    def __init__(self, store: Store, subject: Subject, ids: BitMap) -> None:
        self.subject: Subject = subject
        self.ids = ids
        self._store = store

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        relation = self._relation()
        columns = relation.columns
        for row in relation.iter_rows():
            yield dict(zip(columns, row, strict=True))

    def __repr__(self) -> str:
        return f"<{len(self):,} {self.subject} members: {', '.join(self.columns)}>"

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        relation: Any = self._relation()
        return relation.__arrow_c_stream__(requested_schema)

    @property
    def columns(self) -> list[str]:
        return list(self._relation().columns)

    def head(self, limit: int) -> "Members":
        """The first `limit` of them."""
        return self.of(BitMap(self.ids[:limit]))

    def of(self, ids: BitMap) -> "Members":
        """Those with these dense ids."""
        return Members(self._store, self.subject, ids & self.ids)

    def to_pandas(self) -> Any:
        """A pandas.DataFrame. UsageError when pandas is not installed."""
        return self._frame("pandas", lambda relation: relation.df())

    def to_polars(self) -> Any:
        """A polars.DataFrame. UsageError when Polars is not installed."""
        return self._frame("polars", lambda relation: relation.pl())

    def to_csv(self, path: str | os.PathLike[str], *, for_people: bool = False) -> None:
        """Write all of them, with a header; lists are joined with `;`. All or nothing.
        `for_people`: it will be opened in a spreadsheet (model/sheets.py)."""
        target = Path(path)
        part = target.with_name(target.name + ".part")
        try:
            with part.open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, self.columns)
                writer.writeheader()
                for row in self:
                    cells = {key: _cell(value) for key, value in row.items()}
                    if for_people:
                        cells = {key: harmless(cell) for key, cell in cells.items()}
                    writer.writerow(cells)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def _relation(self) -> DuckDBPyRelation:
        return rows(self._store, self.subject, self.ids)

    def _frame(self, library: str, make: Callable[[DuckDBPyRelation], Any]) -> Any:
        try:
            return make(self._relation())
        except ImportError:
            hint = f"pip install {library}"
            raise UsageError("members.library", f"{library} is not installed", hint=hint) from None


def _cell(value: object) -> object:
    match value:
        case list():
            return ";".join(map(str, value))
        case {"lat": lat, "lon": lon}:
            return f"{lat},{lon}"
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
