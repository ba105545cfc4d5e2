"""Facts as Python objects -> stages -> tables: the way of tests, the demo and the live loader.

A field's type is the one it is stored with, or is told, or is guessed from its first known value.
Nested objects become dotted fields (`address.city`); lists of objects stay in `rest`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from lettershop.engines.duckdb import apply_events
from lettershop.engines.duckdb.apply import Applied, apply_all
from lettershop.engines.duckdb.filling import Filling
from lettershop.engines.duckdb.parts import Numbered, Part
from lettershop.engines.duckdb.screening import Screened, screen, screen_events
from lettershop.engines.duckdb.stage import Stage
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import AnyFact
from lettershop.model.values import ValueType

Types = Mapping[tuple[str, str], ValueType]
Settle = Callable[[list[Numbered]], list[Numbered]]

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
        return load_facts(store, list(facts), types)


def load_facts(store: Store, facts: Sequence[AnyFact], types: Types | None = None) -> Loaded:
    """The same in the caller's transaction."""
    screened = screen(store.con, facts, store.settings)
    filling = Filling(dict(types or {}) | _stored_types(store))
    filling.add_all(screened.taken)
    return _apply(store, filling.stages(store.con), screened)


class Loading:
    """One load in the caller's transaction, of facts that arrive in parts: each is looked through
    when it has just been made, and can then be forgotten."""

    def __init__(self, store: Store, types: Types | None = None) -> None:
        self._store = store
        self._filling = Filling(dict(types or {}) | _stored_types(store))
        self._others: list[Numbered] = []

    def begin(self, part: Part) -> None:
        """Look through the next facts. Only events can be: what others say depends on all."""
        self._others += part.others
        self._filling.add_events(part.events)
        self._filling.settle_events(_WORTH)

    def finish(self, settle: Settle) -> Loaded | None:
        """Load it all; `settle` is asked about the facts that are no events. None, and nothing is
        done, if duplicates may have taught a type: then `load_facts` has to be told everything."""
        con, filling, others = self._store.con, self._filling, settle(self._others)
        filling.settle_events()
        screened = screen_events(con, filling.events, others, self._store.settings)
        if screened.repeated and filling.has_learned:
            return None
        filling.add_all(screened.taken)
        stages = filling.stages(con)
        for stage in stages:
            if screened.repeated and stage.sort == "event":
                apply_events.drop_rows(con, stage, screened.repeated)
        return _apply(self._store, stages, screened)


def _apply(store: Store, stages: Sequence[Stage], screened: Screened) -> Loaded:
    report = msgspec.structs.asdict(apply_all(store, stages, walk=screened.walk))
    report["duplicates"] += len(screened.repeated)
    return Loaded(**report, repeated=tuple(sorted(screened.repeated)))


def _stored_types(store: Store) -> dict[tuple[str, str], ValueType]:
    rows = store.con.execute("SELECT scope, name, type FROM fields").fetchall()
    return {(scope, name): kind for scope, name, kind in rows}
