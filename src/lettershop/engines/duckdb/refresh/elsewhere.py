"""A refresh of members that another engine has evaluated: what it starts from, what it comes to.

start = begin(store, keeps, as_of)       within the snapshot that the other engine is given
answers = …                              elsewhere, of the same facts, with `start.adjust`
found = taken(store, settings, start, answers)   what changed, to be persisted as ever

Between the two nothing is held: the store may go on loading. What came after the start is left to
the next refresh, as the mark says.
"""

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from pyroaring import BitMap

from lettershop.engines.duckdb.changes import Mark, mark
from lettershop.engines.duckdb.refresh.adjust import Adjustment, inherited
from lettershop.engines.duckdb.refresh.cold import Before, compared
from lettershop.engines.duckdb.refresh.refresher import Found, kept_row, read_before, read_mark
from lettershop.engines.duckdb.refresh.stamps import stamps
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import LettershopError
from lettershop.planning.frame import Frame
from lettershop.planning.keep import Keep
from lettershop.planning.truth import Adjust


class Answers(Protocol):
    """What is needed of an evaluation."""

    @property
    def frame(self) -> Frame: ...
    def members(self, name: str) -> BitMap: ...


class Start(NamedTuple):
    """`mark`: up to where the facts go that are evaluated; `since`: up to where those went whose
    members are stored. `was`: these members, of contacts that became one with another both."""

    keeps: tuple[Keep, ...]
    mark: Mark
    since: Mark | None
    before: Before
    was: Mapping[str, BitMap]

    @property
    def as_of(self) -> int:
        return self.mark.as_of

    def adjust(self, frame: Frame) -> Adjust:
        """Modes and pins, without asking the store."""
        return Adjustment(None, frame, self.keeps, self.before.kept, self.was)


def begin(store: Store, keeps: Sequence[Keep], as_of: int) -> Start:
    """Where a refresh at `as_of` starts; `store` is the snapshot that is evaluated."""
    before = read_before(store)
    was = dict(before.members)
    for keep in keeps:
        said = keep.definition
        if said.mode != "dynamic" and said.subject == "contact" and said.name in was:
            was[said.name] = inherited(store, was[said.name])
    return Start(tuple(keeps), mark(store, as_of), read_mark(store), before, was)


def taken(store: Store, start: Start, answers: Answers, engine: str) -> Found:
    """Who entered and left since the members were stored, with the likeliest reasons.

    `engine`: who evaluated, for `Found.full`. LettershopError `refresh.overtaken` when another
    refresh was stored meanwhile.
    """
    began = time.perf_counter()
    if read_mark(store) != start.since:
        message = "another refresh was stored while members were evaluated elsewhere"
        raise LettershopError("refresh.overtaken", message, hint="it is done again")
    keeps, before, since, end = start.keeps, start.before, start.since, start.mark
    members = {keep.name: answers.members(keep.name) for keep in keeps}
    imported = since is not None and end.imports > since.imports
    why = stamps(
        store.con, store.catalog(), answers.frame, since or end, imported=imported, until=end
    )
    moves = compared(before, keeps, members, answers.frame, why)
    names = {keep.name for keep in keeps}
    changed = {m.segment for m in moves} | (names - before.members.keys())
    return Found(
        mark=end,
        before=since,
        kept=tuple(kept_row(keep, before, len(members[keep.name]), end.as_of) for keep in keeps),
        members={name: members[name] for name in changed & names},
        moves=tuple(moves),
        removed=tuple(sorted(before.kept.keys() - names)),
        pins={keep.name: keep.pins for keep in keeps if keep.pins},
        full=engine,
        seconds=time.perf_counter() - began,
    )
