"""An event that kills the process must not do so for ever.

Before calls are given to the engine, how many and from where is written to a small file; afterwards
it is removed. What is found there at a start ended the process: then fewer are tried at once, and a
single call that did it again and again is not tried any more. Before each further attempt at one it
waits a little longer: whoever cuts the power, or ends servers that are just starting, then hits the
pause, which does not count.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from lettershop.ingest.calls.chunk import Position

DIVIDED_BY = 10
MOST_ALONE = 5
"""Attempts at a single call. Something else may have been the cause of some: a good event must not
be refused for that."""
PAUSE = 1.0
"""Seconds before the second attempt at a single call; twice as long before the third, and so on."""


class Attempt(msgspec.Struct, frozen=True):
    """`calls` from `start` up to `end` were tried; `deaths`: how often the process ended then."""

    start: tuple[int, int]
    end: tuple[int, int]
    calls: int
    deaths: int


class Guard:
    """`path` is the small file; None: nothing is guarded. One per loader. `wait`: for so many
    seconds."""

    def __init__(self, path: Path | None, wait: Callable[[float], None] = time.sleep) -> None:
        self._path, self._wait = path, wait
        self._died = self._read()

    def cautious(self, at: Position) -> bool:
        """Whether a process ended over calls that `at` is among."""
        died = self._died
        return died is not None and died.start <= (at.seq, at.part) < died.end

    def calls(self, at: Position, wanted: int) -> int:
        """How many of the `wanted` calls from `at` on may be tried at once; 0: not even the first
        one any more."""
        died = self._died
        if died is None or not self.cautious(at):
            return wanted
        if died.calls == 1:
            return 0 if died.deaths >= MOST_ALONE else 1
        return min(wanted, max(1, died.calls // DIVIDED_BY))

    @contextmanager
    def trying(self, at: Position, end: Position, calls: int) -> Iterator[None]:
        """The engine gets them inside. However that ends, the process has survived it."""
        if self._path is None:
            yield
            return
        start, stop = (at.seq, at.part), (end.seq, end.part)
        died = self._died
        again = died is not None and (died.start, died.calls) == (start, calls)
        deaths = 1 + (died.deaths if died is not None and again else 0)
        if calls == 1 and deaths > 1:
            self._wait(PAUSE * (deaths - 1))
        part = self._path.with_name(self._path.name + ".part")
        part.write_bytes(msgspec.json.encode(Attempt(start, stop, calls, deaths)))
        part.replace(self._path)
        try:
            yield
        finally:
            self._path.unlink(missing_ok=True)

    def _read(self) -> Attempt | None:
        try:
            return (
                msgspec.json.decode(self._path.read_bytes(), type=Attempt) if self._path else None
            )
        except (OSError, msgspec.DecodeError):
            return None
