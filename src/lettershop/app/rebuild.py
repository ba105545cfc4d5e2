"""The facts again from what was said: the raw log, and what came in by other ways.

Everything is replayed in the order in which it was first taken in, into a new database beside the
old one. Only when that is complete do the two change places; the old one stays, renamed.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import msgspec

from lettershop.app.settings import read_settings
from lettershop.app.workspace import DATABASE
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.opening import open_file, release
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.ingest import kept
from lettershop.ingest.files import import_file
from lettershop.ingest.guess import mapping_for
from lettershop.ingest.kept import Kept
from lettershop.ingest.loader import Loader
from lettershop.ingest.log.reader import LogReader
from lettershop.ingest.log.request import Request
from lettershop.ingest.pull import state
from lettershop.model.clock import FixedClock
from lettershop.model.errors import InputError, WorkspaceError
from lettershop.model.settings import Settings
from lettershop.profile.carrying import carry_traits

CARRIED = ("salts", "rates", "kept_apart")
"""Decisions, not facts: taken over as they are. Salts keep random shares and holdouts the same."""
PULLS = ("pulls", "pull_seen", "pull_runs")
"""How far pulls are: true again when the rows they brought were kept."""

Tell = Callable[[str, int, int], None]
"""(what, requests done, requests in all)"""


class Counts(msgspec.Struct, frozen=True):
    contacts: int
    accounts: int
    memberships: int
    events: int


class RebuildReport(msgspec.Struct, frozen=True, kw_only=True):
    requests: int
    files: int
    calls: int
    """Upserts through the API."""
    before: Counts | None
    """None when the old database could not be read."""
    after: Counts
    old: str | None
    """Where the database from before is now."""


def rebuild(
    folder: Path, tell: Tell | None = None, *, without_missing: bool = False
) -> RebuildReport:
    """Build the facts of a workspace again; no other process may have it open. The old database
    may be damaged, gone, or of an earlier format.

    InputError `rebuild.missing` when an import is in the database of which no copy was kept (unless
    `without_missing`), or the beginning of the raw log was removed (retention).
    """
    settings = read_settings(folder, os.environ)
    database = folder / DATABASE
    fresh = room_beside(database, ".rebuild")
    with held(database) as old:
        before = counts(old) if old else None
        missing = _missing(old, folder)
        if missing and not without_missing:
            raise InputError(
                "rebuild.missing",
                f"these cannot be said again: {', '.join(missing[:5])}",
                hint="--without-missing rebuilds without them; the old database is kept anyway",
            )
        with Store.open(fresh, settings=settings) as store:
            if old:
                _carry(old, store.con, CARRIED)
            requests, files, calls = _replay(folder, settings, store, tell or _quiet)
            if old:
                carry_traits(old, store)
            if old and settings.keep_imports:
                state.prepare(store)
                _carry(old, store.con, PULLS)
            after = counts(store.con)
    return RebuildReport(
        requests=requests,
        files=files,
        calls=calls,
        before=before,
        after=after,
        old=change_places(database, fresh, "rebuild"),
    )


def room_beside(database: Path, suffix: str) -> Path:
    """Where a new database is made; what an attempt that was killed has left there is gone."""
    fresh = database.with_suffix(suffix)
    for left in (fresh, fresh.with_name(fresh.name + ".wal")):
        left.unlink(missing_ok=True)
    return fresh


@contextmanager
def held(database: Path) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The old database, of whatever format; None when there is none or it is damaged. Held all the
    time, so that nobody writes into it: WorkspaceError `workspace.in_use` when somebody does."""
    old = None
    if database.exists():
        try:
            old = open_file(database, read_only=False)
        except WorkspaceError as error:
            if error.code != "workspace.not_a_database":
                raise
    try:
        yield old
    finally:
        if old:
            old.close()
            release(database)


def counts(con: duckdb.DuckDBPyConnection) -> Counts:
    """Without contacts that were merged into another (earlier formats knew no merges)."""
    merged = "merged" in _columns(con, "contacts")
    live = Sql("merged IS NULL" if merged else "true")
    row = con.execute(
        sql(
            "SELECT (SELECT count(*) FROM contacts WHERE {live}), (SELECT count(*) FROM accounts),"
            " (SELECT count(*) FROM people WHERE active),"
            " (SELECT coalesce(sum(rows), 0)::BIGINT FROM events)",
            live=live,
        )
    ).fetchall()[0]
    return Counts(*row)


