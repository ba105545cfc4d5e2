"""Explains one subject: evaluates what the segment needs and reads it there."""

from collections.abc import Sequence

import numpy as np
from sqlglot import exp

from lettershop.engines.duckdb.evaluate import Evaluation, evaluate
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.model.clock import format_instant
from lettershop.model.settings import Settings
from lettershop.planning.explain import Explanation, Line, Spot, lines
from lettershop.planning.metrics import FieldScope
from lettershop.planning.order import needed
from lettershop.planning.sources import col, table
from lettershop.planning.zones import integer


def explain(
    store: Store,
    definitions: Sequence[Definition],
    name: str,
    subject_id: int,
    as_of: int,
    settings: Settings | None = None,
) -> Explanation:
    """Why the contact, account or member (dense id; for people a row of `people`) is in, or not."""
    found = evaluate(store, needed(definitions, [name]), as_of, settings)
    definition = found.definitions[name]
    spots = _spots(found, definition, subject_id)
    told = [(spot, _lines(found, definition, spot)) for spot in spots]
    member = subject_id in found.members(name)
    spot, best = max(told, key=lambda one: (one[1][0].truth, sum(line.truth for line in one[1])))
    about_account = definition.subject != "account" and found.truth.whole[name].grain != "contact"
    account = _identity(store, "accounts", spot.account) if about_account else None
    side, who = (
        ("accounts", spot.account)
        if definition.subject == "account"
        else ("contacts", spot.contact)
    )
    return Explanation(
        segment=name,
        title=definition.title,
        subject=definition.subject,
        who=_identity(store, side, who) or "",
        account=account,
        member=member,
        in_universe=subject_id in found.universe(definition.subject),
        lines=tuple(best),
    )


def _spots(found: Evaluation, definition: Definition, subject_id: int) -> list[Spot]:
    """Every place the sentence is asked about this subject, the qualifying account first."""
    frame = found.frame
    match definition.subject:
        case "account":
            return [Spot(-1, subject_id, None)]
        case "people":
            pairs = np.flatnonzero(frame.pair_id == subject_id)
        case "contact":
            pairs = np.flatnonzero(frame.pair_contact == subject_id)
    ordered = sorted(pairs, key=lambda p: (int(frame.pair_joined[p]), int(frame.pair_id[p])))
    spots = [Spot(int(frame.pair_contact[p]), int(frame.pair_account[p]), int(p)) for p in ordered]
    return spots or [Spot(subject_id if definition.subject == "contact" else -1, -1, None)]


def _lines(found: Evaluation, definition: Definition, spot: Spot) -> list[Line]:
    def field(scope: FieldScope, name: str, at: Spot) -> str:
        return _field(found, scope, name, at)

    return lines(found.truth, definition, spot, field)


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
        exp.select(col(info.column, "s"))
        .from_(table(context.current[scope], "s"), copy=False)
        .where(col("id", "s").eq(integer(row)), copy=False)
    )
    value = found.store.con.execute(sql.sql("duckdb")).fetchone()
    if value is None or value[0] is None:
        return "not known"
    match info.type:
        case "time":
            return format_instant(int(value[0]))
        case "number":
            return f"{value[0]:,f}".rstrip("0").rstrip(".")
        case "boolean":
            return "yes" if value[0] else "no"
        case "list":
            return ", ".join(value[0])
        case "text" | "date" | "location":
            return str(value[0])


def _identity(store: Store, wide: str, row: int) -> str | None:
    if row < 0:
        return None
    sql = (
        exp.select(col("identity", "s"))
        .from_(table(wide, "s"), copy=False)
        .where(col("id", "s").eq(row), copy=False)
    )
    found = store.con.execute(sql.sql("duckdb")).fetchone()
    return str(found[0]) if found else None
