"""The operators, one row each: for the drop-down, the reference, the grammar and `check`.

To add an operator that compares a field with one value, add a row with `takes="value"`: the text
form accepts its key at once. Then say what it means in the referee and print it in the engines,
each of which has one table from key to builder.
"""

from typing import Literal, assert_never

import msgspec

from lettershop.language.tree import (
    Anniversary,
    Compare,
    DateTest,
    Includes,
    IsKnown,
    Matches,
    Near,
    OneOf,
    ValueTest,
    Within,
)
from lettershop.model.values import ValueType

Takes = Literal["value", "values", "range", "pattern", "window", "duration", "place", "nothing"]


class Operator(msgspec.Struct, frozen=True):
    """One way to test a value.

    `key` is how it is written (and `Compare.op`), `label` what a drop-down shows, `kinds` the types
    of field it fits, `fragment` its part of an English sentence with `{}` where the value goes.
    `of` is the key of the positive operator a negative one is the complement of: a negative
    operator is true for a missing value.
    """

    key: str
    label: str
    kinds: tuple[ValueType, ...]
    fragment: str
    example: str
    of: str = ""
    takes: Takes = "value"

    @property
    def negative(self) -> bool:
        return bool(self.of)


SCALAR: tuple[ValueType, ...] = ("text", "number", "boolean")
TEXT: tuple[ValueType, ...] = ("text",)
NUMBER: tuple[ValueType, ...] = ("number",)
LISTED: tuple[ValueType, ...] = ("text", "number")
TIMES: tuple[ValueType, ...] = ("time", "date")
ANY: tuple[ValueType, ...] = ("number", "text", "boolean", "time", "date", "list", "location")

# fmt: off
ROWS = (
    Operator("=", "is", SCALAR, "is {}", 'region = "New Jersey"'),
    Operator("!=", "is not", SCALAR, "is not {} (or unknown)", 'plan != "pro"', of="="),
    Operator("<", "is less than", NUMBER, "is less than {}", "employees < 50"),
    Operator("<=", "is at most", NUMBER, "is at most {}", "employees <= 50"),
    Operator(">", "is more than", NUMBER, "is more than {}", "score > 50"),
    Operator(">=", "is at least", NUMBER, "is at least {}", "score >= 50"),
    Operator("contains", "contains", TEXT, "contains {}", 'title contains "VP"'),
    Operator("does not contain", "does not contain", TEXT, "does not contain {} (or is unknown)",
             'title does not contain "Intern"', of="contains"),
    Operator("starts with", "starts with", TEXT, "starts with {}", 'phone starts with "+49"'),
    Operator("does not start with", "does not start with", TEXT,
             "does not start with {} (or is unknown)", 'phone does not start with "+1"',
             of="starts with"),
    Operator("ends with", "ends with", TEXT, "ends with {}", 'email ends with ".edu"'),
    Operator("does not end with", "does not end with", TEXT, "does not end with {} (or is unknown)",
             'email does not end with "@example.com"', of="ends with"),
    Operator("between", "is between", NUMBER, "is between {} and {}",
             "employees between 2 and 10", takes="range"),
    Operator("not between", "is not between", NUMBER, "is not between {} and {} (or unknown)",
             "employees not between 2 and 10", of="between", takes="range"),
    Operator("in", "is one of", LISTED, "is {}", 'plan in ("pro", "business")', takes="values"),
    Operator("not in", "is none of", LISTED, "is not {} (or unknown)",
             'plan not in ("free", "trial")', of="in", takes="values"),
    Operator("include any of", "include any of", ("list",), "include {}",
             'tags include any of ("hr", "payroll")', takes="values"),
    Operator("include all of", "include all of", ("list",), "include {}",
             'tags include all of ("hr", "payroll")', takes="values"),
    Operator("include none of", "include none of", ("list",), "do not include {} (or are unknown)",
             'tags include none of ("hr", "payroll")', of="include any of", takes="values"),
    Operator("matches", "matches the pattern", TEXT, "matches the pattern {}",
             r"email matches /@acme\./", takes="pattern"),
    Operator("does not match", "does not match the pattern", TEXT,
             "does not match the pattern {} (or is unknown)", r"email does not match /@acme\./",
             of="matches", takes="pattern"),
    Operator("is known", "is known", ANY, "is known", "phone is known", takes="nothing"),
    Operator("is unknown", "is unknown", ANY, "is unknown", "phone is unknown", of="is known",
             takes="nothing"),
    Operator("within last", "is within the last", TIMES, "{}", "created_at within last 30 days",
             takes="window"),
    Operator("within next", "is within the next", TIMES, "{}", "trial_end within next 7 days",
             takes="window"),
    Operator("more than … ago", "is more than … ago", TIMES, "{}",
             "created_at more than 90 days ago", takes="window"),
    Operator("between dates", "is between the dates", TIMES, "{}",
             "created_at between 2026-01-01 and 2026-03-31", takes="window"),
    Operator("before", "is before", TIMES, "{}", "created_at before 2026-01-01", takes="window"),
    Operator("after", "is after", TIMES, "{}", "created_at after 2026-01-01", takes="window"),
    Operator("on", "is on", TIMES, "{}", "created_at on 2026-01-01", takes="window"),
    Operator("is today", "is today", TIMES, "{}", "renewal_date is today", takes="window"),
    Operator("within last … calendar", "is within the last calendar", TIMES, "{}",
             "created_at within last 3 calendar months", takes="window"),
    Operator("within next … calendar", "is within the next calendar", TIMES, "{}",
             "renewal_date within next 1 calendar month", takes="window"),
    Operator("has its anniversary", "has its anniversary", TIMES, "has its anniversary {}",
             "signup_date has its anniversary within next 3 days", takes="duration"),
    Operator("within … km of", "is within … km of", ("location",), "is within {} km of {}",
             "location within 50 km of (52.52, 13.40)", takes="place"),
)
# fmt: on

OPERATORS = {row.key: row for row in ROWS}
COMPARISONS = tuple(row.key for row in ROWS if row.takes == "value")
"""The keys `Compare.op` may have."""

_WINDOWS = {
    "last": "within last",
    "next": "within next",
    "ago": "more than … ago",
    "between_dates": "between dates",
    "before": "before",
    "after": "after",
    "on": "on",
    "today": "is today",
    "last_calendar": "within last … calendar",
    "next_calendar": "within next … calendar",
}


def positive(key: str) -> str:
    """The positive operator of a negative one; a positive key is returned as it is."""
    return OPERATORS[key].of or key


def operator_key(test: ValueTest) -> str:
    """The key of the row for a test; for a `Compare`, whatever its `op` says."""
    match test:
        case Compare(op=op):
            return op
        case Within(negated=negated):
            return "not between" if negated else "between"
        case OneOf(negated=negated):
            return "not in" if negated else "in"
        case Includes(how=how):
            return f"include {how} of"
        case Matches(negated=negated):
            return "does not match" if negated else "matches"
        case IsKnown(negated=negated):
            return "is unknown" if negated else "is known"
        case DateTest(window=window):
            return _WINDOWS[str(window.__struct_config__.tag)]
        case Anniversary():
            return "has its anniversary"
        case Near():
            return "within … km of"
        case _:
            assert_never(test)
