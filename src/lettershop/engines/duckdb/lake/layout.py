"""How each table is cut into partitions, in what order its rows stand, and what can change.

Rows of events and histories are only ever added; what changes in them later is whose they are
(merges, and merges undone; late memberships). So of these tables new rows are new parts, and an old
part is written again when the fingerprint of its watched columns is another. All other tables are
written partition by partition, each when anything in it changed.
"""

from collections.abc import Iterable
from typing import Final, Literal

import duckdb
import msgspec

from lettershop.engines.duckdb.compose import Sql, name, sql
from lettershop.engines.duckdb.lake.columns import ORD, columns_of
from lettershop.engines.duckdb.schema import history_of
from lettershop.lake.manifest import RANGE, Column, Sort
from lettershop.model.clock import DAY

ROWID: Final = Sql("rowid")
By = Literal["day", "range", "all"]


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """`place`: an expression, the row's place in the order of the table. `cut`: the column whose
    day or range of numbers is the partition. `sorted`: the order of the rows in a part."""

    table: str
    sort: Sort
    by: By
    cut: str = ""
    place: Sql
    sorted: tuple[Sql, ...]
    columns: tuple[Column, ...]
    watched: tuple[str, ...]
    """Columns, `ord` among them, that the fingerprint is made of."""
    grows: bool = False
    """New rows are new parts: what is stored changes in watched columns only, if at all."""

    @property
    def fingerprint(self) -> Sql:
        """Of rows as they are stored."""
        return _fingerprint(self.stored(column) for column in self.watched)

    @property
    def fingerprint_in_files(self) -> Sql:
        """Of rows with columns of the types they are stored in."""
        return _fingerprint(map(name, self.watched))

    def stored(self, column: str) -> Sql:
        """A column where the rows are stored."""
        return ROWID if self.sort == "history" and column == ORD.name else name(column)

    @property
    def group(self) -> Sql:
        """The number of a row's partition: its day since 1970, its range, or 0."""
        match self.by:
            case "day":
                return day_of(self.cut)
            case "range":
                return sql("{c} // {n}", c=self.cut, n=Sql(str(RANGE)))
            case "all":
                return Sql("0")


def _fingerprint(columns: Iterable[Sql]) -> Sql:
    return sql("sum(hash({columns}))", columns=[*columns])


def day_of(column: str) -> Sql:
    """Division rounds towards zero: before 1970 that would be the next day."""
    return sql(
        "CASE WHEN {c} >= 0 THEN {c} // {day} ELSE -((-{c} + {less}) // {day}) END",
        c=column,
        day=Sql(str(DAY)),
        less=Sql(str(DAY - 1)),
    )


def layouts(con: duckdb.DuckDBPyConnection) -> list[Layout]:
    """Of every persistent table, ordered by name."""
    columns = columns_of(con)
    events = {row[0] for row in con.execute("SELECT table_name FROM events").fetchall()}
    records = {row[0] for row in con.execute("SELECT table_name FROM record_kinds").fetchall()}
    histories = {"contact_history", "account_history", *map(history_of, records)}
    found = []
    for table, all_columns in columns.items():
        if table in events:
            found.append(_events(table, all_columns))
        elif table in histories:
            found.append(_history(table, all_columns, ("subject", "ref", "named")))
        elif table == "people_history":
            found.append(_history(table, all_columns, ("pair", "contact", "account", "named")))
        elif table in records or table in ("contacts", "accounts", "people"):
            found.append(_ranged(table, "wide", "id", all_columns))
        elif table == "identities":
            found.append(_ranged(table, "other", "number", all_columns))
        elif table in _ADDED_TO:
            found.append(_added_to(table, all_columns))
        else:
            found.append(_whole(table, all_columns))
    return found


_ADDED_TO: Final[dict[str, tuple[str, ...]]] = {
    "message_ids": ("key",),
    "transitions": ("id",),
    "touched": ("id",),
}
"""Long tables whose rows are added and stay as they are; what of them is watched all the same."""


def _events(table: str, columns: tuple[Column, ...]) -> Layout:
    return Layout(
        table=table,
        sort="events",
        by="day",
        cut="ts",
        place=name("seq"),
        sorted=(name("ts"), name("seq")),
        columns=columns,
        watched=("seq", "contact", "account"),
        grows=True,
    )


def _history(table: str, columns: tuple[Column, ...], watched: tuple[str, ...]) -> Layout:
    return Layout(
        table=table,
        sort="history",
        by="day",
        cut="received_at",
        place=ROWID,
        sorted=(ROWID,),
        columns=(*columns, ORD),
        watched=(ORD.name, *watched),
        grows=True,
    )


def _ranged(table: str, sort: Sort, key: str, columns: tuple[Column, ...]) -> Layout:
    return Layout(
        table=table,
        sort=sort,
        by="range",
        cut=key,
        place=Sql("0"),
        sorted=(name(key),),
        columns=columns,
        watched=tuple(column.name for column in columns),
    )


def _added_to(table: str, columns: tuple[Column, ...]) -> Layout:
    return Layout(
        table=table,
        sort="other",
        by="all",
        place=ROWID,
        sorted=(ROWID,),
        columns=columns,
        watched=_ADDED_TO[table],
        grows=True,
    )


def _whole(table: str, columns: tuple[Column, ...]) -> Layout:
    return Layout(
        table=table,
        sort="other",
        by="all",
        place=Sql("0"),
        sorted=(ROWID,),
        columns=columns,
        watched=tuple(column.name for column in columns),
    )
