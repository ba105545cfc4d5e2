"""What has arrived, in a SQLite file, or in memory."""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

import msgspec

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, sender TEXT NOT NULL,
    recipients TEXT NOT NULL, author TEXT NOT NULL, subject TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS recipient (
    address TEXT NOT NULL, mail INTEGER NOT NULL REFERENCES mail(id) ON DELETE CASCADE,
    PRIMARY KEY (address, mail)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS recipient_mail ON recipient (mail);
"""
_PATIENCE: Final = 10.0
"""Seconds for others that open the same new file."""
_COLUMNS: Final = "id, at, sender, recipients, author, subject, length(content)"


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: ms. `sender` and `recipients`: of the envelope; `author`: what From says."""

    id: int
    at: int
    sender: str
    recipients: tuple[str, ...]
    author: str
    subject: str
    size: int


class Store:
    """For several threads. `path` None: in memory."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        self._lock = Lock()
        self._sql = sqlite3.connect(path or ":memory:", check_same_thread=False)
        _to_wal(self._sql)
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
            self._sql.execute(f"PRAGMA {pragma}")
        self._sql.executescript(_TABLES)

    def close(self) -> None:
        with self._lock:
            self._sql.close()

    def keep(
        self, sender: str, recipients: Sequence[str], author: str, subject: str, content: bytes
    ) -> int:
        """Its number; it is in the file when this returns."""
        row = time.time_ns() // 1_000_000, sender, "\n".join(recipients), author, subject, content
        with self._lock, self._sql:
            number = self._sql.execute(
                "INSERT INTO mail (at, sender, recipients, author, subject, content)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            ).lastrowid
            if number is None:
                raise RuntimeError("SQLite gave the mail no number")
            folded = {one.lower() for one in recipients}
            self._sql.executemany(
                "INSERT INTO recipient VALUES (?, ?)", [(one, number) for one in folded]
            )
        return number

    def count(self, address: str = "") -> int:
        """Of all, or to an address."""
        if address:
            query = "SELECT count(*) FROM recipient WHERE address = ?"
            return int(self._rows(query, (address.lower(),))[0][0])
        return int(self._rows("SELECT count(*) FROM mail")[0][0])

    def counts(self) -> dict[str, int]:
        """How many each address got."""
        return dict(self._rows("SELECT address, count(*) FROM recipient GROUP BY address"))

    def to(self, address: str) -> list[Mail]:
        """Everything an address got, in the order it came."""
        query = (
            f"SELECT {_COLUMNS} FROM mail WHERE id IN"  # noqa: S608  (our own column names)
            " (SELECT mail FROM recipient WHERE address = ?) ORDER BY id"
        )
        return [_mail(row) for row in self._rows(query, (address.lower(),))]

    def newest(self, words: str = "", before: int | None = None, limit: int = 50) -> list[Mail]:
        """The newest first, those numbered below `before`. `words`: in an address or a subject."""
        query = (
            f"SELECT {_COLUMNS} FROM mail WHERE id < ? AND (? = ''"  # noqa: S608  (our own names)
            " OR instr(lower(recipients || ' ' || sender || ' ' || author || ' ' || subject), ?))"
            " ORDER BY id DESC LIMIT ?"
        )
        most = 2**62 if before is None else before
        folded = words.strip().lower()
        return [_mail(row) for row in self._rows(query, (most, folded, folded, limit))]

    def get(self, number: int) -> Mail | None:
        query = f"SELECT {_COLUMNS} FROM mail WHERE id = ?"  # noqa: S608  (our own column names)
        rows = self._rows(query, (number,))
        return _mail(rows[0]) if rows else None

    def content(self, number: int) -> bytes:
        """As it came, dots unstuffed; empty when there is none of that number."""
        rows = self._rows("SELECT content FROM mail WHERE id = ?", (number,))
        return bytes(rows[0][0]) if rows else b""

    def clear(self) -> int:
        """How many were deleted; numbers go on."""
        with self._lock, self._sql:
            return self._sql.execute("DELETE FROM mail").rowcount

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._sql.execute(query, values).fetchall()


def _mail(row: tuple[Any, ...]) -> Mail:
    number, at, sender, recipients, author, subject, size = row
    return msgspec.convert(
        {
            "id": number,
            "at": at,
            "sender": sender,
            "recipients": str(recipients).split("\n"),
            "author": author,
            "subject": subject,
            "size": size,
        },
        Mail,
    )


def _to_wal(connection: sqlite3.Connection) -> None:
    """Of two that change the mode of a new file at one time SQLite refuses one at once, whatever
    its timeout; so we wait here."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
