"""The journal of one sender process: what must be on disk before a final dot is said.

All connections share it. The first record of a group waits three milliseconds for others, then one
write and one fdatasync serve them all; while that runs the next group gathers. (A letter takes
about a millisecond of building, so without the wait nearly every one would get its own sync.)

The files are `<holder>.<number>.log`; `<holder>.lock` is locked for as long as the process lives,
so that others can see when it is gone (recovery.py).
"""

import asyncio
import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from lettershop.delivery.senders.lines import Record, line

GROUP: Final = 0.003
"""Seconds the first record of a group waits."""
ROTATE: Final = 4_000_000
"""Bytes after which a new file is begun; the old one goes when all of it is in the ledger."""


class JournalStats(msgspec.Struct):
    records: int = 0
    syncs: int = 0
    bytes: int = 0


class Broken(Exception):
    """The journal cannot be written: nothing may be sent any more."""


class Journal:
    """Open it in the event loop that uses it; `close` in the end. OSError when the folder cannot be
    used."""

    def __init__(self, folder: Path, holder: str, rotate: int = ROTATE) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.holder, self.stats = holder, JournalStats()
        self._folder, self._rotate = folder, rotate
        self._lock = _locked(folder, holder)
        self._number, self._size = 0, 0
        self._open: dict[int, set[int]] = {}
        """By file: rows that have a record in it and are not known to be in the ledger."""
        self._file = self._begin()
        self._waiting: list[Record] = []
        self._unsettled: set[int] = set()
        """Rows of the records that are waiting, but for those the ledger knows already."""
        self._done: asyncio.Future[None] | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._broken: Broken | None = None

    async def write(self, record: Record) -> None:
        """Returns when the record is on disk. Broken when it cannot be known to be."""
        await asyncio.shield(self.add(record))

    def add(self, record: Record) -> "asyncio.Future[None]":
        """Put it behind all before it; the future is done when it is on disk."""
        if self._broken is not None:
            raise self._broken
        loop = asyncio.get_running_loop()
        if self._done is None:
            self._done = loop.create_future()
            self._done.add_done_callback(_seen)
        self._waiting.append(record)
        self._unsettled.add(record.id)
        if self._flushing is None:
            self._flushing = loop.create_task(self._flush())
        return self._done

    def settled(self, row: int) -> None:
        """The ledger knows what came of this row. Files that hold nothing else are removed."""
        self._unsettled.discard(row)
        for number, rows in list(self._open.items()):
            rows.discard(row)
            if not rows and number != self._number:
                del self._open[number]
                self._path(number).unlink(missing_ok=True)

    async def close(self) -> None:
        """Write what is waiting. When all is in the ledger, nothing of it stays."""
        while self._flushing is not None:
            await asyncio.wait([self._flushing])
        self._thread.shutdown()
        os.close(self._file)
        if self._broken is None and not any(self._open.values()):
            for number in self._open:
                self._path(number).unlink(missing_ok=True)
            self._folder.joinpath(f"{self.holder}.lock").unlink(missing_ok=True)
        os.close(self._lock)

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(GROUP)
            records, done = self._waiting, self._done
            self._waiting, self._done = [], None
            self._open[self._number] |= self._unsettled
            self._unsettled = set()
            try:
                await loop.run_in_executor(self._thread, self._to_disk, records)
                self._turn()
            except OSError as error:
                # What a failed sync has left on disk nobody knows; trying again would hide that.
                self._fail(error, done)
                break
            if done is not None and not done.done():
                done.set_result(None)
        self._flushing = None

    def _to_disk(self, records: list[Record]) -> None:
        data = memoryview(b"".join(map(line, records)))
        self.stats.records += len(records)
        self.stats.bytes += len(data)
        self._size += len(data)
        while data:
            data = data[os.write(self._file, data) :]
        os.fdatasync(self._file)
        self.stats.syncs += 1

    def _fail(self, error: OSError, done: "asyncio.Future[None] | None") -> None:
        self._broken = Broken(f"the journal cannot be written: {error}")
        for waiting in (done, self._done):
            if waiting is not None and not waiting.done():
                waiting.set_exception(self._broken)
        self._waiting, self._done = [], None

    def _turn(self) -> None:
        """Begin another file where this one is long."""
        if self._size > self._rotate:
            os.close(self._file)
            self._number, self._size = self._number + 1, 0
            self._file = self._begin()

    def _begin(self) -> int:
        path = self._path(self._number)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        _sync_folder(self._folder)
        self._open[self._number] = set()
        return file

    def _path(self, number: int) -> Path:
        return self._folder / f"{self.holder}.{number:06}.log"


def _seen(done: "asyncio.Future[None]") -> None:
    """Nobody may be waiting for it: its exception is not lost, every later call raises it."""
    if not done.cancelled():
        done.exception()


def _locked(folder: Path, holder: str) -> int:
    """The lock, held from the moment its name is there."""
    part, path = folder / f"{holder}.part", folder / f"{holder}.lock"
    file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    part.rename(path)
    return file


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
