"""What a condition is taken from not having heard: events whose absence makes a segment true.

`did not "Signed In"` is true of everybody once no sign-ins come in any more, whatever people do.
A `not` around it turns that round, and so does every comparison from above.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, assert_never

from lettershop.language import tree
from lettershop.language.tree import Condition

ANYTHING = ""
"""Stands for every event that counts as activity."""


class Absence(NamedTuple):
    """A condition that hangs on `event` not having come; `through`: the segment it stands in, where
    that is another one."""

    event: str
    condition: Condition
    through: str = ""


Opened = Callable[[str], Condition | None]
"""The condition of a segment that is referred to; None: there is none."""


def absences(where: Condition, opened: Opened) -> list[Absence]:
    """Every event whose absence can make the condition true, with where that is said."""
    return list(dict.fromkeys(_Walk(opened).of(where, missing=True)))


class _Walk:
    def __init__(self, opened: Opened) -> None:
        self._opened, self._through = opened, ""
        self._open: set[tuple[str, bool]] = set()

    def of(self, node: Condition, *, missing: bool) -> Iterator[Absence]:
        """`missing`: what makes the node true is looked for; else what makes it false."""
        match node:
            case tree.And(parts=parts) | tree.Or(parts=parts):
                for part in parts:
                    yield from self.of(part, missing=missing)
            case tree.Not(part=part):
                yield from self.of(part, missing=not missing)
            case tree.InSegment(name=name) | tree.SegmentHistory(name=name, move="stayed"):
                yield from self._inside(name, missing=missing)
            case tree.SegmentHistory(name=name, move="entered"):
                yield from self._inside(name, missing=missing)
            case tree.SegmentHistory(name=name):
                yield from self._inside(name, missing=not missing)
            case tree.People(who=who) if who is not None:
                for sign in _people(node):
                    yield from self.of(who, missing=missing == sign)
            case tree.Sequence():
                yield from self._sequence(node, missing=missing)
            case tree.Did(events=events):
                if missing in _signs(node.count, node.n, negated=node.negated):
                    yield from self._each(events.names, node)
            case tree.EdgeTime(events=events) | tree.TimeSince(events=events):
                if missing in _edge(node):
                    yield from self._each(events.names, node)
            case tree.MeasureTest(measure=tree.CountOf() | tree.Aggregate() as measure):
                if missing in _compared(node, measure):
                    yield from self._each(measure.events.names, node)
            case tree.MeasureWithin(measure=tree.CountOf() | tree.Aggregate() as measure):
                if _adds_up(measure):
                    yield from self._each(measure.events.names, node)
            case _:
                return

    def _each(self, names: tuple[str, ...], node: Condition) -> Iterator[Absence]:
        for name in names or (ANYTHING,):
            yield Absence(name, node, self._through)

    def _inside(self, name: str, *, missing: bool) -> Iterator[Absence]:
        where = self._opened(name)
        if where is None or (name, missing) in self._open:
            return
        self._open.add((name, missing))
        before, self._through = self._through, name
        yield from self.of(where, missing=missing)
        self._through = before

    def _sequence(self, node: tree.Sequence, *, missing: bool) -> Iterator[Absence]:
        """The chain needs its steps, and that what must not come between does not."""
        if missing == node.negated:
            for names in (node.first.names, *(step.names for step in node.steps)):
                yield from self._each(names, node)
        elif node.without:
            yield from self._each(node.without, node)


Signs = tuple[bool, ...]
"""True: absence can make the condition true; False: it can make it false."""


def _signs(count: tree.Count, n: int, *, negated: bool) -> Signs:
    match count:
        case "at least" | "more than":
            signs: Signs = (False,)
        case "at most" | "fewer than":
            signs = (True,)
        case "exactly":
            signs = (True, False) if n else (True,)
        case _:
            assert_never(count)
    return tuple(sign != negated for sign in signs)


def _people(node: tree.People) -> Signs:
    """True: more people who match make it true; False: they make it false."""
    if node.quantity == "all":
        return (True,)
    return tuple(not sign for sign in _signs(node.count, int(node.n), negated=False))


def _edge(node: tree.EdgeTime | tree.TimeSince) -> Signs:
    """Only of the last one is it a matter of newer ones having come."""
    if node.edge == "first":
        return ()
    if isinstance(node, tree.TimeSince):
        return (node.op in (">", ">="),)
    match node.window:
        case tree.Ago() | tree.Before():
            return (True,)
        case tree.Between() | tree.On():
            return (True, False)
        case tree.Last() | tree.LastCalendar() | tree.Today() | tree.After():
            return (False,)
        case _:
            assert_never(node.window)


def _adds_up(measure: tree.CountOf | tree.Aggregate) -> bool:
    return isinstance(measure, tree.CountOf) or measure.function in ("sum", "maximum")


def _compared(node: tree.MeasureTest, measure: tree.CountOf | tree.Aggregate) -> Signs:
    if not _adds_up(measure):
        return ()
    match node.op:
        case "<" | "<=":
            return (True,)
        case ">" | ">=":
            return (False,)
        case "=" | "!=":
            return (True, False)
        case _:
            assert_never(node.op)
