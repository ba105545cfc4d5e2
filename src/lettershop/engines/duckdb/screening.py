"""Facts that are not taken are set aside before they can teach anybody a type."""

from collections.abc import Iterable, Sequence

import duckdb
import msgspec

from lettershop.engines.duckdb.conflicts import Refused, walk
from lettershop.model.facts import AccountFact, AnyFact, ContactFact, EventFact


class Screened(msgspec.Struct, frozen=True):
    """The facts to load with their numbers, the refused ones, how many were duplicates, and which
    identity leads the contact of each identity that is joined to others (see `conflicts.walk`)."""

    taken: list[tuple[int, AnyFact]]
    refused: list[Refused]
    duplicates: int
    leaders: dict[str, str]


def screen(con: duckdb.DuckDBPyConnection, facts: Iterable[AnyFact]) -> Screened:
    """Set aside events whose message id was seen before and contacts whose identities conflict."""
    fresh, duplicates = _without_duplicates(con, list(enumerate(facts)))
    conflicts, leaders = _conflicts(con, fresh)
    return Screened(
        [(row, fact) for row, fact in fresh if row not in conflicts],
        [Refused(row, "identity.conflict", why) for row, why in conflicts.items()],
        duplicates,
        leaders,
    )


def _without_duplicates(
    con: duckdb.DuckDBPyConnection, facts: Sequence[tuple[int, AnyFact]]
) -> tuple[list[tuple[int, AnyFact]], int]:
    ids = [fact.message_id for _, fact in facts if isinstance(fact, EventFact)]
    if not ids:
        return list(facts), 0
    seen = {
        row[0]
        for row in con.execute(
            "SELECT id FROM message_ids WHERE id IN (SELECT unnest($ids))", {"ids": ids}
        ).fetchall()
    }
    kept = []
    for row, fact in facts:
        if isinstance(fact, EventFact):
            if fact.message_id in seen:
                continue
            seen.add(fact.message_id)
        kept.append((row, fact))
    return kept, len(facts) - len(kept)


def _conflicts(
    con: duckdb.DuckDBPyConnection, facts: Sequence[tuple[int, AnyFact]]
) -> tuple[dict[int, str], dict[str, str]]:
    named = [(row, ids) for row, fact in facts if (ids := identities(fact))]
    involved = {i for _, ids in named if len(ids) > 1 for i in ids}
    if not involved:
        return {}, {}
    owners = dict(
        con.execute(
            "SELECT identities.identity, first.identity FROM identities JOIN contacts AS first"
            " ON first.id = contact WHERE identities.identity IN (SELECT unnest($ids))",
            {"ids": list(involved)},
        ).fetchall()
    )
    conflicts = walk(owners, ((row, ids) for row, ids in named if involved.intersection(ids)))
    return conflicts, owners


def identities(fact: AnyFact) -> tuple[str, ...]:
    """All identities a fact names, its main one first."""
    match fact:
        case ContactFact():
            return tuple(dict.fromkeys((fact.contact, *fact.also)))
        case AccountFact():
            return ()
        case _:
            return (fact.contact,) if fact.contact is not None else ()
