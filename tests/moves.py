"""Transitions written by hand, as a refresh stores them."""

import numpy as np

from lettershop.engines.duckdb.refresh.tables import (
    CAUSES,
    Cause,
    KeptRow,
    Moves,
    read_kept,
    write_kept,
    write_transitions,
)
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import last_transition
from lettershop.language.tree import Subject


def write(
    store: Store, at: int, segment: str, cause: Cause, *moves: int, effective: int | None = None
) -> int:
    """One refresh: `moves` are dense ids that entered; ~id for those that left. The last id."""
    found = Moves(
        segment=segment,
        version=1,
        subjects=np.array([m if m >= 0 else ~m for m in moves], np.int64),
        entered=np.array([m >= 0 for m in moves], np.bool_),
        effective_at=np.full(len(moves), at if effective is None else effective, np.int64),
        causes=np.full(len(moves), CAUSES.index(cause), np.int64),
    )
    following = write_transitions(store.con, [found], at, last_transition(store) + 1)
    store.set_meta("next_transition", str(following))
    return following - 1


def keep(store: Store, segment: str, subject: Subject, since: int) -> None:
    """The segment is kept current from now on."""
    row = KeptRow(
        segment=segment, subject=subject, version=1, sign="", mode="dynamic", since=since, size=0
    )
    write_kept(store.con, [*read_kept(store.con).values(), row])
