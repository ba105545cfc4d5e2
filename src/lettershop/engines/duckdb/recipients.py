"""Of contacts with several accounts the one account that a letter speaks of, for everybody at once.

One pair (frame) per contact: `Evaluation.qualifying` says the same of members by name.
"""

import numpy as np
from sqlglot import exp

from lettershop.engines.dense.asking import filled
from lettershop.engines.duckdb.evaluate import Evaluation
from lettershop.engines.duckdb.store import Store
from lettershop.planning.frame import Bits, Ints
from lettershop.planning.ground import Mask
from lettershop.planning.sources import col, table


def member_pairs(found: Evaluation, name: str) -> Ints:
    """(n,) slots in the frame, one per recipient of a contact or people segment, by contact.

    Of a contact segment one pair for each member, see `pair_each`; of people in accounts theirs.
    """
    frame, members = found.frame, found.truth.results[name].bits
    if found.definitions[name].subject == "people":
        slots = np.flatnonzero(members)
        return slots[np.lexsort((frame.pair_account[slots], frame.pair_contact[slots]))]
    return pair_each(found, members, found.truth.whole[name])


def pair_each(found: Evaluation, contacts: Bits, sentence: Mask | None = None) -> Ints:
    """(n,) slots in the frame, one for each of the contacts that is in the universe, by contact.

    The account joined first (at a tie the first by its id) among those with which the sentence is
    true, if it speaks of the account; else, or where it is true with none, among all active ones.
    A contact without an account: its lone pair.
    """
    frame = found.frame
    slots = np.flatnonzero(contacts[frame.pair_contact])
    own = frame.pair_contact[slots]
    several = np.bincount(own, minlength=1)[own] > 1
    chosen = np.concatenate([slots[~several], _best(found, slots[several], sentence)])
    return chosen[np.argsort(frame.pair_contact[chosen], kind="stable")]


def _best(found: Evaluation, slots: Ints, sentence: Mask | None) -> Ints:
    """The best of the pairs of each contact."""
    if not len(slots):
        return slots
    frame = found.frame
    fits = np.ones(len(slots), np.bool_)
    if sentence is not None and sentence.grain != "contact":
        fits = found.truth.over_pairs(sentence)[slots]
    rank = _ranks(found.store, frame.size("account"))
    contact = frame.pair_contact[slots]
    order = np.lexsort((rank[frame.pair_account[slots]], frame.pair_joined[slots], ~fits, contact))
    ordered = contact[order]
    first = np.append(True, ordered[1:] != ordered[:-1])
    best: Ints = slots[order[first]]
    return best


def _ranks(store: Store, size: int) -> Ints:
    """(size,) where each account stands when they are sorted by their ids."""
    rows = exp.select(col("id", "a")).from_(table("accounts", "a"), copy=False)
    found = store.fetch(rows.order_by(col("identity", "a"), copy=False))
    ids = filled(found["id"], 0).astype(np.int64)
    known = ids[ids < size]
    rank = np.zeros(size, np.int64)
    rank[known] = np.arange(len(known))
    return rank
