"""Filling stages from facts: facts of one sort and scope become a block of columns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import duckdb
import msgspec

from lettershop.engines.duckdb.parts import EventRow, Numbered, event_row
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

_Group = tuple[list[int], list[AnyFact]]
"""Facts of one scope and their numbers."""


class Events(NamedTuple):
    """A block of events of one name, column by column."""

    numbers: Sequence[int]
    ts: Sequence[int]
    received_at: Sequence[int]
    message_ids: Sequence[str]
    contacts: Sequence[str | None]
    accounts: Sequence[str | None]


class Filling:
    """Collects facts; `stages` turns them into filled stage tables.

    `types` are the known types by (scope, field); it grows with what is learned here. `events` are
    the blocks of events made so far.
    """

    def __init__(self, types: TypeMap) -> None:
        self._pivot, self._known = Pivot(types), len(types)
        self._groups: dict[tuple[type[AnyFact], str], _Group] = {}
        self._rows: dict[str, list[EventRow]] = {}
        self._sheets: dict[tuple[Sort, str], Sheet] = {}
        self.events: list[Events] = []

    @property
    def has_learned(self) -> bool:
        """Whether a type has been learned from these facts."""
        return len(self._pivot.types) > self._known

    def add_all(self, facts: Iterable[Numbered]) -> None:
        """Take facts with their numbers, in order of arrival."""
        for number, fact in facts:
            if isinstance(fact, EventFact):
                self._rows.setdefault(fact.name, []).append(event_row(number, fact))
                continue
            numbers, found = self._groups.setdefault((type(fact), _kind(fact)), ([], []))
            numbers.append(number)
            found.append(fact)

    def add_events(self, events: Mapping[str, list[EventRow]]) -> None:
        """Take events by name."""
        for name, rows in events.items():
            self._rows.setdefault(name, []).extend(rows)

    def settle_events(self, least: int = 1) -> None:
        """Turn events into columns, where there are at least so many of one name. Done now and
        then, it meets them while they are in the processor's cache."""
        for name, rows in self._rows.items():
            if len(rows) >= least:
                self._event_block(utf8(name), rows)
                rows.clear()

    def _settle(self) -> None:
        self.settle_events()
        for (sort, name), (numbers, facts) in self._groups.items():
            kind = utf8(name)
            self._block(self._sheet(_SORTS[sort], kind), kind, numbers, facts)
        self._groups.clear()

    def _sheet(self, sort: Sort, kind: str = "") -> Sheet:
        if (sort, kind) not in self._sheets:
            self._sheets[sort, kind] = Sheet(sort, kind)
        return self._sheets[sort, kind]

    def stages(self, con: duckdb.DuckDBPyConnection) -> list[Stage]:
        """A stage for each sort of facts (for each kind of records), in order of arrival."""
        self._settle()
        sheets = enumerate(self._sheets.values())
        return [sheet.stage(con, f"load_stage_{number}") for number, sheet in sheets]

    def _event_block(self, name: str, rows: Sequence[EventRow]) -> None:
        *columns, names, values = zip(*rows, strict=True)
        events = Events(*columns)
        self.events.append(events)
        pivoted = self._pivot.pivot_rows("event:" + name, names, values)
        fixed = {
            "row": events.numbers,
            "ts": events.ts,
            "received_at": events.received_at,
            "name": [name] * len(rows),
            "message_id": all_utf8(events.message_ids),
            "contact": all_utf8(events.contacts),
            "account": all_utf8(events.accounts),
            "rest": _rest(pivoted.rest, len(rows)),
        }
        self._sheet("event").add(fixed, pivoted.columns)

    def _block(
        self, sheet: Sheet, kind: str, numbers: Sequence[int], facts: Sequence[AnyFact]
    ) -> None:
        said = _columns(facts)
        fixed: dict[str, Sequence[Any]] = {
            "row": numbers,
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
            case _:
                fixed |= {"identity": said["id"], "deleted": said["deleted"]}
        for key in ("identity", "message_id", "contact", "account"):
            if key in sheet.fixed:
                fixed[key] = all_utf8(fixed.get(key) or said[key])
        scope = sheet.sort + ":" + kind if kind else sheet.sort
        sheet.add(fixed, self._pivot.pivot(scope, said.get("traits", ())).columns)


def _columns(facts: Sequence[AnyFact]) -> dict[str, Sequence[Any]]:
    """The fields of facts of one class, each as a column."""
    columns = zip(*map(msgspec.structs.astuple, facts), strict=True)
    return dict(zip(facts[0].__struct_fields__, columns, strict=True))


_SORTS: dict[type[AnyFact], Sort] = {
    ContactFact: "contact",
    AccountFact: "account",
    MembershipFact: "membership",
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
