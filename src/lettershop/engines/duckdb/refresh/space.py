"""Room to grow: a frame with spare slots, and the pairs of every contact and account.

A slot once given is never given to somebody else. Slots that nobody has yet look like nobody: not
live, no value known; a pair that has ended becomes one of those.
"""

from typing import Literal, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from lettershop.engines.dense.frame import NEVER
from lettershop.planning.frame import Frame, Ints, Side

Side_ = Literal["contact", "account"]
Array = npt.NDArray[np.generic]
T = TypeVar("T", bound=np.generic)


class Full(Exception):
    """There is no slot left: everything has to be laid out anew."""


def roomy(frame: Frame) -> Frame:
    """The same with an eighth more slots at the end of each array, nobody still the last."""
    contacts, accounts = _spare(len(frame.contacts.live)), _spare(len(frame.accounts.live))
    pairs = _spare(len(frame.pair_contact))
    nobody = len(frame.contacts.live) - 1 + contacts
    return frame._replace(
        contacts=_wider(frame.contacts, contacts),
        accounts=_wider(frame.accounts, accounts),
        pair_contact=_longer(frame.pair_contact, pairs, nobody),
        pair_account=_longer(frame.pair_account, pairs, -1),
        pair_id=_longer(frame.pair_id, pairs, -1),
        pair_joined=_longer(frame.pair_joined, pairs, 0),
    )


def _spare(used: int) -> int:
    return max(256, used // 8)


def _wider(side: Side, more: int) -> Side:
    return Side(
        _longer(side.live, more, 0),
        _longer(side.known_since, more, NEVER),
        _longer(side.key, more, 0),
    )


def _longer(values: npt.NDArray[T], more: int, filling: int) -> npt.NDArray[T]:
    return np.concatenate([values, np.full(more, filling, values.dtype)])


class Wanted(NamedTuple):
    """The pairs that some contacts should have: dense ids, `people.id` (-1: none) and when joined;
    a contact without an account has one pair with account -1."""

    contact: Ints
    account: Ints
    id: Ints
    joined: Ints


class Turned(NamedTuple):
    """Pair slots that were given or taken, and whose they are or were (account -1: none)."""

    slots: Ints
    contacts: Ints
    accounts: Ints


class Pairs:
    """The pair slots of a roomy frame, whose arrays it writes to."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.nobody = len(frame.contacts.live) - 1
        used = np.flatnonzero(frame.pair_contact != self.nobody)
        self._next = int(used.max(initial=-1)) + 1
        self._of = {
            "contact": _Index(frame.pair_contact, used, self.nobody + 1),
            "account": _Index(frame.pair_account, used, len(frame.accounts.live)),
        }

    def pairs_of(self, grain: Side_, slots: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
        """The pairs of these contacts or accounts, and which of `slots` each is of."""
        pairs, whose = self._of[grain].lookup(slots)
        frame = self.frame
        owner = frame.pair_contact if grain == "contact" else frame.pair_account
        still = owner[pairs] == slots[whose]  # a pair that ended stands in the index still
        return pairs[still], whose[still]

    def slots_at(self, contacts: Ints, accounts: Ints) -> Ints:
        """The pair slot of each (contact, account), -1 where there is none."""
        pairs, whose = self.pairs_of("contact", contacts)
        right = self.frame.pair_account[pairs] == accounts[whose]
        found = np.full(len(contacts), -1, np.int64)
        found[whose[right]] = pairs[right]
        return found

    def settle(self, contacts: Ints, wanted: Wanted) -> Turned:
        """Give these contacts exactly the wanted pairs."""
        frame = self.frame
        have, _ = self.pairs_of("contact", contacts)
        width = len(frame.accounts.live) + 1
        own = _line(frame.pair_contact[have], frame.pair_account[have], width)
        asked = _line(wanted.contact, wanted.account, width)
        ended = have[~np.isin(own, asked)]
        new = ~np.isin(asked, own)
        order = np.argsort(own)
        at = have[order][np.searchsorted(own[order], asked[~new])]
        frame.pair_joined[at] = wanted.joined[~new]
        frame.pair_id[at] = wanted.id[~new]
        turned_contacts, turned_accounts = frame.pair_contact[ended], frame.pair_account[ended]
        born = self._give(int(new.sum()))
        found = Turned(
            np.concatenate([ended, born]),
            np.concatenate([turned_contacts.astype(np.int64), wanted.contact[new]]),
            np.concatenate([turned_accounts.astype(np.int64), wanted.account[new]]),
        )
        frame.pair_contact[ended], frame.pair_account[ended] = self.nobody, -1
        frame.pair_id[ended], frame.pair_joined[ended] = -1, 0
        frame.pair_contact[born], frame.pair_account[born] = (
            wanted.contact[new],
            wanted.account[new],
        )
        frame.pair_id[born], frame.pair_joined[born] = wanted.id[new], wanted.joined[new]
        self._of["contact"].add(wanted.contact[new], born)
        self._of["account"].add(wanted.account[new], born)
        return found

    def _give(self, count: int) -> Ints:
        first = self._next
        if first + count > len(self.frame.pair_contact):
            raise Full
        self._next += count
        return np.arange(first, first + count, dtype=np.int64)


def _line(contact: Array, account: Array, width: int) -> Ints:
    """Contact and account as one number."""
    line: Ints = contact.astype(np.int64) * width + account.astype(np.int64) + 1
    return line


class _Index:
    """Which pair slots an owner has: sorted once, and a list of those that came later."""

    def __init__(self, owners: npt.NDArray[np.int32], used: Ints, size: int) -> None:
        real = used[owners[used] >= 0]
        order = np.argsort(owners[real], kind="stable")
        self._slots = real[order].astype(np.int64)
        counts = np.bincount(owners[real], minlength=size)
        self._start = np.concatenate([[0], np.cumsum(counts)])
        self._later: dict[int, list[int]] = {}

    def add(self, owners: Ints, slots: Ints) -> None:
        for owner, slot in zip(owners.tolist(), slots.tolist(), strict=True):
            if owner >= 0:
                self._later.setdefault(owner, []).append(slot)

    def lookup(self, owners: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
        begin, end = self._start[owners], self._start[owners + 1]
        lengths = end - begin
        whose = np.repeat(np.arange(len(owners)), lengths)
        first = np.repeat(begin - np.cumsum(lengths) + lengths, lengths)
        slots = self._slots[np.arange(len(whose)) + first]
        if not self._later:
            return slots, whose
        late = [
            (slot, at)
            for at, owner in enumerate(owners.tolist())
            for slot in self._later.get(owner, ())
        ]
        if not late:
            return slots, whose
        more = np.array(late, np.int64)
        return np.concatenate([slots, more[:, 0]]), np.concatenate([whose, more[:, 1]])
