"""The loader: from the durable log into the engine, each call exactly once.

A chunk of calls, the refusals among them and the position in the log are one transaction. If the
engine cannot take a chunk, it is loaded in halves, down to the one call that it cannot take: that
one is refused. A failure of the engine itself (the disk is full) is nobody's fault: it is raised,
nothing is refused, and the next step tries again, with less at a time.
"""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Protocol

import duckdb
import msgspec
import structlog

from lettershop.engines.duckdb.arrivals import Came, note_arrivals
from lettershop.engines.duckdb.refusals import Refused as KeptRefused, keep_refusals
from lettershop.engines.duckdb.rows import Loaded, Loading, load_facts
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.calls.chunk import Chunk, Position, Problem
from lettershop.ingest.calls.settle import has_alias, settle, settle_others
from lettershop.ingest.calls.translate import Translator
from lettershop.ingest.loader_guard import Guard
from lettershop.ingest.loader_seen import SHOWN, last_seen, outcomes
from lettershop.ingest.log.request import Request
from lettershop.ingest.seen import Seen
from lettershop.model.clock import DAY
from lettershop.model.errors import Unavailable, WorkspaceError
from lettershop.model.settings import Settings

_log = structlog.get_logger("lettershop.loader")

MOST_BYTES = 36_000_000
"""Of bodies in one step: 50,000 to 100,000 events."""
USUAL_BYTES = 300
"""Of a call."""
LEAST_BYTES = 100_000
"""What a step is cut down to, at most, while the engine fails."""
MOST_UNLOADABLE = 20
"""Calls refused as unloadable before a step ends: each has cost a search."""

_SEQ, _PART = "intake_seq", "intake_part"
_OUR_TROUBLE = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.ConnectionException,
    duckdb.TransactionException,
    duckdb.InterruptException,
    duckdb.PermissionException,
    MemoryError,
    OSError,
    Unavailable,
    WorkspaceError,
)
"""Failures of the engine, its disk or memory: no fault of the events."""


class Holder(Protocol):
    """What holds the facts."""

    @property
    def store(self) -> Store: ...


class Owner(Protocol):
    """Lends the facts to one writer at a time."""

    def write(self) -> AbstractContextManager[Holder]: ...


class Log(Protocol):
    """The durable log, read from behind: the requests after `seq`, at least one if there is one."""

    def after(self, seq: int, most_bytes: int) -> Sequence[Request]: ...


OnLoaded = Callable[[list[Seen], Counter[str]], None]
"""Gets the last calls that were loaded, and how many there were by outcome."""


class Step(msgspec.Struct, kw_only=True):
    """What one step did. `events` counts calls, of them `duplicates` and `refused`; `seq` is the
    last request that is loaded whole."""

    requests: int = 0
    events: int = 0
    duplicates: int = 0
    refused: int = 0
    notes: int = 0
    facts: int = 0
    seq: int = 0
    seconds: float = 0.0


