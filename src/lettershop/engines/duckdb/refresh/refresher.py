"""The refresher: what has changed since the last time, and storing it.

found = refresher.compute(store, keeps, as_of)     reads only; a snapshot will do
refresher.persist(writer, found)                   one transaction
"""

import time
from collections.abc import Mapping, Sequence

import msgspec
from pyroaring import BitMap

from lettershop.engines.duckdb.evaluate import Evaluation, evaluate
from lettershop.engines.duckdb.refresh.adjust import Adjustment
from lettershop.engines.duckdb.refresh.cold import Before, compared
from lettershop.engines.duckdb.refresh.stamps import Tail, stamps, tail
from lettershop.engines.duckdb.refresh.tables import (
    KeptRow,
    Moves,
    read_kept,
    read_memberships,
    write_kept,
    write_memberships,
    write_transitions,
)
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import LettershopError
from lettershop.model.settings import Settings
from lettershop.planning.keep import Keep, Pin

MARK, PINS, NEXT = "refresh_mark", "refresh_pins", "next_transition"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Up to where the stored members have everything: the moment, and the end of each table."""

    as_of: int
    seq: int
    rows: dict[str, int]
    touched: int
    imports: int

    def tail(self) -> Tail:
        return Tail(self.seq, self.rows, self.touched)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One refresh. `members`: of the segments that changed; `removed`: no longer kept; `full`: why
    everything was evaluated, empty when only what changed was."""

    mark: Mark
    before: Mark | None
    kept: tuple[KeptRow, ...]
    members: dict[str, BitMap]
    moves: tuple[Moves, ...]
    removed: tuple[str, ...]
    pins: dict[str, tuple[Pin, ...]]
    full: str
    seconds: float

    @property
    def as_of(self) -> int:
        return self.mark.as_of

    @property
    def count(self) -> int:
        """How many entered or left."""
        return sum(len(m.subjects) for m in self.moves)


class Refresher:
    """Remembers between steps what would be dear to read again; everything it must not forget is
    stored. `forget` after anything went wrong."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def compute(self, store: Store, keeps: Sequence[Keep], as_of: int) -> Found:
        """Who is in which segment at `as_of`, and who entered or left since the last refresh.

        `keeps`: in any order; all they refer to must be among them. Nothing is stored.
        """
        started = time.perf_counter()
        before, mark = read_before(store), read_mark(store)
        evaluation = self._evaluate(store, keeps, as_of, before)
        members = {keep.name: evaluation.members(keep.name) for keep in keeps}
        end = end_of(store, as_of)
        since = mark or Mark(as_of=as_of, seq=end.seq, rows=end.rows, touched=-1, imports=0)
        why = stamps(
            store.con,
            store.catalog(),
            evaluation.frame,
            since.tail(),
            imported=end.imports > since.imports,
        )
        moves = compared(before, keeps, members, evaluation.frame, why)
        return self._found(before, mark, end, keeps, members, moves, started, full="start")

    def persist(self, store: Store, found: Found) -> None:
        """Store a refresh: members, transitions and the mark, or nothing of it.

        LettershopError `refresh.overtaken` when something else was stored since it was computed.
        """
        with store.transaction():
            if read_mark(store) != found.before:
                self.forget()
                message = "another refresh was stored meanwhile"
                raise LettershopError("refresh.overtaken", message, hint="it is done again")
            first = int(store.meta(NEXT) or 0)
            following = write_transitions(store.con, found.moves, found.as_of, first)
            write_memberships(store.con, found.members, found.removed)
            write_kept(store.con, found.kept)
            store.set_meta(MARK, msgspec.json.encode(found.mark).decode())
            store.set_meta(PINS, msgspec.json.encode(found.pins).decode())
            store.set_meta(NEXT, str(following))

    def forget(self) -> None:
        """Start again from what is stored."""

    def _evaluate(
        self, store: Store, keeps: Sequence[Keep], as_of: int, before: Before
    ) -> Evaluation:
        return evaluate(
            store,
            [keep.definition for keep in keeps],
            as_of,
            self.settings,
            lambda frame: Adjustment(frame, keeps, before.kept, before.members),
        )

    def _found(
        self,
        before: Before,
        mark: Mark | None,
        end: Mark,
        keeps: Sequence[Keep],
        members: Mapping[str, BitMap],
        moves: Sequence[Moves],
        started: float,
        *,
        full: str,
    ) -> Found:
        names = {keep.name for keep in keeps}
        changed = {m.segment for m in moves} | (names - before.members.keys())
        return Found(
            mark=end,
            before=mark,
            kept=tuple(_row(keep, before, len(members[keep.name]), end.as_of) for keep in keeps),
            members={name: members[name] for name in changed & names},
            moves=tuple(moves),
            removed=tuple(sorted(before.kept.keys() - names)),
            pins={keep.name: keep.pins for keep in keeps if keep.pins},
            full=full,
            seconds=time.perf_counter() - started,
        )


def _row(keep: Keep, before: Before, size: int, as_of: int) -> KeptRow:
    earlier = before.kept.get(keep.name)
    sign = keep.sign()
    return KeptRow(
        segment=keep.name,
        subject=keep.definition.subject,
        version=keep.version,
        sign=sign,
        mode=keep.definition.mode,
        since=earlier.since if earlier is not None and earlier.sign == sign else as_of,
        size=size,
    )


def read_before(store: Store) -> Before:
    pins = store.meta(PINS)
    said = msgspec.json.decode(pins, type=dict[str, tuple[Pin, ...]]) if pins else {}
    return Before(read_kept(store.con), read_memberships(store.con), said)


def read_mark(store: Store) -> Mark | None:
    """Up to where the stored members go; None before the first refresh."""
    said = store.meta(MARK)
    return msgspec.json.decode(said, type=Mark) if said else None


def end_of(store: Store, as_of: int) -> Mark:
    """Everything stored until now."""
    end = tail(store.con)
    row = store.con.execute("SELECT count(*) FROM imports").fetchone()
    imports = int(row[0]) if row else 0
    return Mark(as_of=as_of, seq=end.seq, rows=dict(end.rows), touched=end.touched, imports=imports)
