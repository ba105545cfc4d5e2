"""Windows: which times count. Their exact bounds: docs/explanation/meaning.md."""

from typing import TypeAlias

from lettershop.language.node import CalendarUnit, Duration, Node


class Last(Node, frozen=True, tag="last"):
    """`within last 30 days`: as_of - W < t <= as_of."""

    duration: Duration


class Next(Node, frozen=True, tag="next"):
    """`within next 7 days`, for fields only: as_of < t <= as_of + W."""

    duration: Duration


class Ago(Node, frozen=True, tag="ago"):
    """`more than 90 days ago`: t <= as_of - W."""

    duration: Duration


class Between(Node, frozen=True, tag="between_dates"):
    """`between 2026-01-01 and 2026-03-31`: from the start of the first to the end of the second.

    Each end is a date (a local day) or an instant with zone; an instant is its own start and end.
    """

    start: str
    end: str


class Before(Node, frozen=True, tag="before"):
    """`before 2026-01-01`: earlier than the start of that day (or that instant)."""

    date: str


class After(Node, frozen=True, tag="after"):
    """`after 2026-01-01`: at or after the end of that day; strictly after an instant."""

    date: str


class On(Node, frozen=True, tag="on"):
    """`on 2026-01-01`: within that local day."""

    date: str


class Today(Node, frozen=True, tag="today"):
    """`is today` (fields) or `today` (events): within the local day of as_of, before or after."""


class LastCalendar(Node, frozen=True, tag="last_calendar"):
    """`within last 3 calendar months`: this unit so far and the n - 1 whole ones before it."""

    n: int
    unit: CalendarUnit


class NextCalendar(Node, frozen=True, tag="next_calendar"):
    """`within next 2 calendar weeks`, for fields only: the n whole units after the current one."""

    n: int
    unit: CalendarUnit


Window: TypeAlias = Last | Ago | Between | Before | After | On | Today | LastCalendar
FieldWindow: TypeAlias = Window | Next | NextCalendar
