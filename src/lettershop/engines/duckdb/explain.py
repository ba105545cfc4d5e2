"""Explains one subject: why in or not, since when, until when, and what would change it.

Everything is asked of a small copy (aside.py), where one more evaluation costs milliseconds; only a
segment that depends on everybody is evaluated whole, and then says less about time.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from msgspec.structs import replace
from sqlglot import exp

from lettershop.engines.duckdb.aside import set_aside
from lettershop.engines.duckdb.evaluate import Evaluation, evaluate
from lettershop.engines.duckdb.explain_kept import recorded
from lettershop.engines.duckdb.explain_when import OTHERS, Course
from lettershop.engines.duckdb.store import Store
from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.clock import format_instant
from lettershop.model.settings import Settings
from lettershop.model.values import ValueType
from lettershop.planning.explain import (
    Explanation,
    Line,
    PinSaid,
    Reader,
    Since,
    Spot,
    Upcoming,
)
from lettershop.planning.metrics import FieldScope
from lettershop.planning.nearest import nearest
from lettershop.planning.order import needed
from lettershop.planning.place import Place
from lettershop.planning.settled import settled
from lettershop.planning.sources import col, table
from lettershop.planning.zones import integer


def explain(
    store: Store,
    definitions: Sequence[Definition],
    name: str,
    subject_id: int,
    as_of: int,
    settings: Settings | None = None,
    pins: Sequence[PinSaid] = (),
) -> Explanation:
    """Why the contact, account or member (dense id; for people a row of `people`) is in, or not.

    `pins`: those of this subject in this segment that are in force. The rule is the definition's;
    what is kept of the segment (`kept`, `transitions`) counts as far as it is of that definition.
    """
    used = settings or store.settings
    asked = needed(definitions, [name])
    definition = next(d for d in asked if d.name == name)
    stored = recorded(store, definition, subject_id, as_of)
    with set_aside(store, asked, definition.subject, subject_id) as aside:
        if aside is None:
            told = _Told(evaluate(store, asked, as_of, used), definition, subject_id)
            upcoming = Upcoming(at=None, enters=not told.member, note=OTHERS)
            timed = replace(told.whole(), since=Since(at=None, note=OTHERS), upcoming=upcoming)
            return settled(timed, stored, pins)
        told = _Told(evaluate(aside.store, asked, as_of, used), definition, aside.subject)
        whole = told.whole()  # before the small copy is asked about other moments
        course = Course(aside, asked, name, as_of, used)
        upcoming = course.upcoming(partial(_lines, definition, aside.subject, told.spot.account))
        return settled(replace(whole, since=course.since(), upcoming=upcoming), stored, pins)


def _lines(definition: Definition, subject_id: int, account: int, found: Evaluation) -> list[Line]:
    """The conditions in another evaluation, said of the same account."""
    return _Told(found, definition, subject_id, account).lines()


class _Told:
    """One definition at one subject, in one evaluation."""

    def __init__(
        self,
        found: Evaluation,
        definition: Definition,
        subject_id: int,
        account: int | None = None,
    ) -> None:
        self.found, self.definition = found, definition
        self.in_universe = subject_id in found.universe(definition.subject)
        self.member = subject_id in found.members(definition.name)
        spots = _spots(found, definition.subject, subject_id)
        self.readers = [
            Reader(found.truth, definition, spot, self._field, self._open) for spot in spots
        ]
        self._best = max(self.readers, key=Reader.score)
        if account is not None:
            self._best = next(
                (reader for reader in self.readers if reader.spot.account == account), self._best
            )

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
            who=self._who(),
            account=self._account(),
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

    def _who(self) -> str:
        if self.definition.subject == "account":
            return _identity(self.found.store, "accounts", self.spot.account) or ""
        return _identity(self.found.store, "contacts", self.spot.contact) or ""

    def _account(self) -> str | None:
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
