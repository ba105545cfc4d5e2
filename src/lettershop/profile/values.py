"""From who is in the hidden segments to the values of a trait, for some subjects.

A value is what a fact can say: a number, a text, a list of texts, or None where nothing is known.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, assert_never

import numpy as np
from pyroaring import BitMap

from lettershop.model.values import MICRO
from lettershop.planning.frame import Bits, Ints
from lettershop.profile.compiled import Bit, label_bit, rule_bits
from lettershop.profile.traits import AnyTrait, Interest, Rule, Ruled, Score, Stage

Value: TypeAlias = int | float | str | tuple[str, ...] | None
Values: TypeAlias = Mapping[str, Sequence[Value]]
"""Per field, one value for each of the subjects asked about."""


class Membership:
    """Who of some subjects (`ids`: dense, ascending, each once) is in which hidden segment."""

    def __init__(self, members: Mapping[str, BitMap], ids: Ints) -> None:
        self._members, self.ids = members, ids
        self._asked = BitMap(ids.astype(np.uint32))

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, name: str) -> Bits:
        bits = np.zeros(len(self.ids), np.bool_)
        found = self._members[name] & self._asked
        bits[np.searchsorted(self.ids, np.array(found, np.int64))] = True
        return bits


def values_of(trait: Ruled, among: Membership) -> Values:
    match trait:
        case Score():
            return {trait.name: [plain(total) for total in _score(trait, among)]}
        case Stage():
            return {trait.name: _stage(trait, among)}
        case Interest():
            return _interests(trait, among)
        case _:
            assert_never(trait)


def plain(micros: int) -> int | float:
    """Micro-units as the number people write."""
    whole, rest = divmod(int(micros), MICRO)
    return int(micros) / MICRO if rest else whole


def points_of(trait: AnyTrait, rule: Rule, among: Membership) -> Ints:
    """What one rule gives each, in micro-units."""
    total = np.zeros(len(among), np.int64)
    for bit in rule_bits(trait, rule):
        total += _worth(bit, among)
    return total if rule.cap is None else np.clip(total, -rule.cap, rule.cap)


def _worth(bit: Bit, among: Membership) -> Ints:
    return among.of(bit.name) * np.int64(bit.worth)


def _sum(trait: AnyTrait, rules: Sequence[Rule], among: Membership) -> Ints:
    total = np.zeros(len(among), np.int64)
    for rule in rules:
        total += points_of(trait, rule, among)
    return total


def _score(trait: Score, among: Membership) -> list[int]:
    total = _sum(trait, trait.rules, among)
    if trait.minimum is not None:
        total = np.maximum(total, trait.minimum)
    if trait.maximum is not None:
        total = np.minimum(total, trait.maximum)
    return [int(value) for value in total]


def _stage(trait: Stage, among: Membership) -> list[Value]:
    """The last label first, so that earlier ones overwrite it."""
    found = np.full(len(among), len(trait.labels))
    for place in reversed(range(len(trait.labels))):
        found[among.of(label_bit(trait, trait.labels[place]).name)] = place
    names = [*(label.key for label in trait.labels), trait.default]
    return [names[place] for place in found]


def _interests(trait: Interest, among: Membership) -> dict[str, list[Value]]:
    totals = [_sum(trait, tag.rules, among) for tag in trait.tags]
    found: dict[str, list[Value]] = {
        tag.field: [plain(points) for points in total]
        for tag, total in zip(trait.tags, totals, strict=True)
        if tag.field
    }
    names = [tag.name for tag in trait.tags]
    table = np.array(totals, np.int64).reshape(len(names), len(among)).T
    top: list[Value] = [None] * len(among)
    for place in np.flatnonzero((table >= max(trait.threshold, 1)).any(axis=1)):
        top[place] = _strongest(trait, names, table[place])
    return {trait.name: top, **found}


def _strongest(trait: Interest, names: Sequence[str], points: Ints) -> tuple[str, ...]:
    """By points, then in the order of the definition."""
    enough = [n for n in range(len(names)) if points[n] >= max(trait.threshold, 1)]
    enough.sort(key=lambda n: -int(points[n]))
    return tuple(names[n] for n in enough[: trait.top])
