"""Facts as Python objects -> stages -> tables: the way of tests, the demo and the live loader.

A field's type is the one it is stored with, or is told, or is guessed from its first known value.
Nested objects become dotted fields (`address.city`); lists of objects stay in `rest`.
"""

from collections.abc import Iterable, Mapping

import msgspec

from lettershop.engines.duckdb.apply import Applied, apply_all
from lettershop.engines.duckdb.filling import Filling
from lettershop.engines.duckdb.screening import screen
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import AnyFact
from lettershop.model.values import ValueType

Types = Mapping[tuple[str, str], ValueType]
Loaded = Applied


def load(store: Store, facts: Iterable[AnyFact], *, types: Types | None = None) -> Loaded:
    """Load facts in one transaction. `types` maps (scope, field) to a type, for fields that are
    new; scopes read `contact`, `record:deal`, `event:Signed In`.

    Facts that were refused (`identity.conflict`, `event.too_many_names`) are listed in the
    result, with their number in `facts` counted from 0; everything else is loaded.
    """
    with store.transaction():
        screened = screen(store.con, facts)
        filling = Filling(dict(types or {}) | _stored_types(store))
        for row, fact in screened.taken:
            filling.add(row, fact)
        applied = apply_all(store, filling.stages(store.con), leaders=screened.leaders)
    return msgspec.structs.replace(
        applied,
        duplicates=applied.duplicates + screened.duplicates,
        refused=tuple(sorted((*screened.refused, *applied.refused), key=lambda r: r.row)),
    )


def _stored_types(store: Store) -> dict[tuple[str, str], ValueType]:
    rows = store.con.execute("SELECT scope, name, type FROM fields").fetchall()
    return {(scope, name): kind for scope, name, kind in rows}
