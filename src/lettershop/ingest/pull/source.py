"""The other database: opened for reading only, asked one question, left again."""

import re
import sqlite3
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.types import datetime as pg_datetime
from rapidfuzz import process
from sqlalchemy import (
    URL,
    Connection,
    NullPool,
    bindparam,
    create_engine,
    exc,
    literal_column,
    make_url,
    quoted_name,
    select,
    text,
)
from sqlalchemy.sql.expression import column
from sqlalchemy.sql.selectable import Select, Subquery

from lettershop.ingest.pull.definition import Pull
from lettershop.model.errors import InputError, LettershopError, Unavailable

Row = Mapping[str, Any]
CONNECT: Final = 10
"""Seconds to wait for the database to answer at all."""
_STEPS: Final = 100_000
"""Instructions of SQLite's machine between two looks at the clock."""


class Source:
    """An open read-only transaction. `columns` are the query's, `types` those the database states
    (by PostgreSQL's numbers), where it states any."""

    def __init__(self, pull: Pull, connection: Connection, deadline: "_Deadline") -> None:
        self._pull, self._connection, self._deadline = pull, connection, deadline
        # Colons of the author's query are its own: casts and texts, no parameters of ours.
        escaped = re.sub(r"(?=:)", r"\\", pull.query)
        self._high = quoted_name(pull.high_water, True)
        self._query: Subquery = text(escaped).columns(column(self._high)).subquery("pulled")
        self.columns, self.types = self._look()

    def batches(self, low: Any) -> Generator[list[Row], None, None]:
        """Rows whose high-water is `low` or more (None: all), in its order; those without one are
        never read."""
        high = self._query.c[self._high]
        wanted = self._everything().order_by(high)
        if low is None:
            wanted = wanted.where(high.is_not(None))
        else:
            wanted = wanted.where(high >= bindparam("low", low))
        with _said(self._pull):
            self._deadline.restart()
            streaming = self._connection.execution_options(stream_results=True)
            with closing(streaming.execute(wanted)) as found:
                while rows := found.fetchmany(self._pull.batch):
                    yield [dict(zip(self.columns, row, strict=True)) for row in rows]
                    self._deadline.restart()

    def _everything(self) -> "Select[Any]":
        return select(literal_column("*")).select_from(self._query)

    def _look(self) -> tuple[tuple[str, ...], dict[str, int]]:
        """Which columns there are. InputError `pull.column` when the high-water is none of them."""
        with _said(self._pull):
            self._deadline.restart()
            nothing = self._everything().where(text("1 = 0"))
            with closing(self._connection.execute(nothing)) as found:
                names = tuple(found.keys())
                described = found.cursor.description if found.cursor is not None else ()
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"several columns of the query are called “{twice[0]}”"
            raise InputError("pull.column", message, where=self._pull.name, hint="rename with AS")
        stated = self._connection.dialect.name == "postgresql"
        types: dict[str, Any] = {d[0]: d[1] for d in described or ()} if stated else {}
        return names, types


@contextmanager
def opened(pull: Pull, environ: Mapping[str, str]) -> Iterator[Source]:
    """The database of the pull. InputError `pull.address`, `pull.driver`, `pull.query`,
    `pull.column`; Unavailable `pull.unreachable`, `pull.timeout`."""
    url = _url(pull, environ)
    deadline = _Deadline(pull.timeout)
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=_connecting(url))
    except (exc.NoSuchModuleError, ImportError) as error:
        hint = "PostgreSQL and SQLite are known; others need their SQLAlchemy driver installed"
        message = f"there is no driver for {url.drivername}: {error}"
        raise InputError("pull.driver", message, where=pull.name, hint=hint) from None
    try:
        with _reached(pull):
            connection = engine.connect()
    except BaseException:
        engine.dispose()
        raise
    try:
        with connection:
            with _said(pull):
                connection = _read_only(connection, pull, deadline)
            yield _checked(Source(pull, connection, deadline), pull)
    finally:
        engine.dispose()


class _Deadline:
    """A query may take so long, and each batch of its rows again."""

    def __init__(self, seconds: int) -> None:
        self._seconds, self._at = seconds, 0.0

    def restart(self) -> None:
        self._at = time.monotonic() + self._seconds

    def __call__(self) -> int:
        """For SQLite: not zero ends the query."""
        return int(time.monotonic() > self._at)


