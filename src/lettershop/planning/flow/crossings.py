"""When a condition that compares a stored value with the moment came true or false."""

import numpy as np

from lettershop.language import tree
from lettershop.language.tree import Ago, Duration, FieldWindow, Last, Next
from lettershop.planning.calendar import shift
from lettershop.planning.flow.nodes import Leaf
from lettershop.planning.frame import Ints
from lettershop.planning.ground import Leaves


def crossed(leaf: Leaf, at: Leaves, slots: Ints, since: int) -> Ints:
    """For each slot the instant in (since, as_of] at which the answer turned over; as_of where
    that cannot be told from the value alone (local days, anniversaries)."""
    as_of = at.frame.as_of
    found = np.full(len(slots), as_of, np.int64)
    if not len(slots):
        return found
    values = _values(leaf, at, slots)
    if values is None:
        return found
    for moved in _moments(leaf, at, values):
        inside = (moved > since) & (moved <= as_of)
        found[inside] = np.minimum(found[inside], moved[inside])
    return found


def comes_by_waiting(leaf: Leaf) -> bool:
    """Whether it comes true by time alone, however the value it compares came about: whoever is
    found to have entered long ago has been in for as long at some moment since."""
    condition = leaf.condition
    return isinstance(condition, tree.SegmentHistory) and condition.move == "stayed"


def _values(leaf: Leaf, at: Leaves, slots: Ints) -> Ints | None:
    if isinstance(leaf.condition, tree.KnownFor):
        side = at.frame.contacts if leaf.grain == "contact" else at.frame.accounts
        return side.known_since[slots]
    if len(leaf.metrics) != 1:
        return None
    return at.get(leaf.metrics[0]).value[slots]


def _moments(leaf: Leaf, at: Leaves, values: Ints) -> list[Ints]:
    """The value itself, and as long after and before it as the condition says."""
    duration = _duration(leaf.condition)
    if duration is None:
        return []
    zone = at.frame.zone
    length = at.frame.as_of - shift(at.frame.as_of, -duration.n, duration.unit, zone)
    if isinstance(leaf.condition, tree.TimeSince):
        return [values + length + (leaf.condition.op in (">", "<="))]
    if isinstance(leaf.condition, tree.SegmentHistory):
        return [values + length]
    return [values, values + length, values - length]


def _duration(condition: tree.Condition) -> Duration | None:
    match condition:
        case tree.EdgeTime(window=window) | tree.DateTest(window=window):
            return _of_window(window)
        case tree.TimeSince(duration=duration) | tree.KnownFor(duration=duration):
            return duration
        case tree.SegmentHistory(duration=duration):
            return duration
        case _:
            return None


def _of_window(window: FieldWindow) -> Duration | None:
    match window:
        case Last(duration=duration) | Next(duration=duration) | Ago(duration=duration):
            return duration
        case _:
            return None
