"""A chunk of the log on its way into the database: facts, and which call each came from.

Calls are numbered from 0 through the whole chunk (`count` is the next one's number).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from lettershop.engines.duckdb.parts import EventRow, Numbered, Part, event_row
from lettershop.ingest.calls.call import Call
from lettershop.ingest.calls.read import Raw, pieces
from lettershop.ingest.calls.refusal import Refusal
from lettershop.ingest.calls.who import Who
from lettershop.ingest.log.request import Request
from lettershop.model.errors import InputError
from lettershop.model.facts import AnyFact, EventFact

MOST_RAW = 32 * 1024


class Position(msgspec.Struct, frozen=True):
    """All of the log up to request `seq`, and the first `part` calls of the one after it."""

    seq: int
    part: int = 0


class Problem(msgspec.Struct, frozen=True):
    """Something about a call that is to be kept as a refusal; `note`: the call was loaded."""

    number: int
    code: str
    message: str
    note: bool = False


class Chunk:
    """`owners` says for each fact the number of its call; `joined` which identities were joined.

    Facts are collected in `part`, of which `ordinary` are the events by name that do nothing
    besides happening. With `keep` only so many of the last calls are remembered.
    """

    def __init__(self, requests: Sequence[Request], skip: int, keep: int | None = None) -> None:
        self.requests, self.skip = requests, skip
        self.part = Part({}, [])
        self.ordinary: dict[str | None, list[EventRow]] = {}
        self.owners: list[int] = []
        self.problems: list[Problem] = []
        self.joined: dict[Who, int] = {}
        self.count = 0
        self._keep = keep
        self._begins: list[int] = []
        self._calls: dict[int, list[Call | InputError]] = {}
        self._facts: list[Numbered] = []
        self._pieces: dict[int, list[Raw]] = {}

    def begin(self, calls: list[Call | InputError]) -> int:
        """Note that the next request begins; how many of its calls are loaded already."""
        loaded = self.skip if not self._begins else 0
        number = len(self._begins)
        self._begins.append(self.count - loaded)
        self._calls[number] = calls
        if self._keep is not None:
            first = next(iter(self._calls))
            if first < number and self.count - self._begins[first + 1] >= self._keep:
                del self._calls[first]
        return loaded

    def add(self, fact: AnyFact) -> None:
        """Note a fact of the current call."""
        number = len(self.owners)
        self.owners.append(self.count)
        if isinstance(fact, EventFact):
            self.events_of(fact.name).append(event_row(number, fact))
        else:
            self.part.others.append((number, fact))

    def events_of(self, name: str) -> list[EventRow]:
        return self.part.events.setdefault(name, [])

    def end_part(self) -> Part:
        """The facts since the last part."""
        part, self.part, self.ordinary = self.part, Part({}, []), {}
        first = 0
        if self._keep is not None:
            first = bisect_left(self.owners, self.count - self._keep)
            self._facts = [pair for pair in self._facts if pair[0] >= first]
        self._facts += part.facts(first)
        return part

    def facts(self, first: int, last: int) -> list[AnyFact]:
        """The facts of the calls from `first` up to but not including `last`, in order; of those
        that are remembered."""
        where = self.facts_of(first, last)
        begin = self._facts[0][0] if self._facts else 0
        found = self._facts[max(0, where.start - begin) : max(0, where.stop - begin)]
        return [fact for _, fact in found]

    @property
    def index(self) -> int:
        """The place of the current call in its request."""
        return self.count - self._begins[-1]

    def refuse(self, error: InputError) -> None:
        self.problems.append(Problem(self.count, error.code, said(error)))

    def note(self, error: InputError) -> None:
        self.problems.append(Problem(self.count, error.code, said(error), note=True))

    def place(self, number: int) -> tuple[int, int]:
        """(number of the request in the chunk, index in its batch) of a call."""
        request = bisect_right(self._begins, number) - 1
        return request, number - self._begins[request]

    def call(self, number: int) -> Call | InputError:
        request, index = self.place(number)
        return self._calls[request][index]

    def facts_of(self, first: int, last: int) -> slice:
        """The numbers of the facts of the calls from `first` up to but not including `last`."""
        return slice(bisect_left(self.owners, first), bisect_left(self.owners, last))

    def position(self, number: int) -> Position:
        """Where the log stands once all calls before `number` are loaded."""
        if number >= self.count:
            return Position(self.requests[-1].seq)
        request, index = self.place(number)
        return Position(self.requests[request].seq - 1, index)

    def stretches(self, first: int, last: int) -> Iterator[tuple[Request, int]]:
        """The requests of the calls from `first` up to but not including `last`, each with how many
        of those are its own."""
        if first >= last:
            return
        for number in range(self.place(first)[0], len(self._begins)):
            begin = max(first, self._begins[number])
            if begin >= last:
                return
            after = number + 1
            end = self._begins[after] if after < len(self._begins) else self.count
            yield self.requests[number], min(last, end) - begin

    def raw(self, number: int) -> bytes:
        """A call as it was sent."""
        place, index = self.place(number)
        if place not in self._pieces:
            self._pieces = {place: pieces(self.requests[place])}
        found = self._pieces[place]
        return bytes(found[index]) if index < len(found) else self.requests[place].body

    def refusal(self, problem: Problem) -> Refusal:
        number, index = self.place(problem.number)
        request, raw = self.requests[number], self.raw(problem.number)
        return Refusal(
            seq=request.seq,
            index=index,
            source=request.source,
            received_at=request.received_at,
            code=problem.code,
            message=problem.message,
            raw=raw[:MOST_RAW].decode("utf-8", "replace"),
            level="note" if problem.note else "error",
        )


def said(error: InputError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message