class Loader:
    """One per database. `step` may be called from any thread, by one at a time."""

    def __init__(
        self,
        owner: Owner,
        log: Log,
        settings: Settings,
        on_loaded: OnLoaded | None = None,
        *,
        most_bytes: int = MOST_BYTES,
        guard: Guard | None = None,
    ) -> None:
        self._owner, self._log, self._tell = owner, log, on_loaded or _untold
        self._guard = guard or Guard(None)
        self._translator = Translator(settings)
        self._most_bytes = self._bytes = most_bytes
        self._untold: list[tuple[list[Seen], Counter[str]]] = []
        with owner.write() as held:
            self._at = _position(held.store)

    @property
    def position(self) -> int:
        """The last request that is loaded whole."""
        return self._at.seq

    def step(self) -> Step:
        """Load what has come; `requests` is 0 when there was nothing.

        Raises what the engine raises when it fails: call it again later, nothing is lost.
        """
        started = time.perf_counter()
        try:
            with _uncollected():
                done = self._step()
        finally:
            untold, self._untold = self._untold, []
            for seen, counts in untold:
                self._tell(seen, counts)
        done.seq, done.seconds = self._at.seq, time.perf_counter() - started
        return done

    def _step(self) -> Step:
        with self._owner.write() as held:
            self._at = _position(held.store)
        requests = self._log.after(self._at.seq, self._bytes)
        done = Step()
        if requests:
            chunk = Chunk(requests, self._at.part, keep=SHOWN)
            try:
                self._load(chunk, done)
            except BaseException:
                self._bytes = max(min(LEAST_BYTES, self._most_bytes), self._bytes // 4)
                raise
            self._bytes = min(self._most_bytes, self._bytes * 2)
            done.requests = len(requests)
        return done

    def _load(self, chunk: Chunk, done: Step) -> None:
        with self._owner.write() as held:
            if _position(held.store) != self._at:
                return  # somebody else has moved it: start again from there
            careful = self._guard.cautious(self._at)
            if not careful:
                try:
                    with self._guard.trying(self._at, *_extent(chunk)):
                        self._whole(held.store, chunk, done)
                except _OUR_TROUBLE:
                    raise
                except Exception as error:
                    _log.warning("loader.in_pieces", why=" ".join(str(error).split())[:300])
                    careful = True
            if careful:
                chunk = self._translator.translate(chunk.requests, chunk.skip)
                if not self._carefully(held.store, chunk, done):
                    return
            self._translator.loaded(chunk)

    def _whole(self, store: Store, chunk: Chunk, done: Step) -> None:
        """Load a chunk that is new, part by part; all at once where its parts depend on another."""
        with store.transaction():
            loading, loaded, alias = Loading(store), None, False
            for part in self._translator.parts(chunk):
                loading.begin(part)
                alias |= has_alias(part)
            if not alias:
                loaded = loading.finish(partial(settle_others, store))
            if loaded is None:
                again = self._translator.translate(chunk.requests, chunk.skip)
                loaded = load_facts(store, settle(store, again.facts(0, again.count)))
            problems = [*chunk.problems, *_refused(chunk, 0, loaded)]
            position = self._note(store, chunk, problems, (0, chunk.count))
        self._committed(chunk, (0, chunk.count), position, problems, loaded, done)

    def _carefully(self, store: Store, chunk: Chunk, done: Step) -> bool:
        """Load what can be loaded of a chunk that was not taken whole, or over which a process
        ended; whether it is all done."""
        first = 0
        while first < chunk.count:
            at, wanted = self._at, chunk.count - first
            calls = self._guard.calls(at, wanted)
            if not calls:
                self._give_up(store, chunk, first, RuntimeError("it ended the process"), done)
                first += 1
                continue
            last = first + calls
            pieces = [(first, last)] if calls < chunk.count else _halves(first, last)
            with self._guard.trying(at, chunk.position(last), calls):
                if not self._in_halves(store, chunk, pieces, done):
                    return False
            first = last
        if not chunk.count:
            self._commit(store, chunk, (0, 0), done)
        return True

    def _in_halves(
        self, store: Store, chunk: Chunk, ranges: list[tuple[int, int]], done: Step
    ) -> bool:
        """Load ranges of calls, the last one first, in halves where they are not taken."""
        unloadable = 0
        while ranges and unloadable < MOST_UNLOADABLE:
            first, last = ranges.pop()
            try:
                self._commit(store, chunk, (first, last), done)
            except _OUR_TROUBLE:
                raise
            except Exception as error:
                if last - first > 1:
                    ranges += _halves(first, last)
                    continue
                unloadable += 1
                self._give_up(store, chunk, first, error, done)
        return not ranges

    def _commit(self, store: Store, chunk: Chunk, calls: tuple[int, int], done: Step) -> None:
        """Load the calls from one number up to another."""
        first, last = calls
        with store.transaction():
            start = chunk.facts_of(first, last).start
            loaded = load_facts(store, settle(store, chunk.facts(first, last)))
            problems = [p for p in chunk.problems if first <= p.number < last]
            problems += _refused(chunk, start, loaded)
            position = self._note(store, chunk, problems, calls)
        self._committed(chunk, calls, position, problems, loaded, done, start)

    def _committed(
        self,
        chunk: Chunk,
        calls: tuple[int, int],
        position: Position,
        problems: Sequence[Problem],
        loaded: Loaded,
        done: Step,
        start: int = 0,
    ) -> None:
        self._at = position
        repeated = {chunk.owners[start + row] for row in loaded.repeated}
        self._report(chunk, *calls, problems, repeated, done)
        done.facts += loaded.rows

    def _give_up(
        self, store: Store, chunk: Chunk, number: int, error: Exception, done: Step
    ) -> None:
        """Refuse the one call the engine cannot take."""
        earlier = [p for p in chunk.problems if p.number == number]
        why = " ".join(str(error).split())[:300]
        message = f"the database cannot take this event: {why}"
        problems = [*earlier, Problem(number, "event.unloadable", message)]
        with store.transaction():
            position = self._note(store, chunk, problems, (number, number + 1))
        self._at = position
        self._report(chunk, number, number + 1, problems, (), done)

    def _note(
        self, store: Store, chunk: Chunk, problems: Sequence[Problem], calls: tuple[int, int]
    ) -> Position:
        """What is kept of the calls from one number up to another beside their facts."""
        first, last = calls
        refused = [msgspec.structs.asdict(chunk.refusal(problem)) for problem in problems]
        keep_refusals(store, [KeptRefused(**row) for row in refused])
        note_arrivals(store, _came(chunk, first, last, problems))
        position = chunk.position(last)
        store.set_meta(_SEQ, str(position.seq))
        store.set_meta(_PART, str(position.part))
        return position

    def _report(
        self,
        chunk: Chunk,
        first: int,
        last: int,
        problems: Sequence[Problem],
        repeated: set[int] | tuple[()],
        done: Step,
    ) -> None:
        counts = outcomes(last - first, problems, repeated)
        done.events += last - first
        done.duplicates += counts["duplicate"]
        done.refused += counts["refused"]
        done.notes += sum(p.note for p in problems)
        self._untold.append((last_seen(chunk, first, last, problems, repeated), counts))


def _came(chunk: Chunk, first: int, last: int, problems: Sequence[Problem]) -> Counter[Came]:
    """The calls by day, source and outcome; a duplicate came as well."""
    came: Counter[Came] = Counter()
    for request, calls in chunk.stretches(first, last):
        came[request.received_at // DAY, request.source, "loaded"] += calls
    for number in {problem.number for problem in problems if not problem.note}:
        request = chunk.requests[chunk.place(number)[0]]
        came[request.received_at // DAY, request.source, "loaded"] -= 1
        came[request.received_at // DAY, request.source, "refused"] += 1
    return +came


def _extent(chunk: Chunk) -> tuple[Position, int]:
    """Where a chunk that is not read yet ends, and about how many calls it holds."""
    size = sum(len(request.body) for request in chunk.requests)
    return Position(chunk.requests[-1].seq), max(2, size // USUAL_BYTES)


def _untold(seen: list[Seen], counts: Counter[str]) -> None:
    """For a loader that nobody listens to."""


def _halves(first: int, last: int) -> list[tuple[int, int]]:
    """What is to be tried instead of a range, the first at the end; one call cannot be halved."""
    middle = (first + last) // 2
    return [part for part in ((middle, last), (first, middle)) if part[0] < part[1]]


def _refused(chunk: Chunk, start: int, loaded: Loaded) -> list[Problem]:
    """What the engine would not take: events, whose calls are refused then; and of what it took,
    that which could not be done."""
    found = []
    for refused in loaded.refused:
        found.append(Problem(chunk.owners[start + refused.row], refused.code, refused.message))
    for said in loaded.notes:
        row = start + said.row
        found.append(Problem(chunk.owners[row], said.code, said.message, note=True))
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for garbage in cycles, of which a step makes none: among a hundred thousand
    events that are all in use the search takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _position(store: Store) -> Position:
    return Position(int(store.meta(_SEQ) or 0), int(store.meta(_PART) or 0))
