"""The tree: every condition there is, as frozen structs with fields only.

Behaviour lives elsewhere, one function and one `match` each (text, English, check, plan, referee).

Fields are dotted paths as written: `title`, `account.employees`, `membership.role`; inside a
`where (…)` a path names a property of the event or a field of the record.
A `where` holds only value tests and and/or/not of them; `check` refuses the rest.
Numbers in trees are plain int or float with at most 15 significant digits and six decimals.
"""

from typing import Literal, TypeAlias

from lettershop.language.node import (
    AT_LEAST,
    CalendarUnit as CalendarUnit,
    Comparison as Comparison,
    Count as Count,
    Duration as Duration,
    Node as Node,
    Scalar as Scalar,
    Scope as Scope,
    Subject as Subject,
    Unit as Unit,
)
from lettershop.language.windows import (
    After as After,
    Ago as Ago,
    Before as Before,
    Between as Between,
    FieldWindow as FieldWindow,
    Last as Last,
    LastCalendar as LastCalendar,
    Next as Next,
    NextCalendar as NextCalendar,
    On as On,
    Today as Today,
    Window as Window,
)

# --- tests of one value: of a field, or of a property inside `where` ----------------------------


class Compare(Node, frozen=True, tag="compare"):
    """`title contains "VP"`, `employees >= 50`, `plan != "pro"`, `name = exactly "Acme"`.

    `op` is a key of operators.py that takes one value.
    """

    field: str
    op: str
    value: Scalar
    exact: bool = False


class Within(Node, frozen=True, tag="within"):
    """`employees between 2 and 10`: both ends included. With `negated`: `not between`."""

    field: str
    low: int | float
    high: int | float
    negated: bool = False


class OneOf(Node, frozen=True, tag="one_of"):
    """`plan in ("pro", "business")`, `plan not in (…)`."""

    field: str
    values: tuple[Scalar, ...]
    negated: bool = False
    exact: bool = False


class Includes(Node, frozen=True, tag="includes"):
    """`tags include any of ("hr", "payroll")`; also `all of`, `none of`."""

    field: str
    how: Literal["any", "all", "none"]
    values: tuple[str, ...]


class Matches(Node, frozen=True, tag="matches"):
    """`email matches /@acme\\./`: RE2 syntax, anywhere in the text, case-insensitive."""

    field: str
    pattern: str
    negated: bool = False


class IsKnown(Node, frozen=True, tag="is_known"):
    """`phone is known`; with `negated`: `phone is unknown`."""

    field: str
    negated: bool = False


class DateTest(Node, frozen=True, tag="date_test"):
    """`created_at within last 30 days`, `renewal_date is today`, `created_at before 2026-01-01`."""

    field: str
    window: FieldWindow


class Anniversary(Node, frozen=True, tag="anniversary"):
    """`signup_date has its anniversary within next 3 days`; None: `… today`."""

    field: str
    within: Duration | None = None


class Near(Node, frozen=True, tag="near"):
    """`location within 50 km of (52.52, 13.40)`: great circle, sphere of 6,371.0088 km."""

    field: str
    km: int | float
    latitude: int | float
    longitude: int | float


ValueTest: TypeAlias = (
    Compare | Within | OneOf | Includes | Matches | IsKnown | DateTest | Anniversary | Near
)


# --- events -------------------------------------------------------------------------------------


class Events(Node, frozen=True, tag="events"):
    """Which events count. No names: anything the subject did (segments.md rule 7)."""

    names: tuple[str, ...] = ()
    scope: Scope = "own"
    window: Window | None = None
    where: "Condition | None" = None


class Did(Node, frozen=True, tag="did"):
    """`did "X" [at least 2 times] …`, `did not "X" …`, `did "X" on at least 5 different days …`,
    `did "X" at least 4 times with the same destination …`.

    `negated` is `did not`: the plain complement. `days` counts different local days instead of
    events. `same` counts events sharing one value of that property (count: at least, more than)."""

    events: Events
    count: Count = AT_LEAST
    n: int = 1
    days: bool = False
    same: str | None = None
    negated: bool = False


class Step(Node, frozen=True, tag="step"):
    """`then "Order Completed" within 14 days [where …]`: later than the step before, and no more
    than `gap` later."""

    names: tuple[str, ...]
    gap: Duration | None = None
    where: "Condition | None" = None


class Sequence(Node, frozen=True, tag="sequence"):
    """`did "A" within last 90 days then "B" within 14 days [without "C" between]`."""

    first: Events
    steps: tuple[Step, ...]
    without: tuple[str, ...] = ()
    negated: bool = False


class EdgeTime(Node, frozen=True, tag="edge_time"):
    """`first "Order Completed" within last 30 days`: the time of the subject's first (last) such
    event lies in `window`. `events` carries no window."""

    edge: Literal["first", "last"]
    events: Events
    window: Window


class TimeSince(Node, frozen=True, tag="time_since"):
    """`time since last "Page Viewed" > 60 days`. Never happened: missing, so false."""

    edge: Literal["first", "last"]
    events: Events
    op: Literal["<", "<=", ">", ">="]
    duration: Duration


class EdgeValue(Node, frozen=True, tag="edge_value"):
    """`last plan over "Plan Changed" = "pro"`: the test of the property (`test.field`) in the first
    (last) event in which it is known."""

    edge: Literal["first", "last"]
    events: Events
    test: Compare | Within | OneOf | Includes | Matches | DateTest


# --- measures: numbers that can be compared or ranked ---------------------------------------------


class Number(Node, frozen=True, tag="number"):
    """The value of a number field: `score`."""

    field: str