def _checked(source: Source, pull: Pull) -> Source:
    if pull.high_water not in source.columns:
        near = process.extractOne(pull.high_water, source.columns, score_cutoff=50)
        listed = ", ".join(source.columns[:20])
        hint = f"did you mean “{near[0]}”?" if near else f"its columns are {listed}"
        message = f"the query has no column “{pull.high_water}”"
        raise InputError("pull.column", message, where=pull.name, hint=hint)
    return source


def _url(pull: Pull, environ: Mapping[str, str]) -> URL:
    address = environ.get(pull.url_from, "").strip()
    if not address:
        hint = "postgresql://user:password@host/name or sqlite:////path/of/file.db"
        message = f"the environment variable {pull.url_from} is not set"
        raise InputError("pull.address", message, where=pull.name, hint=hint)
    try:
        url = make_url(address)
    except (exc.ArgumentError, ValueError):
        # The address itself is not shown: it may hold a password.
        message = f"the environment variable {pull.url_from} does not hold an address"
        raise InputError("pull.address", message, where=pull.name) from None
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")  # the driver whose ways we know
    if backend == "sqlite" and not Path(url.database or "").is_file():
        message = f"there is no SQLite database {url.database}"
        raise Unavailable("pull.unreachable", message, where=pull.name, retry_after=60)
    return url


def _connecting(url: URL) -> dict[str, Any]:
    match url.get_backend_name():
        case "postgresql":
            return {"connect_timeout": CONNECT}
        case "sqlite":
            return {"timeout": CONNECT}
        case _:
            return {}


def _read_only(connection: Connection, pull: Pull, deadline: _Deadline) -> Connection:
    """Nothing can be changed by the query, whatever it says, and it cannot run for ever."""
    raw: Any = connection.connection.dbapi_connection
    match connection.dialect.name:
        case "postgresql":
            for kind in ("timestamp", "timestamptz", "date"):
                raw.adapters.register_loader(kind, _LENIENT[kind])
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            limit = text("SELECT set_config('statement_timeout', :ms, true)")
            connection.execute(limit, {"ms": str(pull.timeout * 1000)})
        case "sqlite":
            raw.text_factory = lambda found: found.decode("utf-8", "replace")
            raw.set_progress_handler(deadline, _STEPS)
            deadline.restart()
            connection.exec_driver_sql("PRAGMA query_only = ON")
        case _:
            pass
    return connection


def _lenient(loader: type[Any]) -> type[Any]:
    """`infinity` and years beyond 9999 are no datetimes: they stay texts, so ill-typed values,
    and do not end the pull."""

    class Lenient(loader):  # type: ignore[misc]
        def load(self, data: Any) -> Any:
            try:
                return super().load(data)
            except psycopg.DataError:
                return bytes(data).decode()

    return Lenient


_LENIENT: Final = {
    "timestamp": _lenient(pg_datetime.TimestampLoader),
    "timestamptz": _lenient(pg_datetime.TimestamptzLoader),
    "date": _lenient(pg_datetime.DateLoader),
}


@contextmanager
def _reached(pull: Pull) -> Iterator[None]:
    try:
        yield
    except (exc.DBAPIError, OSError) as error:
        message = f"the database cannot be reached: {_first_line(error)}"
        hint = f"is it there, and is {pull.url_from} right?"
        raise Unavailable(
            "pull.unreachable", message, where=pull.name, hint=hint, retry_after=60
        ) from None


@contextmanager
def _said(pull: Pull) -> Iterator[None]:
    """What the database says about the query, in one line."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise _explained(pull, error) from None


def _explained(pull: Pull, error: exc.SQLAlchemyError) -> LettershopError:
    original = getattr(error, "orig", None)
    said = _first_line(error)
    timed_out = isinstance(original, psycopg.errors.QueryCanceled) or said == "interrupted"
    if timed_out:
        message = f"the query took longer than {pull.timeout} seconds"
        hint = "an index on the high-water column helps; or a longer timeout"
        return Unavailable("pull.timeout", message, where=pull.name, hint=hint, retry_after=60)
    locked = isinstance(original, sqlite3.OperationalError) and "locked" in said
    if locked or (isinstance(error, exc.DBAPIError) and error.connection_invalidated):
        message = f"the database went away: {said}"
        return Unavailable("pull.unreachable", message, where=pull.name, retry_after=60)
    return InputError("pull.query", f"the database refuses the query: {said}", where=pull.name)


def _first_line(error: BaseException) -> str:
    original = getattr(error, "orig", None) or error
    lines = str(original).strip().splitlines()
    return lines[0] if lines else type(original).__name__
