"""Which members of the hidden segments have an address the rule speaks of.

A bounce is about the address that was mailed, and leaving a company about the company's addresses:
the segment language knows the contact, not which of its addresses was meant.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo
from lettershop.profile.hygiene.evidence import Evidence
from lettershop.profile.hygiene.knowledge import About
from lettershop.profile.hygiene.states import SHOWN

_FORMER: Final = Sql(
    "j.contact IN (SELECT contact FROM people GROUP BY contact HAVING NOT bool_or(active))"
)

NAMING: Final = ("email", "address")
"""Properties in which events name the address; our own (app/postoffice) use the second."""


def proven(
    store: Store, rules: Sequence[Evidence], members: Mapping[str, BitMap]
) -> dict[str, BitMap]:
    """Per state the contacts that the rules really speak of. `members`: of the hidden segments."""
    found: dict[str, BitMap] = {state: BitMap() for state in SHOWN}
    for rule in rules:
        found[rule.state] |= spoken_of(store, rule, members[rule.name])
    return found


def spoken_of(store: Store, rule: Evidence, members: BitMap) -> BitMap:
    """Those of the members whose present address the rule speaks of."""
    conditions: list[Sql] = []
    bound: dict[str, Any] = {}
    event = store.catalog().events.get(rule.about.event) if rule.about else None
    if rule.about is not None and event is not None:
        conditions.append(_happened(event, rule.about, bound))
    if rule.company_address:
        conditions.append(Sql("NOT j.free"))
    if rule.former_member:
        conditions.append(_FORMER)
    if not conditions or not members:
        return members
    return _narrowed(store, members, Sql(" AND ".join(conditions)), bound)


def _happened(event: EventInfo, about: About, bound: dict[str, Any]) -> Sql:
    """Such an event is later than the address, or names it."""
    mailed = Sql("e.ts >= j.since")
    for name in NAMING:
        address = event.properties.get(name)
        if address is not None and address.type == "text":
            mailed = sql(
                "CASE WHEN e.{c} IS NULL THEN {mailed}"
                " ELSE lower(trim(e.{c})) = lower(trim(j.address)) END",
                c=address.column,
                mailed=mailed,
            )
    kind = event.properties.get(about.property)
    having = Sql("true")
    if kind is not None and kind.type == "text":
        having = sql("lower(trim(e.{c})) = $value", c=kind.column)
        bound["value"] = about.value.strip().lower()
    return sql(
        "EXISTS (SELECT 1 FROM {table} AS e WHERE e.contact = j.contact AND {mailed} AND {having})",
        table=event.table,
        mailed=mailed,
        having=having,
    )


def _narrowed(store: Store, members: BitMap, condition: Sql, bound: Mapping[str, Any]) -> BitMap:
    store.con.register("judged_members", {"contact": np.array(members, np.int64)})
    try:
        rows = store.con.execute(
            sql(
                "SELECT j.contact FROM address_judged AS j"
                " WHERE j.contact IN (SELECT contact FROM judged_members) AND {condition}",
                condition=condition,
            ),
            dict(bound),
        ).fetchall()
    finally:
        store.con.unregister("judged_members")
    return BitMap(row[0] for row in rows)
