"""Reading the log: what came after a sequence number, in another thread or process if need be."""

import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType

import structlog

from lettershop.ingest.log.files import LogFile, last_seq_in, list_files, open_to_read
from lettershop.ingest.log.repair import as_request, is_damage, readable
from lettershop.ingest.log.request import Request

_log = structlog.get_logger()

AFTER = "SELECT seq, received_at, source, call, body FROM request WHERE seq > ? ORDER BY seq"
TOGETHER = 64
"""Rows fetched at a time."""


class LogReader:
    """Reads while others write; sees whatever has been committed. Threads may share one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._known_damaged: set[LogFile] = set()
        self._open: tuple[LogFile, sqlite3.Connection] | None = None

    def __enter__(self) -> "LogReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def after(self, seq: int, most_bytes: int) -> list[Request]:
        """The requests that follow `seq`, at most that many bytes of bodies, but at least one.

        Empty when there is nothing newer. Requests forgotten meanwhile are left out.
        """
        found: list[Request] = []
        size = 0
        with self._guard:
            for request in self._following(seq):
                size += len(request.body)
                if found and size > most_bytes:
                    break
                found.append(request)
        return found

    def last_seq(self) -> int:
        """The newest sequence number; 0 when nothing was ever logged."""
        with self._guard:
            for file in reversed(list_files(self._folder)):
                try:
                    return last_seq_in(self._connection(file), file)
                except sqlite3.Error as error:
                    if not is_damage(error):
                        raise
                    self._damaged(file, error)
        return 0

    def first_seq(self) -> int:
        """The oldest sequence number still there; 0 when there is none."""
        found = self.after(0, 0)
        return found[0].seq if found else 0

    def close(self) -> None:
        with self._guard:
            self._forget()

    def _following(self, seq: int) -> Iterator[Request]:
        files = list_files(self._folder)
        place = max(0, bisect_right(files, seq + 1, key=lambda f: f.first) - 1)
        for position, file in enumerate(files[place:], place):
            stop = files[position + 1].first if position + 1 < len(files) else None
            yield from self._in(file, seq, stop)

    def _in(self, file: LogFile, seq: int, stop: int | None) -> Iterator[Request]:
        """What follows `seq` in one file. Where it is damaged, whatever can still be read."""
        try:
            with closing(self._connection(file).execute(AFTER, (seq,))) as rows:
                while block := rows.fetchmany(TOGETHER):
                    for row in block:
                        seq = row[0]
                        yield as_request(row)
        except sqlite3.Error as error:
            if is_damage(error):
                self._damaged(file, error)
                if stop is not None:  # the newest file is repaired when the writer starts
                    yield from readable(file, max(seq + 1, file.first), stop)
            elif file.path.exists():
                raise
            else:
                self._forget()  # removed meanwhile, by the retention rule

    def _connection(self, file: LogFile) -> sqlite3.Connection:
        if self._open is None or self._open[0] != file:
            self._forget()
            self._open = (file, open_to_read(file))
        return self._open[1]

    def _forget(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _damaged(self, file: LogFile, error: sqlite3.Error) -> None:
        self._forget()
        if file not in self._known_damaged:
            self._known_damaged.add(file)
            _log.error("intake.damaged", file=file.path.name, error=str(error))
