"""How many addresses are in which state, with examples and what to do about them."""

from typing import Final

import msgspec

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.profile.hygiene.judged import address_column
from lettershop.profile.hygiene.states import ADVICE, STATES, AddressState

EXAMPLES: Final = 3


class Example(msgspec.Struct, frozen=True):
    """`suggestion`: the address that was probably meant."""

    address: str
    suggestion: str | None = None


class StateCount(msgspec.Struct, frozen=True, kw_only=True):
    """One state: how many contacts, some of them, what to do."""

    state: AddressState
    contacts: int
    examples: tuple[Example, ...]
    advice: str


class AddressReport(msgspec.Struct, frozen=True, kw_only=True):
    """`addresses`: contacts with an address; `waiting`: those whose address is not judged yet.
    All states are there, in the order in which they decide."""

    addresses: int = 0
    waiting: int = 0
    states: tuple[StateCount, ...] = ()


def report(store: Store) -> AddressReport:
    column, known = address_column(store), store.catalog().contact
    if column is None:
        return AddressReport(states=tuple(_state(state, 0, []) for state in STATES))
    state, suggestion = (
        sql("{c}", c=known[name].column) if name in known else Sql("NULL::VARCHAR")
        for name in ("address_state", "address_suggestion")
    )
    rows = store.con.execute(
        sql(
            "WITH found AS (SELECT id, {c} AS address, {state} AS state,"
            " {suggestion} AS suggestion FROM contacts WHERE {c} IS NOT NULL AND merged IS NULL"
            " AND known_since IS NOT NULL AND NOT coalesce(deleted, false))"
            " SELECT state, count(*), min_by([address, suggestion], id, $examples)"
            " FROM found GROUP BY state",
            c=column,
            state=state,
            suggestion=suggestion,
        ),
        {"examples": EXAMPLES},
    ).fetchall()
    found = {name: (count, examples) for name, count, examples in rows}
    return AddressReport(
        addresses=sum(count for count, _ in found.values()),
        waiting=found.get(None, (0, []))[0],
        states=tuple(_state(state, *found.get(state, (0, []))) for state in STATES),
    )


def _state(state: AddressState, count: int, examples: list[list[str | None]]) -> StateCount:
    shown = tuple(Example(address or "", suggestion) for address, suggestion in examples)
    return StateCount(state=state, contacts=count, examples=shown, advice=ADVICE[state])
