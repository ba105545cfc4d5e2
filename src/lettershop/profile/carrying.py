"""Values of derived traits taken over into a new database: nobody said them, so no log has them."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

import duckdb
import msgspec

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.profile.state import KEY, State, write_state
from lettershop.profile.traits import TraitSubject
from lettershop.profile.values import Value
from lettershop.profile.writing import Written, as_value, batches, fact_of

_WHO: Final[dict[TraitSubject, Sql]] = {
    "contact": Sql("JOIN identities AS i ON i.number = h.named"),
    "account": Sql("JOIN accounts AS i ON i.id = h.subject"),
}
_KNOWN: Final[dict[TraitSubject, Sql]] = {
    "contact": Sql("SELECT identity FROM identities"),
    "account": Sql("SELECT identity FROM accounts"),
}
"""A value makes nobody known of whom nothing else is said any more."""
_ROWS: Final = (
    "SELECT i.identity, h.ts, h.key, h.number, h.list, h.text"
    " FROM {table} AS h {who} WHERE starts_with(h.message_id, 'trait:')"
    " ORDER BY h.ts, i.identity, h.rowid"
)
_TYPES: Final = "SELECT scope, name, type FROM fields WHERE scope IN ('contact', 'account')"


def carry_traits(old: duckdb.DuckDBPyConnection, new: Store) -> None:
    """The history of derived values, each said of whom it was said of; the server looks at
    everybody once more when it starts, since who is in the hidden segments is not taken over."""
    stored = old.execute("SELECT value FROM meta WHERE key = $key", {"key": KEY}).fetchall()
    if not stored:
        return
    state = msgspec.json.decode(stored[0][0], type=State)
    types = {(scope, name): kind for scope, name, kind in old.execute(_TYPES).fetchall()}
    for subject in _WHO:
        known = {row[0] for row in new.con.execute(_KNOWN[subject]).fetchall()}
        for batch in batches([fact for who, fact in _facts(old, subject) if who in known]):
            load(new, batch, types=types)
    with new.transaction():
        traits = {
            name: msgspec.structs.replace(done, sign="", swept=0, cursor=0)
            for name, done in state.traits.items()
        }
        write_state(new, State(traits))


def _facts(old: duckdb.DuckDBPyConnection, subject: TraitSubject) -> Iterator[tuple[str, Written]]:
    """With whom each is about, in order of time."""
    asked = sql(_ROWS, table=f"{subject}_history", who=_WHO[subject])
    rows = old.execute(asked).fetchall()
    for (identity, ts), together in groupby(rows, key=lambda row: (row[0], row[1])):
        values = {row[2]: _value(row) for row in together}
        yield identity, fact_of(subject, identity, values, ts)


def _value(row: tuple[Any, ...]) -> Value:
    return as_value(next((stored for stored in row[3:] if stored is not None), None))
