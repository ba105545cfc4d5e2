"""The ground the tree stands on: the base of all nodes, durations, and the words they use."""

from typing import Final, Literal, TypeAlias, get_args

import msgspec

Subject = Literal["contact", "account", "people"]
"""What a segment is of: contacts, accounts, or people in accounts (contact × account)."""

Scope = Literal["own", "account", "here"]
"""Whose: the subject's own; the account's (`account did`); the subject's own events that belong
to the account at hand (`did … in this account`)."""

Unit = Literal["minute", "hour", "day", "week", "month", "year"]
CalendarUnit = Literal["day", "week", "month", "quarter", "year"]
Comparison = Literal["=", "!=", "<", "<=", ">", ">="]
Count = Literal["at least", "more than", "exactly", "at most", "fewer than"]
AT_LEAST: Final[Count] = get_args(Count)[0]
"""The default count: the very object in `Count`, since msgspec leaves out defaults by identity."""
Scalar: TypeAlias = bool | int | float | str


class Node(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"
):
    """Base of everything below: compared by value, tagged by `type` in JSON."""


class Duration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`14 days`: n is at least 1."""

    n: int
    unit: Unit
