"""Facts are looked at before they are loaded: events that came twice are set aside, and what may
not be joined is taken out of what a fact says."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import duckdb
import msgspec

from lettershop.engines.duckdb import joining
from lettershop.engines.duckdb.compose import Sql
from lettershop.engines.duckdb.filling import Events
from lettershop.engines.duckdb.parts import Numbered
from lettershop.engines.duckdb.repeats import repeated
from lettershop.engines.duckdb.storable import all_utf8, utf8
from lettershop.engines.duckdb.who import Heard, Walk
from lettershop.model.facts import AccountFact, AnyFact, ContactFact, EventFact
from lettershop.model.settings import Settings


class Screened(msgspec.Struct, frozen=True):
    """The facts to load with their numbers, the numbers of duplicates, and who is who."""

    taken: list[Numbered]
    repeated: set[int]
    walk: Walk


def screen(
    con: duckdb.DuckDBPyConnection, facts: Iterable[AnyFact], settings: Settings
) -> Screened:
    """Set aside events whose message id was seen before; find out who is who."""
    numbered = list(enumerate(facts))
    events = [(number, fact) for number, fact in numbered if isinstance(fact, EventFact)]
    out = repeated(con, [n for n, _ in events], [fact.message_id for _, fact in events])
    fresh = [pair for pair in numbered if pair[0] not in out] if out else numbered
    walk = _walk(con, fresh, (), settings)
    return Screened(_without_left_out(fresh, walk), out, walk)


def screen_events(
    con: duckdb.DuckDBPyConnection,
    events: Sequence[Events],
    others: list[Numbered],
    settings: Settings,
) -> Screened:
    """The same where events come as columns; `taken` are the others."""
    numbers = [number for block in events for number in block.numbers]
    out = repeated(con, numbers, [i for block in events for i in block.message_ids])
    walk = _walk(con, others, events, settings, out)
    return Screened(_without_left_out(others, walk), out, walk)


def _walk(
    con: duckdb.DuckDBPyConnection,
    facts: Sequence[Numbered],
    events: Sequence[Events],
    settings: Settings,
    out: Collection[int] = (),
) -> Walk:
    """Let a walk hear the facts, and those events that are not `out`, in order of arrival."""
    said = [fact for _, fact in facts if isinstance(fact, ContactFact) and fact.also]
    involved = {i for fact in said if len(ids := identities(fact)) > 1 for i in ids}
    if not involved:
        return Walk(settings)
    named = [_heard(number, fact, ids) for number, fact in facts if (ids := identities(fact))]
    named += (h for block in events for h in _named(block, involved) if h.row not in out)
    with joining.Registered(con, "load_ids", identity=list(involved)):
        walk = joining.begin(con, settings, Sql("SELECT identity FROM load_ids"))
    for heard in sorted(named, key=lambda h: h.row):
        if not involved.isdisjoint(heard.ids):
            walk.hear(heard)
    return walk


def _named(block: Events, involved: set[str]) -> Iterator[Heard]:
    said = zip(
        block.numbers, all_utf8(block.contacts), block.received_at, block.message_ids, strict=True
    )
    for number, contact, received_at, message_id in said:
        if contact is not None and contact in involved:
            yield Heard(number, (contact,), False, received_at, utf8(message_id))


def _heard(row: int, fact: AnyFact, ids: tuple[str, ...]) -> Heard:
    alias = isinstance(fact, ContactFact) and fact.alias
    return Heard(row, ids, alias, fact.received_at, utf8(fact.message_id))


def _without_left_out(facts: list[Numbered], walk: Walk) -> list[Numbered]:
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
