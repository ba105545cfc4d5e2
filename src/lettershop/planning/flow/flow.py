"""One step: from the slots whose numbers changed to the members that changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, assert_never

import numpy as np

from lettershop.planning.flow.crossings import comes_by_waiting, crossed
from lettershop.planning.flow.flips import NONE, Flips, merged
from lettershop.planning.flow.nodes import (
    AnyNode,
    Constant,
    Crowd,
    Join,
    Leaf,
    Links,
    Members,
    Negation,
    Node,
)
from lettershop.planning.flow.picked import picked
from lettershop.planning.frame import Bits, Frame, Ints
from lettershop.planning.ground import Leaves
from lettershop.planning.metrics import AnyMetric, Grain
from lettershop.planning.truth import enough, leaf_mask


class Step(NamedTuple):
    """What has changed since the last step.

    `changed`: slots per metric, of the metric's grain. `fresh`: slots per grain of subjects that
    are new, gone, or otherwise not what they were. `loose`: contacts and accounts that have won or
    lost a pair.
    """

    at: Leaves
    since: int
    """The moment of the last step."""
    changed: Mapping[AnyMetric, Flips]
    fresh: Mapping[Grain, Flips]
    loose: Mapping[Literal["contact", "account"], Flips]
    timed_cause: int
    """The cause of flips that only the moment explains."""
    heirs: Mapping[str, Flips]
    """Per segment that remembers its members: slots that take the place of members gone."""


class Flow:
    """Nodes in order, and who belongs to whom."""

    def __init__(self, nodes: Sequence[AnyNode], links: Links) -> None:
        self.nodes, self.links = nodes, links

    def step(self, step: Step) -> list[Members]:
        """Brings every node up to date; the segments whose members changed (their `flips`)."""
        for node in self.nodes:
            node.flips = self._advance(node, step)
        return [n for n in self.nodes if isinstance(n, Members) and len(n.flips.slots)]

    def _advance(self, node: AnyNode, step: Step) -> Flips:
        match node:
            case Leaf():
                return self._leaf(node, step)
            case Constant():
                return NONE
            case Negation():
                found = merged([node.part.flips, self._fresh(node, step)])
                return _set(node, found, ~node.part.bits[found.slots])
            case Join():
                flips = [self._lifted(part, node.grain, step) for part in node.parts]
                found = merged([*flips, self._fresh(node, step)])
                return _set(node, found, self._joined(node, found.slots, step.at.frame))
            case Crowd():
                found = self._crowded(node, step)
                return _set(node, found, self._crowd(node, found.slots, step))
            case Members():
                found = self._projected(node, step)
                return _set(node, found, self._members(node, found.slots, step))
            case _:
                assert_never(node)

    # --- conditions -----------------------------------------------------------------------------

    def _leaf(self, leaf: Leaf, step: Step) -> Flips:
        changed = [] if comes_by_waiting(leaf) else _of(step.changed, leaf.metrics)
        found = merged([self._fresh(leaf, step), *changed])
        if leaf.timed or (leaf.ranked and len(found.slots)):
            return self._whole(leaf, step, found)
        if not len(found.slots):
            return NONE
        at = picked(step.at, leaf.grain, found.slots)
        return _set(leaf, found, leaf_mask(at, leaf.condition, leaf.place, leaf.grain).bits)

    def _whole(self, leaf: Leaf, step: Step, known: Flips) -> Flips:
        """Everybody is asked: because the moment has moved, or because everybody is compared."""
        bits = leaf_mask(step.at, leaf.condition, leaf.place, leaf.grain).bits
        slots = np.flatnonzero(bits != leaf.bits)
        leaf.bits = bits.copy() if not bits.flags.owndata else bits
        cause = step.timed_cause
        if leaf.ranked and len(known.cause):
            cause = int(known.cause[np.argmax(known.time)])
        late = crossed(leaf, step.at, slots, step.since) if leaf.timed else step.at.frame.as_of
        others = Flips.of(slots, late, cause)
        own = known.where(np.isin(known.slots, slots))
        return merged([others.where(~np.isin(others.slots, own.slots)), own])

    def _joined(self, join: Join, slots: Ints, frame: Frame) -> Bits:
        values = [self._read(part, slots, join.grain, frame) for part in join.parts]
        found: Bits = (np.logical_and if join.every else np.logical_or).reduce(values)
        return found

    def _crowded(self, crowd: Crowd, step: Step) -> Flips:
        """The accounts of which somebody changed."""
        people = [self._lifted(crowd.who, "pair", step)] if crowd.who is not None else []
        if crowd.roles is not None:
            people += _of(step.changed, [crowd.roles])
        found = merged(people)
        accounts = step.at.frame.pair_account[found.slots]
        there = accounts >= 0
        return merged(
            [
                found.where(there).moved(accounts[there], np.arange(int(there.sum()))),
                step.loose["account"],
                self._fresh(crowd, step),
            ]
        )

    def _crowd(self, crowd: Crowd, slots: Ints, step: Step) -> Bits:
        frame = step.at.frame
        pairs, whose = self.links.pairs_of("account", slots)
        people = np.ones(len(pairs), np.bool_)
        if crowd.roles is not None:
            people &= step.at.get(crowd.roles).value[pairs] == 1
        matching = people
        if crowd.who is not None:
            matching = people & self._read(crowd.who, pairs, "pair", frame)
        hits = np.bincount(whose[matching], minlength=len(slots))
        total = np.bincount(whose[people], minlength=len(slots))
        return enough(crowd.condition, hits, total)

    # --- segments -------------------------------------------------------------------------------

    def _projected(self, node: Members, step: Step) -> Flips:
        """The subjects whose rule, pairs or pins may say otherwise now."""
        rule, heirs = node.rule, step.heirs.get(node.definition.name, NONE)
        found = [self._fresh(node, step), heirs]
        if node.grain == "contact" and rule.grain != "contact":
            flips = self._lifted(rule, "pair", step)
            contacts = step.at.frame.pair_contact[flips.slots]
            found += [flips.moved(contacts, np.arange(len(contacts))), step.loose["contact"]]
        else:
            found.append(self._lifted(rule, node.grain, step))
        return merged(found)

    def _members(self, node: Members, slots: Ints, step: Step) -> Bits:
        """The rule, then the mode, then pins, within the universe."""
        frame, heirs = step.at.frame, step.heirs.get(node.definition.name, NONE)
        if node.grain == "contact" and node.rule.grain != "contact":
            pairs, whose = self.links.pairs_of("contact", slots)
            holds = self._read(node.rule, pairs, "pair", frame)
            hits = np.bincount(whose[holds], minlength=len(slots))
            bits = hits > 0
        else:
            bits = self._read(node.rule, slots, node.grain, frame)
        match node.definition.mode:
            case "dynamic":
                pass
            case "add_only":
                bits = bits | node.bits[slots] | np.isin(slots, heirs.slots)
            case "static":
                bits = node.bits[slots] | np.isin(slots, heirs.slots)
        if len(node.put_in):
            bits = bits | np.isin(slots, node.put_in)
        if len(node.kept_out):
            bits = bits & ~np.isin(slots, node.kept_out)
        return bits & _universe(node.grain, slots, frame)

    # --- from grain to grain --------------------------------------------------------------------

    def _fresh(self, node: Node, step: Step) -> Flips:
        return step.fresh[node.grain]

    def _lifted(self, part: Node, grain: Grain, step: Step) -> Flips:
        """A part's flips where the whole has its slots."""
        if part.grain == grain or part.grain == "pair":
            return part.flips
        pairs, whose = self.links.pairs_of(part.grain, part.flips.slots)
        return part.flips.moved(pairs, whose)

    def _read(self, part: Node, slots: Ints, grain: Grain, frame: Frame) -> Bits:
        if part.grain == grain:
            return part.bits[slots]
        index = frame.pair_contact if part.grain == "contact" else frame.pair_account
        return part.bits[index[slots]]


def _universe(grain: Grain, slots: Ints, frame: Frame) -> Bits:
    match grain:
        case "contact":
            return frame.contacts.live[slots]
        case "account":
            return frame.accounts.live[slots]
        case "pair":
            return frame.pair_account[slots] >= 0


def _of(changed: Mapping[AnyMetric, Flips], metrics: Iterable[AnyMetric]) -> list[Flips]:
    return [changed[metric] for metric in metrics if metric in changed]


def _set(node: Node, found: Flips, bits: Bits) -> Flips:
    """Write the new truth of the slots looked at; those where it is another."""
    slots = found.slots
    flipped = node.bits[slots] != bits
    node.bits[slots[flipped]] = bits[flipped]
    return found.where(flipped)
