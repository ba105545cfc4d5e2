"""Facts are looked at before they are loaded: events that came twice are set aside, and what may
not be joined is taken out of what a fact says."""

from collections.abc import Iterable, Sequence

import duckdb
import msgspec

from lettershop.engines.duckdb import joining
from lettershop.engines.duckdb.compose import Sql
from lettershop.engines.duckdb.repeats import without_repeats
from lettershop.engines.duckdb.storable import utf8
from lettershop.engines.duckdb.who import Heard, Walk
from lettershop.model.facts import AccountFact, AnyFact, ContactFact
from lettershop.model.settings import Settings


class Screened(msgspec.Struct, frozen=True):
    """The facts to load with their numbers, how many were duplicates, and who is who."""

    taken: list[tuple[int, AnyFact]]
    duplicates: int
    walk: Walk


def screen(
    con: duckdb.DuckDBPyConnection, facts: Iterable[AnyFact], settings: Settings
) -> Screened:
    """Set aside events whose message id was seen before; find out who is who."""
    fresh, duplicates = without_repeats(con, list(facts))
    walk = _walk(con, fresh, settings)
    return Screened(_without_left_out(fresh, walk), duplicates, walk)


def _walk(
    con: duckdb.DuckDBPyConnection, facts: Sequence[tuple[int, AnyFact]], settings: Settings
) -> Walk:
    said = [fact for _, fact in facts if isinstance(fact, ContactFact) and fact.also]
    involved = {i for fact in said if len(ids := identities(fact)) > 1 for i in ids}
    if not involved:
        return Walk(settings)
    named = [_heard(row, fact, ids) for row, fact in facts if (ids := identities(fact))]
    with joining.Registered(con, "load_ids", identity=list(involved)):
        walk = joining.begin(con, settings, Sql("SELECT identity FROM load_ids"))
    for heard in named:
        if not involved.isdisjoint(heard.ids):
            walk.hear(heard)
    return walk


def _heard(row: int, fact: AnyFact, ids: tuple[str, ...]) -> Heard:
    alias = isinstance(fact, ContactFact) and fact.alias
    return Heard(row, ids, alias, fact.received_at, utf8(fact.message_id))


def _without_left_out(facts: list[tuple[int, AnyFact]], walk: Walk) -> list[tuple[int, AnyFact]]:
    """The facts without those identities that may not be joined to them."""
    out: dict[int, set[str]] = {}
    for note, identity in zip(walk.notes, walk.left_out, strict=True):
        out.setdefault(note.row, set()).add(identity)
    if not out:
        return facts
    return [(row, _without(fact, out[row]) if row in out else fact) for row, fact in facts]


def _without(fact: AnyFact, out: set[str]) -> AnyFact:
    if not isinstance(fact, ContactFact):
        return fact
    return msgspec.structs.replace(fact, also=tuple(i for i in fact.also if utf8(i) not in out))


def identities(fact: AnyFact) -> tuple[str, ...]:
    """All identities a fact names, its main one first."""
    match fact:
        case ContactFact():
            return tuple(dict.fromkeys(map(utf8, (fact.contact, *fact.also))))
        case AccountFact():
            return ()
        case _:
            return (utf8(fact.contact),) if fact.contact is not None else ()
