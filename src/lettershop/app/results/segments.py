"""Who was in a segment when the audience was frozen."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from pyroaring import BitMap

from lettershop.app.audiences import Audiences
from lettershop.campaigns.results.rows import Bits, Letters
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import kept_since, members_at
from lettershop.language.tree import Subject
from lettershop.planning.order import needed

_OF_ACCOUNTS: Final = """
SELECT DISTINCT contact FROM people WHERE active AND account IN (SELECT unnest($ids))
"""
_OF_PAIRS: Final = "SELECT DISTINCT contact FROM people WHERE id IN (SELECT unnest($ids))"


def memberships(
    store: Store, audiences: Audiences, names: Sequence[str], letters: Letters, at: int
) -> Mapping[str, Bits]:
    """By name in their order: which letters are to somebody who was in it. Of segments of accounts
    and of people in accounts: to somebody who was in such an account. As recorded then where the
    segment was kept, else by its rule. NotFound `segment.unknown`; DefinitionError."""
    definitions = {name: audiences.named(name) for name in dict.fromkeys(names)}
    then = {name: members_at(store, name, at) for name in definitions if _kept(store, name, at)}
    asked = [name for name in definitions if name not in then]
    if asked:
        closure = needed([*audiences.definitions.values()], asked)
        found = evaluate(store, closure, at)
        then |= {name: found.members(name) for name in asked}
    return {
        name: _laid(_contacts(store, definition.subject, then[name]), letters)
        for name, definition in definitions.items()
    }


def _kept(store: Store, name: str, at: int) -> bool:
    since = kept_since(store, name)
    return since is not None and since <= at


def _laid(members: BitMap, letters: Letters) -> Bits:
    ids = np.array(members, np.int64)
    return np.isin(letters.contact, ids)


def _contacts(store: Store, subject: Subject, members: BitMap) -> BitMap:
    """The people of it."""
    match subject:
        case "contact":
            return members
        case "account":
            asked = _OF_ACCOUNTS
        case "people":
            asked = _OF_PAIRS
    found = store.con.execute(asked, {"ids": [*members]}).fetchnumpy()
    return BitMap(np.asarray(found["contact"], np.uint32))
