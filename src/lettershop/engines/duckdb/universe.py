"""Who there is to be drawn from, without evaluating anything (compare `frame.py`)."""

from array import array
from typing import Final

import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import Sql
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Subject

_CONTACTS: Final = Sql(
    "SELECT id FROM contacts WHERE known_since <= $at AND identified_since <= $at"
    " AND NOT coalesce(deleted, false)"
)
_ACCOUNTS: Final = Sql(
    "SELECT id FROM accounts WHERE known_since <= $at AND NOT coalesce(deleted, false)"
)
QUERIES: Final[dict[Subject, Sql]] = {
    "contact": _CONTACTS,
    "account": _ACCOUNTS,
    "people": Sql(
        f"SELECT id FROM people WHERE active AND contact IN ({_CONTACTS})"  # noqa: S608  (ours)
        f" AND account IN ({_ACCOUNTS})"
    ),
}
"""Live, identified contacts; live accounts; active memberships of both (segments.md rule 3)."""


def universe(store: Store, subject: Subject, at: int) -> BitMap:
    """Dense ids, by the current values."""
    found = store.con.execute(QUERIES[subject], {"at": at}).fetchnumpy()
    return BitMap(array("I", np.asarray(found["id"]).astype(np.uint32).tobytes()))
