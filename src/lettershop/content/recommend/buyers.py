"""Who buys: accounts, and contacts as far as they bought for none; and what a recipient bought."""

from typing import NamedTuple

import msgspec
import numpy as np

from lettershop.content.audience import Audience
from lettershop.content.recommend.interactions import Interactions
from lettershop.planning.frame import Ids

CHUNK = 2_048
"""Recipients that are ranked at a time: what bounds the memory."""


class Buyers(NamedTuple):
    """`row`: (e,) the buyer of each interaction, from 0, -1 where nobody is known.

    `of_account`, `of_contact`: buyer by dense id, -1 for none; their last slot is -1, so that the
    id -1 finds nobody.
    """

    size: int
    row: Ids
    of_account: Ids
    of_contact: Ids


class Units(msgspec.Struct, frozen=True, eq=False):
    """Recipients whose history is the same: that of an account and of the contact's own.

    `account`, `contact`: (u,) buyers, `nobody` for none. `of`: (n,) unit of each recipient.
    """

    account: Ids
    contact: Ids
    of: Ids

    def __len__(self) -> int:
        return len(self.account)


def buyers(rows: Interactions, known: Ids | None = None) -> Buyers:
    """`known`: accounts to count among them although they may have bought nothing."""
    by_account = rows.account >= 0
    alone = ~by_account & (rows.contact >= 0)
    bought = rows.account[by_account]
    accounts = np.unique(bought if known is None else np.concatenate([bought, known]))
    contacts = np.unique(rows.contact[alone])
    of_account = _numbered(accounts, 0)
    of_contact = _numbered(contacts, len(accounts))
    row = np.full(len(rows), -1, np.int32)
    row[by_account] = of_account[rows.account[by_account]]
    row[alone] = of_contact[rows.contact[alone]]
    return Buyers(len(accounts) + len(contacts), row, of_account, of_contact)


def units(known: Buyers, audience: Audience) -> Units:
    """`Units` of the audience; nobody is the buyer number `known.size`."""
    account = _found(known.of_account, audience.accounts, known.size)
    contact = _found(known.of_contact, audience.contacts, known.size)
    together = account.astype(np.int64) * (known.size + 1) + contact
    _, first, of = np.unique(together, return_index=True, return_inverse=True)
    return Units(account[first], contact[first], of.astype(np.int32))


def _numbered(ids: Ids, start: int) -> Ids:
    size = int(ids[-1]) + 1 if len(ids) else 0
    found = np.full(size + 1, -1, np.int32)
    found[ids] = np.arange(start, start + len(ids), dtype=np.int32)
    return found


def _found(table: Ids, ids: Ids, nobody: int) -> Ids:
    """Ids beyond the table bought nothing."""
    inside = np.where(ids < len(table) - 1, ids, -1)
    row = table[inside]
    return np.where(row < 0, nobody, row).astype(np.int32)
