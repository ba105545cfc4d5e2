"""The instants at which a segment's answer about one subject can have changed, or can change yet.

Read from the small copy (aside.py): when each fact came to count, and when its time enters or
leaves a window of the definitions. Between two of these instants the answer stays the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lettershop.engines.duckdb.explain_values import Point, Values
from lettershop.engines.duckdb.run import define_functions
from lettershop.engines.duckdb.store import Store
from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.tree import Condition, FieldWindow, Node
from lettershop.language.walk import walk
from lettershop.model.clock import DAY
from lettershop.planning.ground import rows_of
from lettershop.planning.metrics import Rows
from lettershop.planning.moments import (
    Seen,
    anniversaries,
    crossings,
    date_edges,
    edges,
    moved,
)
from lettershop.planning.place import Place, event_grain, field_of, place_of, side_grain
from lettershop.planning.zones import needs_local


class Moments(NamedTuple):
    every: list[int]
    """All of them, in order."""
    changes: list[int]
    """Those at which a fact other than an event came to count, in order."""


def moments(store: Store, definitions: Sequence[Definition], until: int) -> Moments:
    """Those up to `until`. `store` is the copy."""
    define_functions(store)
    finder = _Finder(Values(store), until)
    changes = set(finder.values.visible())
    found = set(changes)
    for definition in definitions:
        found.update(finder.of(definition.where, place_of(definition.subject)))
    return Moments(sorted(at for at in found if at <= until), sorted(changes))


class _Finder:
    def __init__(self, values: Values, until: int) -> None:
        self.values, self.until = values, until
        self.zones = values.zones

    def of(self, node: Condition, place: Place) -> Iterator[int]:
        """What the facts' being there does not say yet (`Values.visible`)."""
        match node:
            case tree.And(parts=parts) | tree.Or(parts=parts):
                for part in parts:
                    yield from self.of(part, place)
            case tree.Not(part=part):
                yield from self.of(part, place)
            case tree.People(who=who) if who is not None:
                yield from self.of(who, "person")
            case tree.DateTest() | tree.Anniversary():
                yield from self._dates(node, self.values.field(*field_of(node.field, place)))
            case tree.Held(test=test, duration=duration):
                yield from self._written(test.field, duration, place)
            case tree.Moved(field=path, duration=duration):
                yield from self._written(path, duration, place)
            case tree.KnownFor(duration=duration, scope=scope):
                for at in self.values.known_since(side_grain(scope, place)):
                    yield from moved(at, duration, self.zones.workspace)
            case tree.SegmentHistory(name=name, duration=duration):
                for at, detected in self.values.recorded(name):
                    yield detected + 1
                    yield from moved(at, duration, self.zones.workspace)
            case tree.HasRecord(kind=kind, where=where):
                yield from self._record_dates(kind, where)
            case tree.MeasureTest(measure=measure) | tree.MeasureWithin(measure=measure):
                yield from self._measure(measure, place)
            case tree.Did() | tree.EdgeTime() | tree.TimeSince() | tree.EdgeValue():
                yield from self._events(node, place)
            case tree.Sequence():
                yield from self._sequence(node, place)
            case _:
                return

    def _written(self, path: str, duration: tree.Duration, place: Place) -> Iterator[int]:
        for ts in self.values.written(*field_of(path, place)):
            yield from moved(ts, duration, self.zones.workspace)

    def _dates(
        self, test: tree.DateTest | tree.Anniversary, points: Iterable[Point]
    ) -> Iterator[int]:
        for at, is_date in points:
            if isinstance(test, tree.DateTest):
                into = date_edges if is_date else edges
                yield from into(test.window, at, self.zones)
                continue
            days = {at} if is_date else {at // DAY - 1, at // DAY, at // DAY + 1}
            for day in days:  # an instant's local day is one of the three
                yield from anniversaries(day, test.within, self.until, self.zones)

    def _inside(self, where: Node | None) -> Iterator[tree.DateTest | tree.Anniversary]:
        for node in walk(where) if where is not None else ():
            if isinstance(node, tree.DateTest | tree.Anniversary):
                yield node

    def _record_dates(self, kind: str, where: Condition | None) -> Iterator[int]:
        for test in self._inside(where):
            yield from self._dates(test, self.values.record_field(kind, test.field))

    def _property_dates(self, names: tuple[str, ...], where: Node | None) -> Iterator[int]:
        for test in self._inside(where):
            yield from self._dates(test, self.values.property(Rows(names), test.field))

    def _measure(self, measure: tree.Measure, place: Place) -> Iterator[int]:
        match measure:
            case tree.CountOf(events=events) | tree.Aggregate(events=events):
                yield from self._every(events, events.window, place)
            case tree.RecordAggregate(kind=kind, where=where, currency=currency):
                yield from self._record_dates(kind, where)
                if currency is not None:
                    yield from (day * DAY for day in self.values.rate_days())
            case tree.Extreme(field=path, window=window):
                for ts in self.values.written(*field_of(path, place)):
                    yield from edges(window, ts, self.zones)
            case tree.Change(field=path, duration=duration):
                yield from self._written(path, duration, place)
            case tree.Number():
                return

    def _events(
        self, node: tree.Did | tree.EdgeTime | tree.TimeSince | tree.EdgeValue, place: Place
    ) -> Iterator[int]:
        events = node.events
        match node:
            case tree.Did(days=False, same=None, n=n):
                yield from self._counted(events, events.window, (n, n + 1), place)
            case tree.Did():
                yield from self._every(events, events.window, place)
            case tree.EdgeTime(edge="last", window=window):
                yield from self._counted(events, window, (1,), place)
            case tree.EdgeTime(window=window):
                yield from self._every(events, window, place)
            case tree.TimeSince(edge=edge, duration=duration):
                window = tree.Last(duration)
                tried = (
                    self._counted(events, window, (1,), place)
                    if edge == "last"
                    else self._every(events, window, place)
                )
                for at in tried:
                    yield from (at, at + 1)  # “more than” is a millisecond later than “at least”
            case tree.EdgeValue(test=test):
                yield from self._every(events, events.window, place)
                yield from self._property_dates(events.names, test)

    def _counted(
        self,
        events: tree.Events,
        window: FieldWindow | None,
        thresholds: tuple[int, ...],
        place: Place,
    ) -> Iterator[int]:
        """When enough events lie in the window and when no longer; without trying each of them
        where the count alone tells."""
        if needs_local(events.where):
            yield from self._every(events, window, place)
            return
        for seen in self._seen(events, place):
            yield min(one.visible for one in seen)
            found = crossings(seen, window, thresholds, self.zones)
            yield from self._each(seen, window) if found is None else found

    def _every(
        self, events: tree.Events, window: FieldWindow | None, place: Place
    ) -> Iterator[int]:
        for seen in self._seen(events, place):
            yield from self._each(seen, window)
        yield from self._property_dates(events.names, events.where)

    def _seen(self, events: tree.Events, place: Place) -> list[list[Seen]]:
        where = None if needs_local(events.where) else events.where
        rows = rows_of(events)
        return self.values.events(rows.names, where, event_grain(events.scope, place))

    def _each(self, seen: Iterable[Seen], window: FieldWindow | None) -> Iterator[int]:
        for one in seen:
            yield one.visible
            yield from edges(window, one.ts, self.zones)

    def _sequence(self, node: tree.Sequence, place: Place) -> Iterator[int]:
        yield from self._every(node.first, node.first.window, place)
        grain = event_grain(node.first.scope, place)
        for names in [*(step.names for step in node.steps), node.without]:
            if names:
                for seen in self.values.events(names, None, grain):
                    yield from (one.visible for one in seen)
        for step in node.steps:
            if not step.names:
                for seen in self.values.events((), None, grain):
                    yield from (one.visible for one in seen)
            yield from self._property_dates(step.names, step.where)