class CountOf(Node, frozen=True, tag="count_of"):
    """`count of "Page Viewed" within last 30 days`, `count of different sku over "Ordered" …`."""

    events: Events
    different: str | None = None


class Aggregate(Node, frozen=True, tag="aggregate"):
    """`sum of revenue over "Order Completed" within last 90 days`; with `currency`, each amount is
    converted at the rate of its day: `sum of revenue in EUR over …`."""

    function: Literal["sum", "average", "minimum", "maximum"]
    field: str
    events: Events
    currency: str | None = None


class RecordAggregate(Node, frozen=True, tag="record_aggregate"):
    """`sum of amount over deals where (stage = "won")`; also average, minimum, maximum."""

    function: Literal["sum", "average", "minimum", "maximum"]
    field: str
    kind: str
    scope: Literal["own", "account"] = "own"
    where: "Condition | None" = None
    currency: str | None = None


class Extreme(Node, frozen=True, tag="extreme"):
    """`highest score within last 1 calendar quarter`: over the values in effect in the window."""

    which: Literal["highest", "lowest"]
    field: str
    window: Last | LastCalendar


class Change(Node, frozen=True, tag="change"):
    """`change of score within last 30 days`: value now minus value at the window's start."""

    field: str
    duration: Duration


Measure: TypeAlias = Number | CountOf | Aggregate | RecordAggregate | Extreme | Change


class MeasureTest(Node, frozen=True, tag="measure_test"):
    """`sum of revenue over "Order Completed" >= 1000`. Never with a Number (that is Compare) nor a
    Change (that is Moved)."""

    measure: CountOf | Aggregate | RecordAggregate | Extreme
    op: Comparison
    value: int | float


class MeasureWithin(Node, frozen=True, tag="measure_within"):
    """`average of revenue over "Order Completed" between 10 and 20`: both ends included."""

    measure: CountOf | Aggregate | RecordAggregate | Extreme
    low: int | float
    high: int | float


class Moved(Node, frozen=True, tag="moved"):
    """`score rose by at least 10 within last 30 days`, `score fell within last 60 days`."""

    field: str
    direction: Literal["rose", "fell"]
    duration: Duration
    by: int | float | None = None


class Rank(Node, frozen=True, tag="rank"):
    """`among top 100 by score`, `among top 10% by sum of revenue over …`, `among bottom 5 by …`.

    Within the segment's universe, among those whose measure has evidence; ties are all in."""

    end: Literal["top", "bottom"]
    n: int | float
    percent: bool
    measure: Measure


# --- the rest ---------------------------------------------------------------------------------


class Held(Node, frozen=True, tag="held"):
    """`plan = "trial" for at least 10 days`: the test was true at every moment of that time."""

    test: Compare | Within | OneOf | Includes | Matches | IsKnown
    duration: Duration


class KnownFor(Node, frozen=True, tag="known_for"):
    """`known for at least 14 days`; with scope account: `account known for at least …`."""

    duration: Duration
    scope: Literal["own", "account"] = "own"


class InSegment(Node, frozen=True, tag="in_segment"):
    """`in segment "VPs"`, `account in segment "Key accounts"`."""

    name: str
    scope: Literal["own", "account"] = "own"


class SegmentHistory(Node, frozen=True, tag="segment_history"):
    """`entered segment "VPs" within last 7 days`, `left segment …`, and `stayed`:
    `in segment "VPs" for at least 3 days`. Needs recorded transitions."""

    name: str
    move: Literal["entered", "left", "stayed"]
    duration: Duration
    scope: Literal["own", "account"] = "own"


class People(Node, frozen=True, tag="people"):
    """The account's people: `has at least 3 people who (…)`, `has at least 50% of people with role
    "admin" who (…)`, `has no people who (…)`, `all people who (…)`; no `who`: all of them.

    quantity `count`: count/n; `percent`: count/n as a percentage; `all`: needs at least one person.
    `has no people` is count "exactly" 0. From a contact, scope is `account`."""

    quantity: Literal["count", "percent", "all"]
    count: Count = AT_LEAST
    n: int | float = 1
    roles: tuple[str, ...] = ()
    who: "Condition | None" = None
    scope: Literal["own", "account"] = "own"


class HasRecord(Node, frozen=True, tag="has_record"):
    """`has a deal where (…)`, `has no ticket where (…)`, `has at least 2 deals`."""

    kind: str
    count: Count = AT_LEAST
    n: int = 1
    where: "Condition | None" = None
    scope: Literal["own", "account"] = "own"


class Everyone(Node, frozen=True, tag="everyone"):
    """`everyone`: the whole universe of the segment's subject."""


class Random(Node, frozen=True, tag="random"):
    """`in random 10% of "spring-holdout"`: a fixed share by hash, the same for ever."""

    percent: int | float
    name: str


class And(Node, frozen=True, tag="and"):
    parts: tuple["Condition", ...]


class Or(Node, frozen=True, tag="or"):
    parts: tuple["Condition", ...]


class Not(Node, frozen=True, tag="not"):
    part: "Condition"


Condition: TypeAlias = (
    And
    | Or
    | Not
    | Compare
    | Within
    | OneOf
    | Includes
    | Matches
    | IsKnown
    | DateTest
    | Anniversary
    | Near
    | Did
    | Sequence
    | EdgeTime
    | TimeSince
    | EdgeValue
    | MeasureTest
    | MeasureWithin
    | Moved
    | Rank
    | Held
    | KnownFor
    | InSegment
    | SegmentHistory
    | People
    | HasRecord
    | Everyone
    | Random
)
