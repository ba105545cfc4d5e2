"""The store: one DuckDB database with the tables of `schema.py`, its transactions and its end."""

import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
from sqlglot import exp

from lettershop.engines.dense.asking import Rows
from lettershop.engines.duckdb import known, lookup
from lettershop.engines.duckdb.opening import open_file, release
from lettershop.engines.duckdb.refresh.tables import REFRESH_TABLES
from lettershop.engines.duckdb.repeats import check_keys
from lettershop.engines.duckdb.schema import FORMAT, TABLES
from lettershop.engines.duckdb.temporary import temporary
from lettershop.model.catalog import Catalog
from lettershop.model.errors import UsageError, WorkspaceError
from lettershop.model.settings import Settings

Rate = tuple[str, str, date, Decimal]
_DRAWING = threading.Lock()


class Store:
    """Owner of the database. `con` is its DuckDB connection, for reading and for `apply`.

    Close it (or use `with`): an open database keeps other processes out.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, path: Path | None, settings: Settings
    ) -> None:
        self.con, self.path, self.settings = con, path, settings
        self._catalog: Catalog | None = None
        self._depth = 0
        self._closed = False

    @classmethod
    def open(
        cls, path: Path | None, *, settings: Settings | None = None, read_only: bool = False
    ) -> "Store":
        """Open or create the database; None is one in memory.

        Raises WorkspaceError: `workspace.in_use`, `workspace.not_a_database`,
        `workspace.other_version`, `workspace.not_ours`, `workspace.absent`.
        """
        settings = settings or Settings()
        con = duckdb.connect() if path is None else open_file(path, read_only=read_only)
        store = cls(con, path, settings)
        try:
            store._prepare(read_only=read_only)
        except BaseException:
            store.close()
            raise
        return store

    def reader(self) -> "Store":
        """The same database through a connection of its own, for another thread; it sees what is
        committed. Close it before this one; closing it leaves the file open."""
        return Store(self.con.cursor(), None, self.settings)

    def _prepare(self, *, read_only: bool) -> None:
        self.con.execute("SET memory_limit = $limit", {"limit": self.settings.memory_limit})
        # A checkpoint writes the newest rows of each table again: at every load it takes a tenth.
        self.con.execute("SET wal_autocheckpoint = '128MB'")
        # Object columns are always text to us; looking at samples of them costs time and guesses.
        self.con.execute("SET pandas_analyze_sample = 0")
        tables = set()
        if self.path is not None:
            tables = {row[0] for row in self.con.execute("SHOW TABLES").fetchall()}
        if not tables and not read_only:
            with self.transaction():
                self.con.execute(TABLES)
                self.con.execute(REFRESH_TABLES)
                self.con.execute("INSERT INTO meta VALUES ('format', $f)", {"f": str(FORMAT)})
            return
        found = self.meta("format") if "meta" in tables else None
        if found is None:
            raise WorkspaceError(
                "workspace.not_ours", "this database was not made by lettershop", where=str(self)
            )
        if found != str(FORMAT):
            raise WorkspaceError(
                "workspace.other_version",
                f"the database has format {found}, this lettershop reads format {FORMAT}",
                where=str(self),
                hint="lettershop rebuild makes the facts again; or use the version that wrote it",
            )
        if not read_only:
            self.con.execute(REFRESH_TABLES)
            check_keys(self.con)

    def __str__(self) -> str:
        return str(self.path) if self.path else "in memory"

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; safe to repeat. Nothing may be read from `con` afterwards."""
        if self._closed:
            return
        self._closed = True
        self.con.close()
        if self.path is not None:
            release(self.path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: commits at the end, rolls back on any exception, also Ctrl-C.

        Inside another transaction it is part of that one.
        """
        if self._depth:
            yield
            return
        self.con.execute("BEGIN")
        self._depth = 1
        try:
            yield
            self.con.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._depth = 0
            self._catalog = None

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything asked inside sees one committed state; the catalog is kept as it is."""
        self.con.execute("BEGIN")
        try:
            yield
            self.con.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with suppress(duckdb.TransactionException):  # a failed COMMIT has rolled back already
            self.con.execute("ROLLBACK")

    def forget(self) -> None:
        """Read the catalog anew when it is next asked for: another connection has written."""
        self._catalog = None

    def catalog(self) -> Catalog:
        """What has been learned about the data; kept until the next transaction."""
        if self._catalog is None or self._depth:
            self._catalog = known.read_catalog(self.con)
        return self._catalog

    def salt(self, name: str) -> int:
        """The 64-bit salt of a random sample; drawn and stored when first asked for, at once and
        for everybody: several readers may ask at the same time."""
        found = self._salt(name)
        if found is None:
            with _DRAWING, self.reader() as apart:
                found = apart._salt(name)
                if found is None:
                    found = secrets.randbits(64)
                    apart.set_salt(name, found)
        return found

    def _salt(self, name: str) -> int | None:
        row = self.con.execute(
            "SELECT salt FROM salts WHERE name = $name", {"name": name}
        ).fetchone()
        return None if row is None else int(row[0])

    def set_salt(self, name: str, salt: int) -> None:
        """Fix the salt of a sample, so that it can be repeated elsewhere."""
        self.con.execute("DELETE FROM salts WHERE name = $name", {"name": name})
        self.con.execute("INSERT INTO salts VALUES ($name, $salt)", {"name": name, "salt": salt})

    def set_rates(self, rates: Iterable[Rate]) -> None:
        """Replace the rates (from, to, day, rate): one unit of `from` is `rate` units of `to`.

        Raises UsageError `rates.impossible` for a rate that is not above zero.
        """
        rows = list(rates)
        for source, target, day, rate in rows:
            if not rate > 0:
                raise UsageError(
                    "rates.impossible", f"{source} to {target} on {day}: {rate} is not a rate"
                )
        with self.transaction():
            self.con.execute("DELETE FROM rates")
            if rows:
                self.con.executemany("INSERT INTO rates VALUES (?, ?, ?, ?)", rows)

    def fetch(self, sql: exp.Query) -> Rows:
        """Runs a query (and uses its tree up); its columns as NumPy arrays, masked where NULL."""
        found: dict[str, Any] = self.con.execute(sql.sql("duckdb", copy=False)).fetchnumpy()
        return found

    def create(self, name: str, sql: exp.Query) -> None:
        """Makes (or replaces) a temporary table from a query."""
        self.con.execute(temporary(name, sql).sql("duckdb", copy=False))

    def publish(self, name: str, rows: Rows) -> None:
        """Makes (or replaces) a temporary table from arrays without NULLs."""
        self.con.register("published_rows", dict(rows))
        self.create(name, exp.select(*map(exp.column, rows)).from_("published_rows", copy=False))
        self.con.unregister("published_rows")

    def contact_id(self, text: str) -> int:
        """The dense id of an identity (`user:U1`) or a bare user id, address or anonymous id.

        Raises NotFound `contact.unknown` with the nearest identities.
        """
        return lookup.contact_id(self.con, text)

    def account_id(self, text: str) -> int:
        """The dense id of a group id; NotFound `account.unknown` with the nearest ones."""
        return lookup.account_id(self.con, text)

    def identities_of(self, contact: int) -> list[str]:
        """All identities of a contact, the first known first."""
        return lookup.identities_of(self.con, contact)

    def contact_names(self, ids: Iterable[int]) -> dict[int, str]:
        """A readable name per contact id: its address, else its user id, else its identity."""
        return lookup.contact_names(self.con, ids)

    def account_names(self, ids: Iterable[int]) -> dict[int, str]:
        """The group id of each account id."""
        return lookup.account_names(self.con, ids)

    def meta(self, key: str) -> str | None:
        asked = self.con.execute("SELECT value FROM meta WHERE key = $key", {"key": key})
        rows = asked.fetchall()  # to the end: nothing can be registered beside an open result
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        self.con.execute("DELETE FROM meta WHERE key = $key", {"key": key})
        self.con.execute("INSERT INTO meta VALUES ($key, $value)", {"key": key, "value": value})
