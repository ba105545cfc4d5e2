"""Values -> ordinary facts: only what differs from what is known now, in bounded batches."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice

import numpy as np

from lettershop.engines.duckdb.compose import Sql, name as quoted, sql
from lettershop.engines.duckdb.rows import Types, load
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import AccountFact, ContactFact
from lettershop.model.values import MICRO
from lettershop.planning.frame import Ints
from lettershop.profile.traits import TraitSubject
from lettershop.profile.values import Value, Values, plain

BATCH = 10_000
"""Facts stored in one transaction; while it lasts nobody else can write."""

Written = ContactFact | AccountFact


def changes(
    store: Store,
    subject: TraitSubject,
    ids: Ints,
    values: Values,
    as_of: int,
) -> list[Written]:
    """One fact for each subject some of whose values are others now. Reads only.

    `ids`: dense, one per place in `values`; those that are tombstones are left out.
    """
    known = _known(store, subject, ids, tuple(values))
    found = []
    for place, number in enumerate(ids.tolist()):
        row = known.get(number)
        if row is None:
            continue
        identity, before = row
        new = {f: v[place] for f, v in values.items() if before.get(f) != v[place]}
        if new:
            found.append(fact_of(subject, identity, new, as_of))
    return found


def fact_of(subject: TraitSubject, identity: str, new: Mapping[str, Value], at: int) -> Written:
    """These fields of that contact (by identity) or account (by id), worked out at a moment."""
    traits = {f: [*v] if isinstance(v, tuple) else v for f, v in new.items()}
    message = f"trait:{next(iter(new))}:{at}:{identity}"
    if subject == "account":
        return AccountFact(
            ts=at, received_at=at, message_id=message, account=identity, traits=traits
        )
    return ContactFact(ts=at, received_at=at, message_id=message, contact=identity, traits=traits)


def store_facts(store: Store, facts: Sequence[Written], types: Types) -> None:
    """In the caller's transaction. `types`: of their fields, by (scope, field)."""
    if facts:
        load(store, facts, types=types)


def batches(facts: Sequence[Written]) -> Iterator[list[Written]]:
    waiting = iter(facts)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _known(
    store: Store, subject: TraitSubject, ids: Ints, fields: Sequence[str]
) -> dict[int, tuple[str, dict[str, Value]]]:
    """Identity and current values by id, as `Value`s."""
    catalog = store.catalog()
    infos = catalog.account if subject == "account" else catalog.contact
    here = [field for field in fields if field in infos]
    live = Sql("AND merged IS NULL" if subject == "contact" else "")
    statement = sql(
        "SELECT {columns} FROM {table} WHERE id IN (SELECT unnest($ids)) {live}",
        columns=[Sql("id"), Sql("identity"), *(quoted(infos[field].column) for field in here)],
        table=f"{subject}s",
        live=live,
    )
    rows = store.con.execute(statement, {"ids": np.asarray(ids).tolist()}).fetchall()
    return {r[0]: (r[1], dict(zip(here, map(as_value, r[2:]), strict=True))) for r in rows}


def as_value(stored: object) -> Value:
    """What a column gives, as a value."""
    match stored:
        case Decimal():
            return plain(int(stored * MICRO))
        case list():
            return tuple(map(str, stored))
        case None | str():
            return stored
        case _:
            return str(stored)
