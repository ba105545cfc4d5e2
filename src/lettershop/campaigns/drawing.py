"""Who is held out, and who gets which variant: drawn by hash, as `in random 10% of "…"` of the
segment language is. Somebody's lot depends on who they are and on the campaign's name alone: not on
the order, the moment, or on who else is in the audience.

Each purpose has a salt of its own, so that its draw knows nothing of the others.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from hashlib import blake2b
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from lettershop.engines.duckdb.identify import key_of
from lettershop.planning.frame import Bits, Ints, Keys
from lettershop.planning.leaf_others import splitmix64

HOLDOUT: Final = "holdout"
VARIANT: Final = "variant"
_ALL: Final = 2**64

Bounds = npt.NDArray[np.uint64]


def keys_of(names: Iterable[str]) -> Keys:
    """(n,) keys of identities of contacts, or of group ids: the engine keeps the same."""
    return np.fromiter((key_of(name) for name in names), np.uint64)


def drawn(keys: Keys, campaign: str, purpose: str, percent: float) -> Bits:
    """(n,) whether each is among `percent` (0 to 100) of all."""
    limit = ceil(Fraction(str(percent)) / 100 * _ALL)
    if limit >= _ALL:
        return np.ones(len(keys), np.bool_)
    found: Bits = _lots(keys, campaign, purpose) < np.uint64(limit)
    return found


def held_out(keys: Keys, campaign: str, percent: float) -> Bits:
    """(n,) whether each gets nothing, to measure against. `keys`: of contacts, or of their accounts
    where whole accounts are drawn."""
    return drawn(keys, campaign, HOLDOUT, percent)


def variants(keys: Keys, campaign: str, shares: Sequence[int]) -> Ints:
    """(n,) the number of the variant each gets; `shares`: their weights, each 1 or more."""
    bounds = _bounds(shares)
    found: Ints = np.searchsorted(bounds, _lots(keys, campaign, VARIANT), side="right")
    return found


def _bounds(shares: Sequence[int]) -> Bounds:
    """Where one variant ends and the next begins, the last one's end left out."""
    whole, ends, so_far = sum(shares), [], 0
    for share in shares[:-1]:
        so_far += share
        ends.append(ceil(Fraction(so_far, whole) * _ALL))
    return np.array(ends, np.uint64)


def _lots(keys: Keys, campaign: str, purpose: str) -> Keys:
    """(n,) spread evenly over all numbers of 64 bits."""
    salt = blake2b(f"{purpose}\n{campaign}".encode(), digest_size=8).digest()
    return splitmix64(keys ^ np.uint64(int.from_bytes(salt, "big")))
