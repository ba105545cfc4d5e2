"""How far pulls are, in the facts' own database: stored in the transaction of the rows.

pulls(name, high_water, kind, high, rows, pulled_at)   the column, its greatest value loaded
pull_seen(name, digest, high, micros)           rows near the high-water, to know them again
pull_runs(name, started_at, finished_at, rows, refused, code, message)   the last attempts
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import InputError, Unavailable

TABLES: Final = """
CREATE TABLE IF NOT EXISTS pulls (name VARCHAR, high_water VARCHAR, kind VARCHAR, high VARCHAR,
    rows BIGINT, pulled_at BIGINT);
CREATE TABLE IF NOT EXISTS pull_seen (name VARCHAR, digest VARCHAR, high VARCHAR, micros BIGINT);
CREATE TABLE IF NOT EXISTS pull_runs (name VARCHAR, started_at BIGINT, finished_at BIGINT,
    rows BIGINT, refused BIGINT, code VARCHAR, message VARCHAR);
"""
RUNS: Final = 100
"""Attempts remembered of each pull."""
OVERLAP: Final = 60
"""Seconds a pull by time reads again unless told otherwise: what is committed late has an earlier
time than what was seen already."""


class High(msgspec.Struct, frozen=True):
    """A high-water as text, and what it was: `instant` (with a zone), `local`, `date`, `number`,
    `float` or `text`."""

    kind: str
    text: str

    @classmethod
    def of(cls, value: Any, name: str) -> "High":
        """InputError `pull.high_water` for a value that has no order to rely on."""
        match value:
            case bool() | None:
                pass
            case float():
                return cls("float", repr(value))
            case datetime():
                return cls("instant" if value.tzinfo else "local", value.isoformat())
            case date():
                return cls("date", value.isoformat())
            case int() | Decimal():
                return cls("number", str(value))
            case str():
                return cls("text", value)
            case _:
                pass
        message = f"the high-water is a {type(value).__name__}, not a time, date, number or text"
        raise InputError("pull.high_water", message, where=name)

    @property
    def timed(self) -> bool:
        return self.kind in ("instant", "local", "date")

    def value(self) -> Any:
        """As the database gave it."""
        match self.kind:
            case "instant" | "local":
                return datetime.fromisoformat(self.text)
            case "date":
                return date.fromisoformat(self.text)
            case "number":
                found = Decimal(self.text)
                whole = found == found.to_integral_value() and "." not in self.text
                return int(found) if whole else found
            case "float":
                return float(self.text)
            case _:
                return self.text

    def low(self, overlap: int) -> Any:
        """From where to read again; no overlap for what is no time."""
        found = self.value()
        if isinstance(found, date):
            try:
                return found - timedelta(seconds=overlap)
            except OverflowError:
                return found
        return found

    def at(self) -> int | None:
        """Of times: microseconds since 1970, to compare with each other."""
        return micros(self.value()) if self.timed else None


def micros(value: date) -> int:
    """Microseconds since 1970; a time without zone counts as UTC, a date as its midnight."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt. `code` is empty when it went well. Times in milliseconds."""

    started_at: int
    finished_at: int
    rows: int
    refused: int
    code: str = ""
    message: str = ""


class Loaded(msgspec.Struct, frozen=True):
    """A row that was loaded, and its high-water."""

    digest: str
    high: High


def prepare(store: Store) -> None:
    with store.transaction():
        store.con.execute(TABLES)


def has_tables(store: Store) -> bool:
    """Whether any pull has run: before, there is nothing to ask."""
    found = store.con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'pull_runs'"
    ).fetchone()
    return bool(found and found[0])


def reached(store: Store, name: str) -> tuple[High | None, Counter[str], int]:
    """How far the pull is, which rows near there were loaded, and how many in all."""
    if not has_tables(store):
        return None, Counter(), 0
    return high_of(store, name), seen_of(store, name), rows_of(store, name)


