"""What results are counted from: a row of the ledger with all that is known of it, as columns."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

NEVER: Final = 2**62
"""The moment of what did not happen, ms."""

GRADES: Final = ("", "machine", "unknown", "human")
"""By number, the best last; "" where nothing came."""


class Letters(NamedTuple):
    """Shapes (n,), by number in the ledger.

    `state`, `reason`, `bounce_class`, `variant`, `provider` as in the ledger. `contact`: dense id,
    -1 where nobody is known by that identity any more. `unit`: number of what was drawn, the person
    or their account. `held`: nothing was sent to see what happens without. `meant`: when the
    audience was frozen, they were to get one. `treated`: drawn to get one, whatever became of it;
    who could not have been written to anyway is neither held out nor treated.
    """

    id: Ints
    state: Texts
    reason: Texts
    bounce_class: Texts
    variant: Texts
    provider: Texts
    contact: Ints
    unit: Ints
    held: Bits
    meant: Bits
    treated: Bits


class Answers(NamedTuple):
    """What came back, shapes (n,). `bounced`: class of the last bounce after it was accepted, or
    "". `clicked`, `opened`: numbers of GRADES. `…_at`: the first time, by a human; NEVER."""

    bounced: Texts
    clicked: npt.NDArray[np.int8]
    opened: npt.NDArray[np.int8]
    clicked_at: Ints
    replied_at: Ints
    auto_replied: Bits
    unsubscribed: Bits
    complained: Bits


class Reached(NamedTuple):
    """The goal, shapes (n,). `revenue`: in units of the currency, None where the goal names none or
    it cannot be said; `currency`: "" where amounts have none. `note`: what has to be known."""

    where: str
    until: int
    so_far: bool
    reached: Bits
    revenue: npt.NDArray[np.float64] | None
    currency: str
    note: str
