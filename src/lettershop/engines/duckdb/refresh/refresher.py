"""The refresher: what has changed since the last time, and storing it.

found = refresher.compute(store, keeps, as_of)     reads only; a snapshot will do
refresher.persist(writer, found)                   one transaction
"""

import time
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.changes import Mark, mark
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.refresh.adjust import Adjustment
from lettershop.engines.duckdb.refresh.cold import Before, compared
from lettershop.engines.duckdb.refresh.space import Full
from lettershop.engines.duckdb.refresh.stamps import CODE, stamps
from lettershop.engines.duckdb.refresh.step import step
from lettershop.engines.duckdb.refresh.tables import (
    Cause,
    KeptRow,
    Moves,
    read_kept,
    read_memberships,
    write_kept,
    write_memberships,
    write_transitions,
)
from lettershop.engines.duckdb.refresh.warm import Warm, warm_up
from lettershop.engines.duckdb.refresh.watch import shape
from lettershop.engines.duckdb.refresh.work import Cold
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import LettershopError
from lettershop.model.settings import Settings
from lettershop.planning.flow.nodes import Members
from lettershop.planning.keep import Keep, Pin
from lettershop.planning.order import needed

MARK, PINS, NEXT = "refresh_mark", "refresh_pins", "next_transition"


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
        self._warm: Warm | None = None
        self._mark: Mark | None = None
        self._stored: Mark | None = None
        self._kept: dict[str, KeptRow] = {}

    def compute(self, store: Store, keeps: Sequence[Keep], as_of: int) -> Found:
        """Who is in which segment at `as_of`, and who entered or left since the last refresh.

        `keeps`: in any order; all they refer to must be among them. Nothing is stored.
        """
        started = time.perf_counter()
        warm, self._warm = self._warm, None  # half a step must not be gone on from
        try:
            if warm is None or self._mark is None or read_mark(store) != self._stored:
                raise Cold("start")
            found = self._step(store, warm, self._mark, keeps, as_of)
            self._warm = warm
        except (Cold, Full) as reason:
            found = self._full(store, keeps, as_of, str(reason) or "no room")
        return msgspec.structs.replace(found, seconds=time.perf_counter() - started)

    def persist(self, store: Store, found: Found) -> int:
        """Store a refresh: members, transitions and the mark, or nothing of it; the number of the
        last transition, -1 before the first. One in which nobody moved may be left out.

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
        self._stored = found.mark
        return following - 1

    def forget(self) -> None:
        """Start again from what is stored."""
        self._warm = None

    def audit(self, store: Store, keeps: Sequence[Keep], name: str) -> int:
        """How many subjects the full evaluation of one segment judges otherwise, at the moment of
        the last `compute`, of which `store` must be the snapshot. Everything it refers to is
        evaluated, too."""
        if self._warm is None or self._mark is None:
            return 0
        members = self._warm.members
        wanted = needed([keep.definition for keep in keeps], [name])
        found = evaluate(
            store,
            wanted,
            self._mark.as_of,
            self.settings,
            lambda frame: Adjustment(store, frame, keeps, self._kept, members),
        )
        return len(found.members(name) ^ members[name])

    # --- a step ---------------------------------------------------------------------------------

    def _step(
        self, store: Store, warm: Warm, since: Mark, keeps: Sequence[Keep], as_of: int
    ) -> Found:
        """What changed, and nothing else. Raises Cold."""
        _same_task(store, warm, keeps)
        if as_of < since.as_of:
            raise Cold("the clock went back")
        end = mark(store, as_of)
        moves = [_moves(warm, node) for node in step(warm, store, self.settings, since, end)]
        if as_of == since.as_of:
            moves = [_caused(found, {"time": "trait"}) for found in moves]
        if end.imports > since.imports:
            moves = [_caused(found, {"event": "import", "trait": "import"}) for found in moves]
        kept = tuple(
            msgspec.structs.replace(row, size=len(warm.members[name]))
            for name, row in self._kept.items()
        )
        self._mark, self._kept = end, {row.segment: row for row in kept}
        return Found(
            mark=end,
            before=self._stored,
            kept=kept,
            members={m.segment: warm.members[m.segment] for m in moves},
            moves=tuple(m for m in moves if len(m.subjects)),
            removed=(),
            pins={keep.name: keep.pins for keep in keeps if keep.pins},
            full="",
            seconds=0,
        )

    # --- everything -----------------------------------------------------------------------------

    def _full(self, store: Store, keeps: Sequence[Keep], as_of: int, reason: str) -> Found:
        before, since = read_before(store), read_mark(store)
        end = mark(store, as_of)
        warm, evaluation = warm_up(store, self.settings, keeps, as_of, before)
        imported = since is not None and end.imports > since.imports
        why = stamps(store.con, store.catalog(), warm.frame, since or end, imported=imported)
        moves = compared(before, keeps, warm.members, evaluation.frame, why)
        names = {keep.name for keep in keeps}
        changed = {m.segment for m in moves} | (names - before.members.keys())
        kept = tuple(kept_row(keep, before, len(warm.members[keep.name]), as_of) for keep in keeps)
        self._warm, self._mark, self._stored = warm, end, since
        self._kept = {row.segment: row for row in kept}
        return Found(
            mark=end,
            before=since,
            kept=kept,
            members={name: warm.members[name] for name in changed & names},
            moves=tuple(moves),
            removed=tuple(sorted(before.kept.keys() - names)),
            pins={keep.name: keep.pins for keep in keeps if keep.pins},
            full=reason,
            seconds=0,
        )


def _same_task(store: Store, warm: Warm, keeps: Sequence[Keep]) -> None:
    """Raises Cold where something else is to be kept, or the data has another shape."""
    if len(keeps) != len(warm.keeps):
        raise Cold("other definitions")
    for keep in keeps:
        known = warm.keeps.get(keep.name)
        if known is None or (known is not keep and known.sign() != keep.sign()):
            raise Cold("other definitions")
        if known.pins != keep.pins:
            raise Cold("other pins")
    if shape(store, warm.wanted) != warm.shape:
        raise Cold("other fields, events or rates")


def _moves(warm: Warm, node: Members) -> Moves:
    """What a step found out about one segment, written into its bitmap."""
    name, slots = node.definition.name, node.flips.slots
    entered = node.bits[slots]
    subjects = slots if node.grain != "pair" else warm.person[slots]
    members = warm.members[name]
    members |= BitMap(subjects[entered].astype(np.uint32))
    members -= BitMap(subjects[~entered].astype(np.uint32))
    warm.members[name] = members
    return Moves(
        segment=name,
        version=warm.keeps[name].version,
        subjects=subjects,
        entered=entered,
        effective_at=node.flips.time,
        causes=node.flips.cause,
    )


def _caused(moves: Moves, other: Mapping[Cause, Cause]) -> Moves:
    """With other causes. When time stands still, what has no reason of its own is because something
    was said of others; and what a file brings is not news that anything should be sent for."""
    causes = moves.causes.copy()
    for cause, instead in other.items():
        causes[moves.causes == CODE[cause]] = CODE[instead]
    return msgspec.structs.replace(moves, causes=causes)


def kept_row(keep: Keep, before: Before, size: int, as_of: int) -> KeptRow:
    """What is stored of a segment whose members at `as_of` are so many."""
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
