"""What the page draws and a form says: groups of rows, each row a kind and its values as typed.

A row may be unfinished, which a tree cannot be; else both say the same (kinds.py, grouping.py).
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

Joint = Literal["all", "any"]
Values = Mapping[str, str]
"""By the name of a control: what stands in it."""

TOP: Final = "r"
"""The path of the outermost group; its parts are `r-0`, `r-1` …, the tests inside the first of them
`r-0-w`, of which the first is `r-0-w-0`."""
INNER: Final = "w"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One condition. `inner`: the tests of its event or record, or what is said of people."""

    kind: str
    values: Values
    inner: "Group | None" = None
    negated: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """`all` or `any` of its parts; with `negated` none of that."""

    joint: Joint = "all"
    parts: tuple["Part", ...] = ()
    negated: bool = False


Part: TypeAlias = Row | Group


class Unfinished(Exception):
    """A row that is not a condition yet: `part` names the control, `says` what is missing."""

    def __init__(self, part: str, says: str) -> None:
        super().__init__(says)
        self.part, self.says = part, says


class Awkward(Exception):
    """A condition that controls cannot show exactly: it is shown as text."""
