"""From whom the rule holds for to the members: modes, then pins, within the universe."""

from collections.abc import Mapping, Sequence

import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.refresh.tables import KeptRow
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition, Mode
from lettershop.language.tree import Subject
from lettershop.planning.frame import Bits, Frame, Ints
from lettershop.planning.ground import Mask
from lettershop.planning.keep import Keep, Pin
from lettershop.planning.metrics import Grain


class Adjustment:
    """Knows who was in before; a `planning.truth.Adjust`."""

    def __init__(
        self,
        store: Store | None,
        frame: Frame,
        keeps: Sequence[Keep],
        kept: Mapping[str, KeptRow],
        before: Mapping[str, BitMap],
    ) -> None:
        """Without a store, `before` has to hold those as well who contacts became one with."""
        self.store, self.frame = store, frame
        self._keeps = {keep.name: keep for keep in keeps}
        self._before = {
            keep.name: before[keep.name]
            for keep in keeps
            if keep.name in kept and kept[keep.name].sign == keep.sign() and keep.name in before
        }

    def __call__(self, definition: Definition, rule: Mask) -> Mask:
        keep = self._keeps.get(definition.name)
        if keep is None:
            return rule
        bits = by_mode(rule.bits, definition.mode, self._was(definition))
        if keep.pins:
            bits = pinned(bits, keep.pins, self.frame, definition.subject)
        if bits is rule.bits:
            return rule
        return Mask(rule.grain, bits & universe(self.frame, definition.subject))

    def _was(self, definition: Definition) -> Bits | None:
        if definition.mode == "dynamic" or definition.name not in self._before:
            return None
        before = self._before[definition.name]
        if definition.subject == "contact" and self.store is not None:
            before = inherited(self.store, before)
        return bits_of(self.frame, definition.subject, before)


def survivors(store: Store, contacts: Ints) -> dict[int, int]:
    """Of these contacts those that have become one with another, and which one that is now."""
    asked = store.con.execute(
        "SELECT id, merged FROM contacts WHERE merged IS NOT NULL"
        " AND id IN (SELECT unnest($contacts::BIGINT[]))",
        {"contacts": contacts.tolist()},
    )
    found = dict(asked.fetchall())
    while further := np.array([n for n in found.values() if n not in found], np.int64).tolist():
        more = survivors(store, np.array(further, np.int64))
        if not more:
            break
        found |= more
    return {old: _last(found, old) for old in found}


def _last(follows: Mapping[int, int], contact: int) -> int:
    while contact in follows:
        contact = follows[contact]
    return contact


def inherited(store: Store, members: BitMap) -> BitMap:
    """Members, and for those that have become one with somebody that one."""
    heirs = survivors(store, np.array(members, np.int64))
    return members | BitMap(heirs.values()) if heirs else members


def by_mode(rule: Bits, mode: Mode, before: Bits | None) -> Bits:
    """`before`: who was in when this version was last computed; None when it never was."""
    if before is None:
        return rule
    match mode:
        case "dynamic":
            return rule
        case "add_only":
            return rule | before
        case "static":
            return before


def pinned(bits: Bits, pins: Sequence[Pin], frame: Frame, subject: Subject) -> Bits:
    """With those put in and without those kept out."""
    found = bits.copy()
    for include in (True, False):
        chosen = np.array([p.subject for p in pins if p.include is include], np.int64)
        found[slots_of(frame, subject, chosen)] = include
    return found


def bits_of(frame: Frame, subject: Subject, members: BitMap) -> Bits:
    """Members by dense id as one truth per slot of the frame."""
    bits = np.zeros(frame.size(grain_of_subject(subject)), np.bool_)
    bits[slots_of(frame, subject, np.array(members, np.int64))] = True
    return bits


def slots_of(frame: Frame, subject: Subject, ids: Ints) -> Ints:
    """Where dense ids stand in the frame; those that stand nowhere are left out."""
    if subject != "people":
        return ids[ids < frame.size(grain_of_subject(subject)) - 1]
    place = np.full(int(frame.pair_id.max(initial=-1)) + 2, -1, np.int64)
    real = np.flatnonzero(frame.pair_id >= 0)
    place[frame.pair_id[real]] = real
    slots = place[ids[ids < len(place)]]
    return slots[slots >= 0]


def grain_of_subject(subject: Subject) -> Grain:
    return "pair" if subject == "people" else subject


def universe(frame: Frame, subject: Subject) -> Bits:
    """Whom a segment of that subject is drawn from."""
    match subject:
        case "contact":
            return frame.contacts.live
        case "account":
            return frame.accounts.live
        case "people":
            return frame.pair_account >= 0
