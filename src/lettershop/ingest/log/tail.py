"""The end of the log, where it is written: the newest file, the next sequence number."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache
from itertools import chain, pairwise, zip_longest
from pathlib import Path

import structlog

from lettershop.ingest.log.files import (
    LogFile,
    create,
    last_seq_in,
    list_files,
    make_folder,
    open_to_read,
    open_to_write,
    remove,
    sync_folder,
)
from lettershop.ingest.log.repair import repaired
from lettershop.model.clock import DAY, Clock
from lettershop.model.errors import InputError

FULL = 256_000_000
"""Bytes after which a new file is begun. So does a new day: days can be forgotten."""
STATEMENT = 64
"""Rows in one INSERT: one call into SQLite, so the thread takes turns with others once."""

SIZES = """
    SELECT max(seq), sum(length(body)) FROM request WHERE seq > ? GROUP BY seq / 1000 ORDER BY 1
"""

Item = tuple[int, str, str, bytes]
"""received_at, source, call, body"""

_log = structlog.get_logger()


class Tail:
    """Opened, and if need be repaired, in any thread; afterwards `write` is for one thread."""

    def __init__(self, folder: Path, clock: Clock, loaded: int) -> None:
        self._folder, self._clock = folder, clock
        self._broken = False
        make_folder(folder)
        try:
            for file, following in self._unloaded(loaded):
                repaired(file, following)
            self._open(loaded)
        except (sqlite3.Error, OSError) as error:
            message = f"the log of incoming requests cannot be opened: {error}"
            raise InputError("intake.log", message, where=str(folder)) from None

    def write(self, items: Sequence[Item]) -> None:
        """All of them, durably, or none. sqlite3.Error, OSError; the next write starts afresh."""
        if self._broken:
            self.close()
            self._open(self.last_seq)
        try:
            if self._bytes > FULL or self._clock.now() // DAY != self._day:
                self._begin_file()
            self._insert(items)
        except (sqlite3.Error, OSError):
            self._broken = True
            raise
        self.last_seq += len(items)
        self._bytes += sum(len(item[3]) for item in items)

    def sizes_after(self, seq: int) -> Iterator[tuple[int, int]]:
        """(sequence number, bytes of the bodies up to it) of everything after `seq`."""
        for file, _ in self._unloaded(seq):
            with closing(open_to_read(file)) as connection:
                yield from connection.execute(SIZES, (seq,))

    def forget(self, upto_seq: int, before_ms: int) -> int:
        forgotten = 0
        files = list_files(self._folder)
        for file, following in pairwise(files):
            if following.first - 1 > upto_seq or _newest(file) >= before_ms:
                break
            remove(file.path)
            forgotten += 1
            _log.info("intake.forgotten", file=file.path.name)
        if forgotten:
            sync_folder(self._folder)
        return forgotten

    def close(self) -> None:
        self._connection.close()

    def _unloaded(self, loaded: int) -> Iterator[tuple[LogFile, int | None]]:
        """The files that will be written to or read again, each with where the next one begins."""
        files = list_files(self._folder)
        for file, following in zip_longest(files, files[1:]):
            if following is None or following.first > loaded + 1:
                yield file, following and following.first

    def _open(self, at_least: int) -> None:
        files = list_files(self._folder)
        self._file = files[-1] if files else create(self._folder, at_least + 1)
        self._connection = open_to_write(self._file)
        self.last_seq = last_seq_in(self._connection, self._file)
        if self.last_seq < at_least:
            _log.error("intake.gap", first_lost=self.last_seq + 1, last_lost=at_least)
            self.last_seq = at_least
        self._broken = False
        self._measure()

    def _begin_file(self) -> None:
        if self._bytes == 0:  # still empty: it may as well serve today
            self._day = self._clock.now() // DAY
            return
        fresh = create(self._folder, self.last_seq + 1)
        self.close()
        self._file, self._connection = fresh, open_to_write(fresh)
        self._measure()

    def _measure(self) -> None:
        ask = "SELECT coalesce(sum(length(body)), 0), min(received_at) FROM request"
        self._bytes, oldest = self._connection.execute(ask).fetchone()
        self._day = (self._clock.now() if oldest is None else oldest) // DAY

    def _insert(self, items: Sequence[Item]) -> None:
        rows = [(seq, *item) for seq, item in enumerate(items, self.last_seq + 1)]
        if len(rows) <= STATEMENT:
            self._connection.execute(_statement(len(rows)), [*chain.from_iterable(rows)])
            return
        with self._connection:
            self._connection.execute("BEGIN")
            for start in range(0, len(rows), STATEMENT):
                block = rows[start : start + STATEMENT]
                self._connection.execute(_statement(len(block)), [*chain.from_iterable(block)])


@cache
def _statement(rows: int) -> str:
    places = ", ".join(["(?, ?, ?, ?, ?)"] * rows)
    return f"INSERT INTO request VALUES {places}"  # noqa: S608 -- nothing but question marks


def _newest(file: LogFile) -> int:
    with closing(open_to_read(file)) as connection:
        (newest,) = connection.execute("SELECT max(received_at) FROM request").fetchone()
    return 0 if newest is None else int(newest)
