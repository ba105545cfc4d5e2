"""Who was in a segment when the audience was frozen."""

from collections.abc import Mapping, Sequence

import numpy as np
from pyroaring import BitMap

from lettershop.app.audiences import Audiences
from lettershop.campaigns.results.rows import Bits, Ints, Letters
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import kept_since, members_at
from lettershop.language.tree import Subject
from lettershop.planning.frame import Frame
from lettershop.planning.order import needed


def memberships(
    store: Store, audiences: Audiences, names: Sequence[str], letters: Letters, at: int
) -> Mapping[str, Bits]:
    """By name in their order: which letters are to somebody who was in it. Of segments of accounts
    and of people in accounts: to somebody who was in such an account then. As recorded at the time
    where the segment was kept, else by its rule. NotFound `segment.unknown`; DefinitionError."""
    definitions = {name: audiences.named(name) for name in dict.fromkeys(names)}
    then = {name: members_at(store, name, at) for name in definitions if _kept(store, name, at)}
    asked = [name for name in definitions if name not in then]
    found = evaluate(store, needed([*audiences.definitions.values()], asked), at)
    then |= {name: found.members(name) for name in asked}
    return {
        name: np.isin(letters.contact, _contacts(found.frame, definition.subject, then[name]))
        for name, definition in definitions.items()
    }


def _kept(store: Store, name: str, at: int) -> bool:
    since = kept_since(store, name)
    return since is not None and since <= at


def _contacts(frame: Frame, subject: Subject, members: BitMap) -> Ints:
    """Dense ids of the people of it."""
    ids = np.array(members, np.int64)
    match subject:
        case "contact":
            return ids
        case "account":
            return frame.pair_contact[np.isin(frame.pair_account, ids)].astype(np.int64)
        case "people":
            return frame.pair_contact[np.isin(frame.pair_id, ids)].astype(np.int64)
