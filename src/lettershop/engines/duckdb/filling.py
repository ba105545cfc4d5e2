"""Filling stages from facts: facts of one sort and scope become a block of columns."""

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import msgspec

from lettershop.engines.duckdb.pivot import Pivot, TypeMap
from lettershop.engines.duckdb.sheet import Sheet
from lettershop.engines.duckdb.stage import Sort, Stage
from lettershop.engines.duckdb.storable import all_utf8, as_json, utf8
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)
from lettershop.model.values import Missing, coerce

Numbered = tuple[int, AnyFact]
_Group = tuple[list[int], list[AnyFact]]
"""Facts of one scope and their numbers."""


class Filling:
    """Collects facts; `stages` turns them into filled stage tables.

    `types` are the known types by (scope, field); it grows with what is learned here.
    """

    def __init__(self, types: TypeMap) -> None:
        self._pivot = Pivot(types)
        self._groups: dict[tuple[type[AnyFact], str], _Group] = {}
        self._events: dict[str, _Group] = {}
        self._sheets: dict[tuple[Sort, str], Sheet] = {}

    def add_all(self, facts: Iterable[Numbered]) -> None:
        """Take facts with their numbers, in order of arrival."""
        events, groups = self._events, self._groups
        for row, fact in facts:
            try:
                if isinstance(fact, EventFact):
                    rows, found = events[fact.name]
                else:
                    rows, found = groups[type(fact), _kind(fact)]
            except KeyError:
                rows, found = [], []
                key = (type(fact), fact.name if isinstance(fact, EventFact) else _kind(fact))
                groups[key] = rows, found
                if isinstance(fact, EventFact):
                    events[fact.name] = rows, found
            rows.append(row)
            found.append(fact)

    def settle(self, least: int = 1) -> None:
        """Turn what was taken into columns, where there are at least so many facts of one scope.
        Done now and then, it meets the facts while they are in the processor's cache."""
        for (sort, name), (rows, facts) in self._groups.items():
            if len(facts) >= least:
                key = (_SORTS[sort], utf8(name) if sort is RecordFact else "")
                if key not in self._sheets:
                    self._sheets[key] = Sheet(*key)
                self._block(self._sheets[key], utf8(name), list(rows), facts)
                rows.clear()
                facts.clear()

    def stages(self, con: duckdb.DuckDBPyConnection) -> list[Stage]:
        """A stage for each sort of facts (for each kind of records), in order of arrival."""
        self.settle()
        sheets = enumerate(self._sheets.values())
        return [sheet.stage(con, f"load_stage_{number}") for number, sheet in sheets]

    def _block(
        self, sheet: Sheet, name: str, rows: Sequence[int], facts: Sequence[AnyFact]
    ) -> None:
        said = _columns(facts)
        scope = sheet.sort + ":" + name if name else sheet.sort
        fixed: dict[str, Sequence[Any]] = {
            "row": rows,
            "ts": said["ts"],
            "received_at": said["received_at"],
        }
        match sheet.sort:
            case "contact":
                fixed |= {"identity": said["contact"], "deleted": said["deleted"]}
                fixed["also"] = [_also(f) for f in facts if isinstance(f, ContactFact)]
            case "account":
                fixed |= {"identity": said["account"], "deleted": said["deleted"]}
            case "membership":
                fixed |= {"joined": said["joined"], "role": list(map(_role, said["role"]))}
            case "event":
                fixed["name"] = [name] * len(facts)
            case "record":
                fixed |= {"identity": said["id"], "deleted": said["deleted"]}
        for key in ("identity", "message_id", "contact", "account"):
            if key in sheet.fixed:
                fixed[key] = all_utf8(fixed.get(key) or said[key])
        traits = said["properties"] if sheet.sort == "event" else said.get("traits", ())
        pivoted = self._pivot.pivot(scope, traits)
        if sheet.sort == "event":
            fixed["rest"] = _rest(pivoted.rest, len(facts))
        sheet.add(fixed, pivoted.columns)


def _columns(facts: Sequence[AnyFact]) -> dict[str, Sequence[Any]]:
    """The fields of facts of one class, each as a column."""
    columns = zip(*map(msgspec.structs.astuple, facts), strict=True)
    return dict(zip(facts[0].__struct_fields__, columns, strict=True))


_SORTS: dict[type[AnyFact], Sort] = {
    ContactFact: "contact",
    AccountFact: "account",
    MembershipFact: "membership",
    EventFact: "event",
    RecordFact: "record",
}


def _kind(fact: AnyFact) -> str:
    return fact.kind if isinstance(fact, RecordFact) else ""


def _also(fact: ContactFact) -> list[str] | None:
    return [utf8(i) for i in dict.fromkeys(fact.also) if i != fact.contact] or None


def _role(said: str | None) -> str | None:
    role = coerce(said, "text")
    return role if isinstance(role, str) and not isinstance(role, Missing) else None


def _rest(rest: dict[int, dict[str, Any]], rows: int) -> Sequence[str | None]:
    found: list[str | None] = [None] * rows
    for place, values in rest.items():
        found[place] = as_json(values)
    return found
