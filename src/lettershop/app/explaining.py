"""What explanations take from the operational records: pins about somebody."""

from lettershop.app.pinning import subject_ids
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import format_instant
from lettershop.planning.explain import PinSaid
from lettershop.segments.register import PinRow, in_force


def pins_about(store: Store, segment: str, subject_id: int, at: int) -> list[PinSaid]:
    """The pins in force at `at` that decide about a subject (dense id) in a segment; whoever is put
    into one member of a partition is kept out of the others. Records must be connected."""
    now = in_force(at)
    family = now.partition_of(segment)
    names = {segment, *(family.members if family else ())}
    rows = [row for row in now.pins if row.segment in names]
    known = subject_ids(store, rows)
    own = [row for row in rows if known.get(row.id) == subject_id]
    found = [_said(row) for row in own if row.segment == segment]
    into = [row for row in own if row.segment != segment and row.include]
    return found or [_elsewhere(row) for row in into[-1:]]


def _said(row: PinRow) -> PinSaid:
    until = "" if row.expires_at is None else format_instant(row.expires_at)
    return PinSaid(include=row.include, by=row.author, reason=row.reason, until=until)


def _elsewhere(row: PinRow) -> PinSaid:
    until = "" if row.expires_at is None else format_instant(row.expires_at)
    reason = f"put into “{row.segment}”: {row.reason}"
    return PinSaid(include=False, by=row.author, reason=reason, until=until)
