"""Words of the language as a drop-down shows them: operators, counts, units, windows."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, Promise]

OPERATORS: Final[Words] = {
    "=": _("is"),
    "!=": _("is not"),
    "<": _("is less than"),
    "<=": _("is at most"),
    ">": _("is more than"),
    ">=": _("is at least"),
    "contains": _("contains"),
    "does not contain": _("does not contain"),
    "starts with": _("starts with"),
    "does not start with": _("does not start with"),
    "ends with": _("ends with"),
    "does not end with": _("does not end with"),
    "between": _("is between"),
    "not between": _("is not between"),
    "in": _("is one of"),
    "not in": _("is none of"),
    "include any of": _("include any of"),
    "include all of": _("include all of"),
    "include none of": _("include none of"),
    "matches": _("matches the pattern"),
    "does not match": _("does not match the pattern"),
    "is known": _("is known"),
    "is unknown": _("is unknown"),
    "within last": _("is within the last"),
    "within next": _("is within the next"),
    "more than … ago": _("is longer ago than"),
    "between dates": _("is between the dates"),
    "before": _("is before"),
    "after": _("is after"),
    "on": _("is on"),
    "is today": _("is today"),
    "within last … calendar": _("is within the last calendar"),
    "within next … calendar": _("is within the next calendar"),
    "has its anniversary": _("has its anniversary within the next"),
    "within … km of": _("is near"),
}
"""By the key of language/operators.py; a test sees to it that none is missing."""

COUNTS: Final[Words] = {
    "at least": _("at least"),
    "more than": _("more than"),
    "exactly": _("exactly"),
    "at most": _("at most"),
    "fewer than": _("fewer than"),
}
COMPARED: Final[Words] = {
    ">=": _("is at least"),
    ">": _("is more than"),
    "<=": _("is at most"),
    "<": _("is less than"),
    "=": _("is"),
    "!=": _("is not"),
    "between": _("is between"),
}
UNITS: Final[Words] = {
    "minute": _("minutes"),
    "hour": _("hours"),
    "day": _("days"),
    "week": _("weeks"),
    "month": _("months"),
    "year": _("years"),
}
CALENDAR: Final[Words] = {
    "day": _("days"),
    "week": _("weeks"),
    "month": _("months"),
    "quarter": _("quarters"),
    "year": _("years"),
}
WINDOWS: Final[Words] = {
    "": _("ever"),
    "last": _("within the last"),
    "ago": _("longer ago than"),
    "last_calendar": _("within the last calendar"),
    "between_dates": _("between"),
    "before": _("before"),
    "after": _("after"),
    "on": _("on"),
    "today": _("today"),
}


def pairs(words: Words, *, but: Iterable[str] = ()) -> list[tuple[str, str]]:
    """As options of a drop-down."""
    return [(key, str(says)) for key, says in words.items() if key not in but]
