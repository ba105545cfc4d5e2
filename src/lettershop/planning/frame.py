"""Who there is at one moment, as arrays: the things every condition is laid over.

Arrays of contacts and accounts have one more slot than there are ids: the last is *nobody*, with
every value missing. A pair without an account points there (index -1), which is exactly the rule
"a contact without an account is asked once with all account values missing".
"""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from lettershop.model.catalog import Catalog, FieldInfo
from lettershop.model.values import ValueType
from lettershop.planning.metrics import AnyMetric, FieldScope, Grain

Bits = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]


class Side(NamedTuple):
    """Contacts or accounts: shapes (n + 1,), by dense id; the last slot is nobody."""

    live: Bits
    """In the universe: live, known and (contacts) identified."""
    known_since: Ints
    key: Keys


class Frame(NamedTuple):
    """The universe at `as_of`. Pairs: each active membership, and each contact without one."""

    as_of: int
    zone: str
    """The workspace's."""
    contacts: Side
    accounts: Side
    pair_contact: Ids
    pair_account: Ids
    """-1: the contact has no active account."""
    pair_id: Ids
    """Id in the `people` table, -1 without an account."""
    pair_joined: Ints
    """When the contact first joined the account; 0 without one."""

    def size(self, grain: Grain) -> int:
        """Length of a column of that grain."""
        match grain:
            case "contact":
                return len(self.contacts.live)
            case "account":
                return len(self.accounts.live)
            case "pair":
                return len(self.pair_contact)

    def lift(self, values: npt.NDArray[np.generic], grain: Grain) -> npt.NDArray[np.generic]:
        """Values of contacts or accounts, laid over the pairs."""
        match grain:
            case "contact":
                return values[self.pair_contact]
            case "account":
                return values[self.pair_account]
            case "pair":
                return values


class Column(NamedTuple):
    """A metric's values: shape of its grain; where not known, the value is 0."""

    value: Ints
    known: Bits


class Zones(NamedTuple):
    """The IANA zones in use, and which one each subject is in (an index into `names`)."""

    names: tuple[str, ...]
    number: npt.NDArray[np.int16]


class Columns(Protocol):
    """What an engine must be able to answer."""

    def column(self, metric: AnyMetric) -> Column: ...

    def zones(self, grain: Grain) -> Zones: ...

    def salt(self, name: str) -> int: ...


def empty_frame(as_of: int, zone: str) -> Frame:
    """Nobody at all: for asking what would be needed."""
    nobody = Side(np.zeros(1, np.bool_), np.zeros(1, np.int64), np.zeros(1, np.uint64))
    none = np.zeros(0, np.int32)
    return Frame(as_of, zone, nobody, nobody, none, none, none, np.zeros(0, np.int64))


def field_info(catalog: Catalog, scope: FieldScope, field: str) -> FieldInfo | None:
    match scope:
        case "contact":
            return catalog.contact.get(field)
        case "account":
            return catalog.account.get(field)
        case "membership":
            return catalog.membership.get(field)


def field_type(catalog: Catalog, scope: FieldScope, field: str) -> ValueType | None:
    info = field_info(catalog, scope, field)
    return info.type if info else None