def high_of(store: Store, name: str) -> High | None:
    row = store.con.execute(
        "SELECT kind, high FROM pulls WHERE name = $name", {"name": name}
    ).fetchone()
    return None if row is None else High(*row)


def column_of(store: Store, name: str) -> str | None:
    """The high-water column of the pull's runs so far."""
    if not has_tables(store):
        return None
    row = store.con.execute(
        "SELECT high_water FROM pulls WHERE name = $name", {"name": name}
    ).fetchone()
    return None if row is None else str(row[0])


def rows_of(store: Store, name: str) -> int:
    """Loaded by the pull since its first run."""
    row = store.con.execute("SELECT rows FROM pulls WHERE name = $name", {"name": name}).fetchone()
    return 0 if row is None else int(row[0])


def seen_of(store: Store, name: str) -> Counter[str]:
    """How often each row near the high-water was loaded, by its digest."""
    rows = store.con.execute(
        "SELECT digest, count(*) FROM pull_seen WHERE name = $name GROUP BY digest", {"name": name}
    ).fetchall()
    return Counter(dict(rows))


def remember(
    store: Store,
    name: str,
    loaded: Sequence[Loaded],
    *,
    column: str,
    before: int,
    overlap: int,
    now: int,
) -> None:
    """The pull is now as far as the last of these rows. Call it in the rows' own transaction.

    `before`: how many that were when it was decided which rows are new. Unavailable `pull.running`
    when another has loaded some since, so that not even two processes store a row twice.
    """
    if rows_of(store, name) != before:
        message = f"the pull “{name}” is being run by somebody else"
        raise Unavailable("pull.running", message, hint="wait until it has ended")
    high = loaded[-1].high
    con = store.con
    con.execute(
        "INSERT INTO pull_seen SELECT $name, unnest($digests), unnest($highs),"
        " unnest($ats::BIGINT[])",
        {
            "name": name,
            "digests": [row.digest for row in loaded],
            "highs": [row.high.text for row in loaded],
            "ats": [row.high.at() for row in loaded],
        },
    )
    at = high.at()
    if at is None:
        con.execute(
            "DELETE FROM pull_seen WHERE name = $name AND high <> $high",
            {"name": name, "high": high.text},
        )
    else:
        con.execute(
            "DELETE FROM pull_seen WHERE name = $name AND (micros IS NULL OR micros < $low)",
            {"name": name, "low": at - overlap * 1_000_000},
        )
    rows = before + len(loaded)
    con.execute("DELETE FROM pulls WHERE name = $name", {"name": name})
    con.execute(
        "INSERT INTO pulls VALUES ($name, $column, $kind, $high, $rows, $now)",
        {
            "name": name,
            "column": column,
            "kind": high.kind,
            "high": high.text,
            "rows": rows,
            "now": now,
        },
    )


def note_run(store: Store, name: str, run: Run) -> None:
    with store.transaction():
        store.con.execute(
            "INSERT INTO pull_runs VALUES ($name, $started, $finished, $rows, $refused, $code,"
            " $message)",
            {
                "name": name,
                "started": run.started_at,
                "finished": run.finished_at,
                "rows": run.rows,
                "refused": run.refused,
                "code": run.code,
                "message": run.message,
            },
        )
        store.con.execute(
            "DELETE FROM pull_runs WHERE name = $name AND started_at < (SELECT min(started_at) FROM"
            " (SELECT started_at FROM pull_runs WHERE name = $name ORDER BY started_at DESC"
            " LIMIT $most))",
            {"name": name, "most": RUNS},
        )


def last_run(store: Store, name: str) -> Run | None:
    row = store.con.execute(
        "SELECT started_at, finished_at, rows, refused, code, message FROM pull_runs"
        " WHERE name = $name ORDER BY started_at DESC, rowid DESC LIMIT 1",
        {"name": name},
    ).fetchone()
    if row is None:
        return None
    return msgspec.convert(dict(zip(Run.__struct_fields__, row, strict=True)), Run)
