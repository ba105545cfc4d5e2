"""The nearest change that would let somebody in (or out): the fewest conditions that would have to
turn, the easiest first.

Of an `and` all parts that are false have to turn, of an `or` the cheapest; references to other
segments are opened, so that what is named is something that can happen.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Final, Literal, NamedTuple

import msgspec

from lettershop.language import tree
from lettershop.language.tree import Condition

Effort = Literal["event", "change", "others", "waiting", "impossible"]
"""How a condition could turn: an event more; a trait, record or membership that changes; what
others do; only time going by; nothing."""

_WEIGHT: Final[dict[Effort, int]] = {
    "event": 0,
    "change": 1,
    "others": 2,
    "waiting": 10,
    "impossible": 100,
}
MOST: Final = 3
"""Ways that are told."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One condition that would have to turn. `need` says what is missing, in words; `found` what
    is there now. `segment` names the segment it stands in, where that is another."""

    need: str
    effort: Effort
    found: str = ""
    segment: str = ""


class Way(msgspec.Struct, frozen=True):
    """Steps that are enough together."""

    steps: tuple[Step, ...]


class Turn(NamedTuple):
    """A leaf that would have to become `wanted`; `step` says how."""

    key: object
    wanted: bool
    step: Step
    amount: float = 0.0


class View(NamedTuple):
    """A tree with how to read it at one subject."""

    holds: Callable[[Condition], bool]
    key: Callable[[Condition], object]
    """What is said, about whom: equal conditions turn together."""
    turn: Callable[[Condition, bool], Turn]
    opened: Callable[[tree.InSegment], "list[Asked]"]
    """The tree of a segment that is referred to, for each account it may be about; empty: it is
    not looked into."""


Asked = tuple[Condition, View]
_Set = tuple[Turn, ...]


def nearest(asked: Sequence[Asked], *, wanted: bool) -> tuple[Way, ...]:
    """The best ways to make the sentence `wanted`, the easiest first; none when nothing would.

    `asked`: the same tree for each account it may be about. It is true when it is with one of them.
    """
    ways = _Ways()
    found = [
        turns
        for turns in ways.of_all(asked, wanted)
        if turns and not _impossible(turns) and _enough(asked, turns, wanted)
    ]
    return tuple(Way(tuple(turn.step for turn in turns)) for turns in found[:MOST])


class _Ways:
    """The cheapest sets of leaves that turn a tree; of a segment referred to they are found once,
    however many refer to it."""

    def __init__(self) -> None:
        self._inside: dict[tuple[object, bool], list[_Set]] = {}

    def of_all(self, asked: Sequence[Asked], wanted: bool) -> list[_Set]:
        return (_any if wanted else _all)([self._of(*one, wanted) for one in asked])

    def _of(self, node: Condition, view: View, wanted: bool) -> list[_Set]:
        if view.holds(node) == wanted:
            return [()]
        match node:
            case tree.Not(part=part):
                return self._of(part, view, not wanted)
            case tree.And(parts=parts):
                return (_all if wanted else _any)([self._of(part, view, wanted) for part in parts])
            case tree.Or(parts=parts):
                return (_any if wanted else _all)([self._of(part, view, wanted) for part in parts])
            case tree.InSegment():
                key = view.key(node), wanted
                if key not in self._inside:
                    self._inside[key] = self._referred(node, view, wanted)
                return self._inside[key]
            case _:
                return [(view.turn(node, wanted),)]

    def _referred(self, node: tree.InSegment, view: View, wanted: bool) -> list[_Set]:
        inside = view.opened(node)
        if inside and any(inner.holds(root) for root, inner in inside) != wanted:
            return self.of_all(inside, wanted)
        return [(view.turn(node, wanted),)]


def _any(parts: Sequence[list[_Set]]) -> list[_Set]:
    return _best(one for part in parts for one in part)


def _all(parts: Sequence[list[_Set]]) -> list[_Set]:
    found: list[_Set] = [()]
    for part in parts:
        joined = (_together(one, other) for one, other in product(found, part))
        found = _best(one for one in joined if one is not None)
    return found


def _together(one: _Set, other: _Set) -> _Set | None:
    """Both; None where they contradict each other. The same condition turns only once."""
    wanted = {turn.key: turn.wanted for turn in one}
    if any(wanted.get(turn.key, turn.wanted) != turn.wanted for turn in other):
        return None
    return (*one, *(turn for turn in other if turn.key not in wanted))


def _best(ways: Iterable[_Set]) -> list[_Set]:
    unique: dict[frozenset[tuple[object, bool]], _Set] = {}
    for way in ways:
        unique.setdefault(frozenset((turn.key, turn.wanted) for turn in way), way)
    return sorted(unique.values(), key=_cost)[: 2 * MOST]


def _cost(way: _Set) -> tuple[int, int, int, float]:
    efforts = [_WEIGHT[turn.step.effort] for turn in way]
    worst = max(efforts, default=0)
    late = worst if worst >= _WEIGHT["waiting"] else 0
    return (late, len(way), sum(efforts), sum(turn.amount for turn in way))


def _enough(asked: Sequence[Asked], way: _Set, wanted: bool) -> bool:
    """Whether the sentence is `wanted` afterwards: a condition may stand in it twice, and be wanted
    true here and false there."""
    turned = {turn.key: turn.wanted for turn in way}
    return any(_afterwards(*one, turned) for one in asked) == wanted


def _afterwards(node: Condition, view: View, turned: dict[object, bool]) -> bool:
    """The truth after the turns; that of segments referred to is noted among them."""
    match node:
        case tree.Not(part=part):
            return not _afterwards(part, view, turned)
        case tree.And(parts=parts):
            return all(_afterwards(part, view, turned) for part in parts)
        case tree.Or(parts=parts):
            return any(_afterwards(part, view, turned) for part in parts)
        case tree.InSegment():
            key = view.key(node)
            if key not in turned:
                inside = view.opened(node)
                found = any(_afterwards(*one, turned) for one in inside)
                turned[key] = found if inside else view.holds(node)
            return turned[key]
        case _:
            return turned.get(view.key(node), view.holds(node))


def _impossible(way: _Set) -> bool:
    return any(turn.step.effort == "impossible" for turn in way)
