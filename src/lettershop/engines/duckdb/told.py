"""One definition told of one subject, from an evaluation that has been done."""

from typing import Any

import numpy as np
from sqlglot import exp

from lettershop.engines.duckdb.evaluate import Evaluation
from lettershop.engines.duckdb.store import Store
from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.clock import format_instant
from lettershop.model.values import ValueType
from lettershop.planning.explain import Explanation, Line, Reader, Spot
from lettershop.planning.metrics import FieldScope
from lettershop.planning.nearest import nearest
from lettershop.planning.place import Place
from lettershop.planning.sources import col, table
from lettershop.planning.zones import integer


class Told:
    """One definition at one subject, in one evaluation."""

    def __init__(
        self,
        found: Evaluation,
        definition: Definition,
        subject_id: int,
        at_account: int | None = None,
    ) -> None:
        """`subject_id` is dense; `at_account`: speak of that account, if the subject is in it."""
        self.found, self.definition = found, definition
        self.in_universe = subject_id in found.universe(definition.subject)
        self.member = subject_id in found.members(definition.name)
        spots = _spots(found, definition.subject, subject_id)
        self.readers = [
            Reader(found.truth, definition, spot, self._field, self._open) for spot in spots
        ]
        self._best = max(self.readers, key=Reader.score)
        for reader in self.readers:
            if reader.spot.account == at_account:
                self._best = reader

    @property
    def spot(self) -> Spot:
        return self._best.spot

    def lines(self) -> list[Line]:
        return self._best.lines()

    def whole(self) -> Explanation:
        """What the rule says, at this moment alone."""
        definition, rule = self.definition, self.member
        wanted = [] if not self.in_universe else [r.asked() for r in self.readers]
        return Explanation(
            segment=definition.name,
            title=definition.title,
            subject=definition.subject,
            who=self.who(),
            account=self.account(),
            member=rule,
            in_universe=self.in_universe,
            lines=tuple(self.lines()),
            mode=definition.mode,
            decided_by="rule" if self.in_universe else "universe",
            taken_by=self._taken_by(),
            nearest=nearest(wanted, wanted=not rule),
        )

    def _taken_by(self) -> str:
        """The member of the partition that comes first and holds the subject."""
        where = self.definition.where
        parts = where.parts if isinstance(where, tree.And) else (where,)
        for part in parts if self.definition.partition else ():
            match part:
                case tree.Not(part=tree.InSegment(name=name) as reference):
                    other = self.found.definitions[name].partition
                    if other == self.definition.partition and self._best.holds(reference):
                        return name
                case _:
                    pass
        return ""

    def who(self) -> str:
        if self.definition.subject == "account":
            return _identity(self.found.store, "accounts", self.spot.account) or ""
        return _identity(self.found.store, "contacts", self.spot.contact) or ""

    def account(self) -> str | None:
        whole = self.found.truth.whole[self.definition.name]
        if self.definition.subject == "account" or whole.grain == "contact":
            return None
        return _identity(self.found.store, "accounts", self.spot.account)

    def _field(self, scope: FieldScope, name: str, at: Spot) -> str:
        return _field(self.found, scope, name, at)

    def _open(
        self, node: tree.InSegment, spot: Spot, place: Place
    ) -> list[tuple[Definition, Spot]]:
        """The referenced segment, at everybody it is asked of from this spot."""
        inner = self.found.definitions[node.name]
        match inner.subject:
            case "account":
                return [(inner, Spot(-1, spot.account, None))]
            case "people":
                return [(inner, spot)]
            case "contact":
                return [(inner, s) for s in _spots(self.found, "contact", spot.contact)]


def _spots(found: Evaluation, subject: Subject, subject_id: int) -> list[Spot]:
    """Every place the sentence is asked about this subject, the account joined first first."""
    frame = found.frame
    match subject:
        case "account":
            return [Spot(-1, subject_id, None)]
        case "people":
            pairs = np.flatnonzero(frame.pair_id == subject_id)
        case "contact":
            pairs = np.flatnonzero(frame.pair_contact == subject_id)
    ordered = sorted(pairs, key=lambda p: (int(frame.pair_joined[p]), int(frame.pair_id[p])))
    spots = [Spot(int(frame.pair_contact[p]), int(frame.pair_account[p]), int(p)) for p in ordered]
    return spots or [Spot(subject_id if subject == "contact" else -1, -1, None)]


def _field(found: Evaluation, scope: FieldScope, name: str, spot: Spot) -> str:
    """The current value of a field, written for people; “not known” when missing."""
    context = found.context
    info = context.fields(scope).get(name)
    row = spot.contact if scope == "contact" else spot.account
    if scope == "membership":
        row = int(found.frame.pair_id[spot.pair]) if spot.pair is not None else -1
    if info is None or row < 0:
        return "not known"
    sql = (
        exp.select(exp.Star())
        .from_(table(context.current[scope], "s"), copy=False)
        .where(col("id", "s").eq(integer(row)), copy=False)
    )
    asked = found.store.con.execute(sql.sql("duckdb"))
    columns = [column[0] for column in asked.description]
    rows = asked.fetchall()  # of an earlier moment the table has only fields that are tested now
    known = dict(zip(columns, rows[0], strict=True)) if rows else {}
    return _written(known.get(info.column), info.type)


def _written(value: Any, kind: ValueType) -> str:
    if value is None:
        return "not known"
    match kind:
        case "time":
            return format_instant(int(value))
        case "number":
            return f"{value:,f}".rstrip("0").rstrip(".")
        case "boolean":
            return "yes" if value else "no"
        case "list":
            return ", ".join(value)
        case "text" | "date" | "location":
            return str(value)


def _identity(store: Store, wide: str, row: int) -> str | None:
    if row < 0:
        return None
    sql = (
        exp.select(col("identity", "s"))
        .from_(table(wide, "s"), copy=False)
        .where(col("id", "s").eq(row), copy=False)
    )
    rows = store.con.execute(sql.sql("duckdb")).fetchall()
    return str(rows[0][0]) if rows else None
