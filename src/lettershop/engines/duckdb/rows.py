"""Facts as Python objects -> stages -> tables: the way of tests, the demo and the live loader.

A field's type is the one it is stored with, or is told, or is guessed from its first known value.
Nested objects become dotted fields (`address.city`); lists of objects stay in `rest`.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from lettershop.engines.duckdb.apply import Applied, apply_all
from lettershop.engines.duckdb.filling import Filling
from lettershop.engines.duckdb.screening import Screened, screen
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import AnyFact, EventFact
from lettershop.model.values import ValueType

Types = Mapping[tuple[str, str], ValueType]


_WORTH = 500
"""Events of one name that are worth being turned into columns by themselves."""


class Loaded(Applied, frozen=True, kw_only=True):
    """`repeated` are the numbers of the events that were duplicates."""

    repeated: tuple[int, ...] = ()


def load(store: Store, facts: Iterable[AnyFact], *, types: Types | None = None) -> Loaded:
    """Load facts in one transaction. `types` maps (scope, field) to a type, for fields that are
    new; scopes read `contact`, `record:deal`, `event:Signed In`.

    Facts that were refused (`event.too_many_names`) are listed in the result, with their number
    in `facts` counted from 0; everything else is loaded. So are notes about facts that name
    identities which may not be one contact (`identity.not_joined`).
    """
    with store.transaction():
        return Loading(store, types).finish(list(facts))


class Loading:
    """One load in the caller's transaction. What arrives in parts is begun part by part, which is
    faster when each has just been made; `finish` is told everything again."""

    def __init__(self, store: Store, types: Types | None = None) -> None:
        self._store = store
        self._types = dict(types or {}) | _stored_types(store)
        self._filling = Filling(dict(self._types))
        self._begun = 0

    def begin(self, part: Sequence[AnyFact]) -> None:
        """Look through the next facts. Only events can be: what others say depends on all."""
        numbered = enumerate(part, self._begun)
        self._filling.add_all([pair for pair in numbered if isinstance(pair[1], EventFact)])
        self._filling.settle(_WORTH)
        self._begun += len(part)

    def finish(self, facts: Sequence[AnyFact]) -> Loaded:
        """Load all of it; `facts` begins with the parts, event for event."""
        screened = screen(self._store.con, facts, self._store.settings)
        if screened.duplicates:  # they must not teach anybody a type: begin again without them
            self._filling, self._begun = Filling(dict(self._types)), 0
        self._filling.add_all(
            (row, fact)
            for row, fact in screened.taken
            if row >= self._begun or not isinstance(fact, EventFact)
        )
        stages = self._filling.stages(self._store.con)
        report = msgspec.structs.asdict(apply_all(self._store, stages, walk=screened.walk))
        report["duplicates"] += screened.duplicates
        return Loaded(**report, repeated=_repeated(len(facts), screened))


def _repeated(facts: int, screened: Screened) -> tuple[int, ...]:
    if not screened.duplicates:
        return ()
    taken = {row for row, _ in screened.taken}
    return tuple(row for row in range(facts) if row not in taken)


def _stored_types(store: Store) -> dict[tuple[str, str], ValueType]:
    rows = store.con.execute("SELECT scope, name, type FROM fields").fetchall()
    return {(scope, name): kind for scope, name, kind in rows}
