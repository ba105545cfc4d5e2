"""From verdicts and evidence to the fields of contacts: what should stand there, and what does not.

`address_state` (text), `address_suggestion` (text) and `address_free` (boolean) are ordinary traits
of contacts: conditions, histories and timelines know them like any other.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.rows import Types, load
from lettershop.engines.duckdb.stage import SQL_TYPE
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import InputError
from lettershop.model.facts import ContactFact
from lettershop.model.values import ValueType
from lettershop.profile.hygiene.states import FIRST, SHOWN

FIELDS: Final[Mapping[str, ValueType]] = {
    "address_state": "text",
    "address_suggestion": "text",
    "address_free": "boolean",
}
_TYPES: Final[Types] = {("contact", name): kind for name, kind in FIELDS.items()}
_OURS: Final = "address_fields"
_LAST: Final = "address_written"


class Change(NamedTuple):
    """What is to be written about a contact; `identity` names it."""

    contact: int
    identity: str
    traits: Mapping[str, Any]


def refuse_taken(store: Store) -> None:
    """InputError when the workspace has fields of these names from somewhere else."""
    taken = [name for name in FIELDS if name in store.catalog().contact]
    if taken and store.meta(_OURS) is None:
        hint = "give it another name in the source or mapping it comes from"
        message = f"contacts have a field “{taken[0]}” that was not written by Lettershop"
        raise InputError("addresses.field_taken", message, hint=hint)


def changes(store: Store, column: str, shown: Mapping[str, BitMap], most: int) -> list[Change]:
    """Contacts whose fields are not what they should be, at most so many. `column`: of their
    addresses; `shown`: what `proven` found."""
    state, suggestion, free = (_now(store, name) for name in FIELDS)
    for name in SHOWN:
        ids = {"contact": np.array(shown[name], np.int64)}
        store.con.register(f"judged_{name}", ids)
    try:
        rows = store.con.execute(
            sql(
                "WITH found AS (SELECT c.id, c.identity, {wanted} AS state, j.suggestion, j.free,"
                " {state} AS state_now, {suggestion} AS suggestion_now, {free} AS free_now"
                " FROM contacts AS c"
                " LEFT JOIN address_judged AS j ON j.contact = c.id AND c.{c} IS NOT NULL"
                " WHERE c.merged IS NULL AND c.known_since IS NOT NULL"
                " AND NOT coalesce(c.deleted, false))"
                " SELECT * FROM found WHERE state IS DISTINCT FROM state_now"
                " OR suggestion IS DISTINCT FROM suggestion_now OR free IS DISTINCT FROM free_now"
                " ORDER BY id LIMIT $most",
                wanted=Sql(_WANTED),
                state=state,
                suggestion=suggestion,
                free=free,
                c=column,
            ),
            {"most": most, "first": list(FIRST)},
        ).fetchall()
    finally:
        for name in SHOWN:
            store.con.unregister(f"judged_{name}")
    return [Change(row[0], row[1], _different(row[2:5], row[5:])) for row in rows]


_WANTED: Final = """CASE WHEN list_contains($first, j.state) THEN j.state
    WHEN j.contact IN (SELECT contact FROM judged_outdated) THEN 'outdated'
    WHEN j.state <> 'ok' THEN j.state
    WHEN j.contact IN (SELECT contact FROM judged_unengaged) THEN 'unengaged'
    ELSE j.state END"""


def _now(store: Store, field: str) -> Sql:
    known = store.catalog().contact.get(field)
    return sql("c.{c}", c=known.column) if known else Sql(f"NULL::{SQL_TYPE[FIELDS[field]]}")


def _different(wanted: Sequence[Any], now: Sequence[Any]) -> dict[str, Any]:
    both = zip(FIELDS, wanted, now, strict=True)
    return {name: want for name, want, have in both if want != have}


def write(store: Store, found: Sequence[Change], at: int) -> None:
    """Write the fields as facts of the moment `at` (ms), in one transaction; never before what was
    written last, so that a clock put back does not make it the weaker word."""
    at = max(at, int(store.meta(_LAST) or 0) + 1)
    facts = [
        ContactFact(
            ts=at,
            received_at=at,
            message_id=f"address:{change.contact}:{at}",
            contact=change.identity,
            traits=change.traits,
        )
        for change in found
    ]
    with store.transaction():
        load(store, facts, types=_TYPES)
        store.set_meta(_OURS, "1")
        store.set_meta(_LAST, str(at))
