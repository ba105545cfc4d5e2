"""A small copy of the facts: one subject, and whoever a definition lets speak about it.

Asking a segment about one subject at many instants would read everybody's facts each time. Set
aside, in a database in memory, are the subject, its accounts and, where people are counted, these
accounts' people with theirs: there one evaluation costs milliseconds, and gives the same answer.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import NamedTuple

import duckdb

from lettershop.engines.duckdb.aside_copy import Around, Copy, Needs
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.store import Store
from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.language.walk import walk
from lettershop.model.settings import Settings

MOST = 20_000
"""Contacts that are set aside; whoever has more around them depends on too many others."""

_NUMBERS = count(1)


class Aside(NamedTuple):
    store: Store
    subject: int
    """The dense id in the copy."""


def needs(definitions: Sequence[Definition], zone_field: str = "timezone") -> Needs | None:
    """None when membership depends on everybody: a rank."""
    names: set[str] = set()
    salts: set[str] = set()
    kinds: set[str] = set()
    anything, circles = False, 0
    by_account = any(definition.subject == "account" for definition in definitions)
    for node in (node for definition in definitions for node in walk(definition.where)):
        match node:
            case tree.Rank():
                return None
            case tree.People():
                circles += 1
            case tree.Random(name=name):
                salts.add(name)
            case tree.HasRecord(kind=kind) | tree.RecordAggregate(kind=kind):
                kinds.add(kind)
            case tree.Events(names=some, scope=scope):
                names.update(some)
                anything |= not some
                by_account |= scope == "account"
            case tree.Step(names=some):
                names.update(some)
                anything |= not some
            case tree.Sequence(without=some):
                names.update(some)
            case _:
                pass
    return Needs(
        None if anything else frozenset(names),
        frozenset(kinds),
        frozenset(salts),
        frozenset({zone_field, *_fields(definitions)}),
        circles,
        by_account or circles > 0,
        _recorded(definitions),
    )


def _recorded(definitions: Sequence[Definition]) -> dict[str, Subject]:
    """The segments whose transitions are asked about."""
    subjects = {definition.name: definition.subject for definition in definitions}
    nodes = (node for definition in definitions for node in walk(definition.where))
    names = {node.name for node in nodes if isinstance(node, tree.SegmentHistory)}
    return {name: subjects[name] for name in sorted(names) if name in subjects}


def _fields(definitions: Sequence[Definition]) -> Iterator[str]:
    """Names of all fields (and properties) that are asked about, without prefix."""
    for node in (node for definition in definitions for node in walk(definition.where)):
        path = getattr(node, "field", None)
        if isinstance(path, str):
            yield path
            yield path.partition(".")[2]


@contextmanager
def set_aside(
    store: Store,
    definitions: Sequence[Definition],
    subject: Subject,
    subject_id: int,
    settings: Settings | None = None,
) -> Iterator[Aside | None]:
    """The copy, for as long as the `with` lasts; None when the answer depends on everybody (or
    nearly), so that nothing small would give it.

    It is of what is committed, whatever snapshot `store` may be in.
    """
    used = settings or store.settings
    wanted = needs(definitions, used.timezone_field)
    around = _around(store, wanted, subject, subject_id) if wanted else None
    if wanted is None or around is None:
        yield None
        return
    for name in sorted(wanted.salts):
        store.salt(name)  # drawn where everybody finds it
    name = f"aside_{next(_NUMBERS)}"
    with store.con.cursor() as con:
        home = _one(con, "SELECT current_database()")
        con.execute(sql("ATTACH ':memory:' AS {db}", db=name))
        try:
            copy = Copy(con, name, store.catalog())
            copy.make(around, wanted)
            con.execute(sql("USE {db}", db=name))
            yield Aside(Store(con, None, used), copy.place(subject, subject_id))
        finally:
            con.execute(sql("USE {db}", db=str(home)))
            con.execute(sql("DETACH {db}", db=name))


def _around(store: Store, wanted: Needs, subject: Subject, subject_id: int) -> Around | None:
    """The subject, its accounts, and as many circles of people and accounts as are counted."""
    con = store.con
    contacts: set[int] = set()
    accounts: set[int] = set()
    match subject:
        case "contact":
            contacts.add(subject_id)
        case "account":
            accounts.add(subject_id)
        case "people":
            contacts.add(_one(con, "SELECT contact FROM people WHERE id = $of", of=subject_id))
    accounts |= _others(con, "account", "contact", contacts)
    for _ in range(wanted.circles):
        found = _others(con, "contact", "account", accounts)
        if found <= contacts:
            break
        contacts |= found
        if len(contacts) > MOST:
            return None
        accounts |= _others(con, "account", "contact", contacts)
    return Around(sorted(contacts), sorted(accounts))


def _others(con: duckdb.DuckDBPyConnection, side: str, of: str, ids: set[int]) -> set[int]:
    """Accounts ever joined by the contacts, or contacts who ever joined the accounts."""
    if not ids:
        return set()
    asked = sql(
        "SELECT DISTINCT {side} FROM people WHERE {of} IN (SELECT unnest($ids))", side=side, of=of
    )
    return {int(row[0]) for row in con.execute(asked, {"ids": sorted(ids)}).fetchall()}


def _one(con: duckdb.DuckDBPyConnection, asked: str, **bound: object) -> int:
    rows = con.execute(asked, bound).fetchall()
    return rows[0][0] if rows else -1