def _missing(old: duckdb.DuckDBPyConnection | None, folder: Path) -> list[str]:
    """Imports without a copy; and whether the log still has its beginning."""
    copies = {said.hash for said, _ in kept.everything(folder / DATABASE.parent)}
    rows = old.execute("SELECT hash, path FROM imports ORDER BY rowid").fetchall() if old else []
    missing = [f"the file {path}" for hash_, path in rows if hash_ not in copies]
    with LogReader(folder / DATABASE.parent / "intake") as reader:
        first = reader.first_seq()
    if old and _said(old, "cluster_fetched"):
        missing.append("what another machine has loaded (lettershop lake import)")
    if first > 1:
        missing.append(f"the raw log before request {first}")
    return missing


def _said(con: duckdb.DuckDBPyConnection, key: str) -> bool:
    """Whether the facts say so of themselves (app/cluster/facts.py)."""
    if not _columns(con, "meta"):
        return False
    found = con.execute("SELECT 1 FROM meta WHERE key = $key", {"key": key}).fetchall()
    return bool(found)


def _carry(
    old: duckdb.DuckDBPyConnection, new: duckdb.DuckDBPyConnection, tables: Sequence[str]
) -> None:
    for table in tables:
        known = bool(_columns(old, table))
        rows = old.execute(sql("FROM {t}", t=table)).fetchall() if known else []
        if rows:
            marks = [Sql("?")] * len(rows[0])
            new.executemany(sql("INSERT INTO {t} VALUES ({marks})", t=table, marks=marks), rows)


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = $table", {"table": table}
    ).fetchall()
    return {row[0] for row in rows}


class _Owner:
    """The loader's way into the new database, which nobody else has."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @contextmanager
    def write(self) -> Iterator["_Owner"]:
        yield self


class _Until:
    """The log up to a request: what came in by other ways has its place between two of them."""

    def __init__(self, reader: LogReader) -> None:
        self.reader, self.last = reader, 0

    def after(self, seq: int, most_bytes: int) -> Sequence[Request]:
        return [r for r in self.reader.after(seq, most_bytes) if r.seq <= self.last]


def _replay(folder: Path, settings: Settings, store: Store, tell: Tell) -> tuple[int, int, int]:
    """Says everything again in order; how many requests, files and calls."""
    data = folder / DATABASE.parent
    files = calls = 0
    with LogReader(data / "intake") as reader:
        log, total = _Until(reader), reader.last_seq()
        loader = Loader(_Owner(store), log, settings)

        def follow(last: int) -> None:
            log.last = last
            while loader.step().requests:
                tell("raw log", loader.position, total)

        for said, body in kept.everything(data):
            follow(said.after)
            tell(said.name, loader.position, total)
            if isinstance(body, Path):
                _import(said, body, settings, store)
                files += 1
            else:
                load(store, body)
                calls += 1
        follow(total)
        return loader.position, files, calls


def _import(said: Kept, body: Path, settings: Settings, store: Store) -> None:
    import_file(
        store,
        body,
        said.mapping or mapping_for(body),
        clock=FixedClock(said.at),
        settings=settings,
        allow_refused=said.allow_refused,
        again=True,
        noted=bool(said.hash),
        shown=said.name,
    )


def change_places(database: Path, fresh: Path, why: str) -> str | None:
    """The new database takes the old one's name; where the old one is now: `why` is in its name."""
    if fresh.with_name(fresh.name + ".wal").exists():
        raise WorkspaceError("rebuild.open", "the new database was not closed", where=str(fresh))
    aside = None
    if database.exists():
        aside = next(
            path
            for n in range(1, 10_000)
            if not (path := database.with_name(f"facts.before-{why}-{n}.duckdb")).exists()
        )
        for end in ("", ".wal"):
            left = database.with_name(database.name + end)
            if left.exists():
                left.replace(aside.with_name(aside.name + end))
    fresh.replace(database)
    return f"{database.parent.name}/{aside.name}" if aside else None


def _quiet(what: str, done: int, total: int) -> None:
    pass
