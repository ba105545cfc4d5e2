"""All rows from one database into another, counted and summed up on both sides."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

import msgspec
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from lettershop.app.moving.kinds import for_sqlite, read, summed
from lettershop.app.moving.tables import Table
from lettershop.model.errors import InputError

BATCH: Final = 2_000
MODULUS: Final = 2**256
Tell = Callable[[str, int, int], None]
"""(table, rows done, rows in all); rows are counted twice: as they are copied and read back."""


class Copied(msgspec.Struct, frozen=True):
    """`checksum`: of the rows in any order, hex."""

    table: str
    rows: int
    checksum: str


class Tally:
    """Rows as they pass by."""

    def __init__(self, table: Table, told: Callable[[int], None]) -> None:
        self._table, self._told, self.rows, self._sum = table, told, 0, 0

    def all(self, batches: Iterable[Sequence[Sequence[Any]]]) -> Iterator[list[list[Any]]]:
        kinds = [column.kind for column in self._table.columns]
        for batch in batches:
            made = [[read(k, v) for k, v in zip(kinds, row, strict=True)] for row in batch]
            self._sum = (self._sum + sum(summed(kinds, row) for row in made)) % MODULUS
            self.rows += len(made)
            self._told(len(made))
            yield made

    def done(self) -> Copied:
        return Copied(self._table.name, self.rows, f"{self._sum:064x}")


def copy_all(
    here: BaseDatabaseWrapper, there: BaseDatabaseWrapper, known: Sequence[Table], tell: Tell
) -> list[Copied]:
    """Into empty tables, within transactions of the caller's; read back and compared.

    InputError `records.refused` when the database does not take a row, `records.differ` when what
    it gives back is not what it was given.
    """
    expected = 2 * sum(count(here, table) for table in known)
    made, so_far = [], 0
    for table in known:

        def told(rows: int, name: str = table.name) -> None:
            nonlocal so_far
            so_far += rows
            tell(name, so_far, max(expected, so_far))

        tally, back = Tally(table, told), Tally(table, told)
        _add(there, table, tally.all(rows(here, table)))
        for _ in back.all(rows(there, table)):
            pass
        if tally.done() != back.done():
            message = f"{table.name}: {back.rows} of {tally.rows} rows came over, or not the same"
            hint = "nothing was changed; please report this"
            raise InputError("records.differ", message, where=table.name, hint=hint)
        _count_on(here, there, table)
        made.append(tally.done())
    return made


def count(wrapper: BaseDatabaseWrapper, table: Table) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute(_said(wrapper, "SELECT count(*) FROM {}", table.name))
        return int(cursor.fetchone()[0])


def rows(wrapper: BaseDatabaseWrapper, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """In batches; the whole table is never in memory."""
    names = [column.name for column in table.columns]
    said = _said(wrapper, "SELECT {} FROM {}", names, table.name)
    with wrapper.chunked_cursor() as cursor:
        cursor.execute(said)
        while batch := cursor.fetchmany(BATCH):
            yield batch


def _add(there: BaseDatabaseWrapper, table: Table, batches: Iterable[list[list[Any]]]) -> None:
    names = [column.name for column in table.columns]
    try:
        if there.vendor == "postgresql":
            into = _said(there, "COPY {} ({}) FROM STDIN", table.name, names)
            with there.connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in chain.from_iterable(batches):
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(names))
        into = _said(there, "INSERT INTO {} ({}) VALUES", table.name, names) + f" ({marks})"
        kinds = [column.kind for column in table.columns]
        for batch in batches:
            values = [[for_sqlite(k, v) for k, v in zip(kinds, row, strict=True)] for row in batch]
            there.connection.executemany(into, values)
    except _errors(there) as error:
        said = str(error).strip().splitlines()[0]
        hint = "nothing was changed; the text or number named is one this database does not take"
        raise InputError("records.refused", said, where=table.name, hint=hint) from None


def _count_on(here: BaseDatabaseWrapper, there: BaseDatabaseWrapper, table: Table) -> None:
    """Numbers that were given once are not given again, also of rows that are gone."""
    if not table.number:
        return
    last = last_number(here, table)
    if not last:
        return
    with there.cursor() as cursor:
        if there.vendor == "postgresql":
            where = "pg_get_serial_sequence(%s, %s)"
            cursor.execute(f"SELECT setval({where}, %s)", [f'"{table.name}"', table.number, last])
            return
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table.name])
        cursor.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table.name, last]
        )


def last_number(wrapper: BaseDatabaseWrapper, table: Table) -> int:
    """The highest number the database has given out; 0 for none."""
    with wrapper.cursor() as cursor:
        if wrapper.vendor == "postgresql":
            place = [f'"{table.name}"', table.number]
            cursor.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s))", place)
            return int(cursor.fetchone()[0] or 0)
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
        found = cursor.fetchone()
        return int(found[0]) if found else 0


def _errors(wrapper: BaseDatabaseWrapper) -> tuple[type[Exception], ...]:
    """Django's, and the driver's own, which is asked directly where it is quicker."""
    driver: Any = wrapper
    return (DatabaseError, driver.Database.DatabaseError)


def _said(wrapper: BaseDatabaseWrapper, statement: str, *names: str | Sequence[str]) -> str:
    """Names, and lists of them, into a statement's holes, quoted: they are our own models'."""
    quote = wrapper.ops.quote_name
    return statement.format(
        *(quote(one) if isinstance(one, str) else ", ".join(map(quote, one)) for one in names)
    )
