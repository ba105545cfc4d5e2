"""`{% abort_message("why") %}`: nobody gets this letter who lacks a value.

Here that is a policy of the variable, `{ skip = "why" }`. It holds where the variable is written
while it is missing; so in the branch that asked for its absence the variable itself is written in
place of the tag, and whoever comes there gets no letter.
"""

import re
from typing import NamedTuple

from lettershop.content.importers.draft import Lost

_NOTHING = r"(?:blank|nil|null|empty)"
_PATH = r"[A-Za-z_][\w.\-]*"
_IS = re.compile(rf"({_PATH})\s*==\s*{_NOTHING}")
_IS_NOT = re.compile(rf"({_PATH})\s*!=\s*{_NOTHING}")
_REASON = re.compile(r"\(?\s*(?:\"([^\"]*)\"|'([^']*)')?\s*\)?")
DEFAULT_REASON = "the letter was aborted"


class Asked(NamedTuple):
    """What a condition asks, as far as it tells whether one variable is there: the variable that
    is missing where it is true, and the one that is missing where it is false."""

    if_true: str = ""
    if_false: str = ""

    @classmethod
    def of(cls, condition: str) -> "Asked":
        condition = condition.strip()
        if found := _IS.fullmatch(condition):
            return cls(if_true=found.group(1))
        if found := _IS_NOT.fullmatch(condition):
            return cls(if_false=found.group(1))
        return cls(if_false=condition) if re.fullmatch(_PATH, condition) else cls()


class Pile:
    """The conditions around a place: per open one, what is missing in the branch we are in, and
    what is in its else."""

    def __init__(self) -> None:
        self._open: list[tuple[str, str]] = []

    def meet(self, tag: str, asked: Asked) -> None:
        match tag:
            case "if":
                self._open.append((asked.if_true, asked.if_false))
            case "unless":
                self._open.append((asked.if_false, asked.if_true))
            case "elsif" if self._open:
                self._open[-1] = (asked.if_true, "")
            case "else" if self._open:
                self._open[-1] = (self._open[-1][1], "")
            case "case" | "for":
                self._open.append(("", ""))
            case "endif" | "endunless" | "endcase" | "endfor" if self._open:
                self._open.pop()
            case _:
                pass

    def abort(self, said: str) -> tuple[str, str]:
        """The variable that is missing here, and the reason. Lost."""
        found = _REASON.fullmatch(said)
        if found is None:
            raise Lost("its reason is not a plain text", 'write "x" = { skip = "…" } in [missing]')
        variable = next((here for here, _ in reversed(self._open) if here), "")
        if not variable:
            why = "it does not hang on one missing value alone"
            raise Lost(why, "say the condition in the segment that the letter goes to")
        return variable, (found.group(1) or found.group(2) or "").strip() or DEFAULT_REASON
