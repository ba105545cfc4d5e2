"""Metrics: the distinct columns of numbers that segments are made of.

A metric says what is computed, for whom and over which rows; operators and thresholds stay outside,
so that segments share metrics. Two metrics that are equal are the same column, at any moment: no
metric says an instant that follows from `as_of`. The value arrives as
a `Column` (truth.py): one integer and one "known" per contact, account or pair.

Units of the integers: counts plain, numbers in micro-units, times in milliseconds, dates in days
since 1970, tests 0 or 1.
"""

from typing import Literal, TypeAlias

import msgspec

from lettershop.language.tree import (
    Condition,
    Duration,
    Last,
    LastCalendar,
    Step,
    ValueTest,
    Window,
)

Grain = Literal["contact", "account", "pair"]
"""Of whom there is one value: contacts, accounts, or pairs (a contact in one account)."""

FieldScope = Literal["contact", "account", "membership"]


class Metric(msgspec.Struct, frozen=True):
    """Base: compared and hashed by value."""


class FieldValue(Metric, frozen=True):
    """The current value of a number, time or date field."""

    scope: FieldScope
    field: str


class FieldTest(Metric, frozen=True):
    """Whether the current value passes a test; `test.field` names the field without prefix."""

    scope: FieldScope
    test: ValueTest


class FieldThen(Metric, frozen=True):
    """The value of a number field as it was before a duration, from what is known at as_of."""

    scope: FieldScope
    field: str
    duration: Duration


class FieldExtreme(Metric, frozen=True):
    """The highest (lowest) known value of a number field in effect in a window."""

    scope: FieldScope
    field: str
    which: Literal["highest", "lowest"]
    window: Last | LastCalendar


class FieldHeld(Metric, frozen=True):
    """1 where the test held before the duration and for every value written since."""

    scope: FieldScope
    test: ValueTest
    duration: Duration


class Rows(msgspec.Struct, frozen=True):
    """Which events: names (none: anything), when, and with which properties."""

    names: tuple[str, ...]
    window: Window | None = None
    where: Condition | None = None


EventFunction = Literal["count", "sum", "known", "minimum", "maximum", "first", "last"]
"""Functions one pass over one table can compute and tables can be added up by: number of events,
sum of known values, number of known values, extremes, time of the first and last event."""


class EventMetric(Metric, frozen=True):
    grain: Grain
    rows: Rows
    function: EventFunction
    field: str = ""
    currency: str | None = None


class DistinctMetric(Metric, frozen=True):
    """Number of different values of a property, or of local days (field "")."""

    grain: Grain
    rows: Rows
    field: str = ""


class SameValueMetric(Metric, frozen=True):
    """The largest number of events that share one known value of a property."""

    grain: Grain
    rows: Rows
    field: str


class EdgeTest(Metric, frozen=True):
    """Whether the property's first (last) known value passes a test."""

    grain: Grain
    rows: Rows
    edge: Literal["first", "last"]
    test: ValueTest


class SequenceMetric(Metric, frozen=True):
    """1 where the chain of events exists."""

    grain: Grain
    first: Rows
    steps: tuple[Step, ...]
    without: tuple[str, ...] = ()


class RecordMetric(Metric, frozen=True):
    """Over the records of one kind linked to the subject."""

    grain: Grain
    kind: str
    where: Condition | None
    function: Literal["count", "sum", "known", "minimum", "maximum"]
    field: str = ""
    currency: str | None = None


Recorded = Literal["entered", "left", "stayed"]


class SegmentTime(Metric, frozen=True):
    """When the subject last entered (left) a segment, by the recorded transitions other than those
    a new definition brought about; `stayed`: since when it has been in, whatever brought it in, of
    those whose last recorded move was to enter. `grain` is that of the segment's subject."""

    grain: Grain
    segment: str
    move: Recorded


AnyMetric: TypeAlias = (
    FieldValue
    | FieldTest
    | FieldThen
    | FieldExtreme
    | FieldHeld
    | EventMetric
    | DistinctMetric
    | SameValueMetric
    | EdgeTest
    | SequenceMetric
    | RecordMetric
    | SegmentTime
)


def grain_of(metric: AnyMetric) -> Grain:
    """Of whom the metric has one value."""
    match metric:
        case FieldValue() | FieldTest() | FieldThen() | FieldExtreme() | FieldHeld():
            return "pair" if metric.scope == "membership" else metric.scope
        case _:
            return metric.grain
