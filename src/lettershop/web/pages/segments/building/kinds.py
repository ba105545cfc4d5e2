"""All kinds of rows, and which condition is drawn as which."""

from collections.abc import Mapping
from typing import Final, assert_never

from lettershop.language import tree as t
from lettershop.web.pages.segments.building import events, measures, others
from lettershop.web.pages.segments.building.kind import Kind

# The order in which they are offered.
_ALL: Final = (*others.KINDS[:1], *events.KINDS[:1], *others.KINDS[1:4], *measures.KINDS[:1])
_REST: Final = (*events.KINDS[1:], *measures.KINDS[1:], *others.KINDS[4:])
KINDS: Final[Mapping[str, Kind]] = {kind.key: kind for kind in (*_ALL, *_REST)}

Leaf = (
    t.ValueTest
    | t.Did
    | t.Sequence
    | t.EdgeTime
    | t.TimeSince
    | t.EdgeValue
    | t.MeasureTest
    | t.MeasureWithin
    | t.Moved
    | t.Rank
    | t.Held
    | t.KnownFor
    | t.InSegment
    | t.SegmentHistory
    | t.People
    | t.HasRecord
    | t.Everyone
    | t.Random
)


def kind_of(node: Leaf) -> str:
    """The kind that shows such a condition, when it can."""
    match node:
        case t.Did():
            return "did"
        case t.Sequence():
            return "sequence"
        case t.EdgeTime():
            return "edge_time"
        case t.TimeSince():
            return "time_since"
        case t.EdgeValue():
            return "edge_value"
        case t.MeasureTest(measure) | t.MeasureWithin(measure):
            return _measured(measure)
        case t.Rank():
            return "rank"
        case t.Moved():
            return "moved"
        case t.Held():
            return "held"
        case t.KnownFor():
            return "known_for"
        case t.InSegment() | t.SegmentHistory():
            return "segment"
        case t.People():
            return "people"
        case t.HasRecord():
            return "record"
        case t.Everyone():
            return "everyone"
        case t.Random():
            return "random"
        case _:
            return "test"


def _measured(measure: measures.Tested) -> str:
    match measure:
        case t.CountOf() | t.Aggregate():
            return "measure"
        case t.RecordAggregate():
            return "records"
        case t.Extreme():
            return "extreme"
        case _:
            assert_never(measure)
