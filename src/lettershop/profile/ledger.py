"""What changed, when, and because of which rule: from the transitions and the trait's history."""

from collections.abc import Sequence

import msgspec

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.refresh.tables import Cause
from lettershop.engines.duckdb.schema import VALUE_COLUMN
from lettershop.engines.duckdb.store import Store
from lettershop.model.values import ValueType
from lettershop.profile.traits import TraitSubject
from lettershop.profile.values import Value
from lettershop.profile.writing import as_value


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A subject entered or left a hidden segment."""

    segment: str
    entered: bool
    at: int
    """When it came true."""
    cause: Cause


class Was(msgspec.Struct, frozen=True):
    """A value a trait was given, and since when."""

    since: int
    value: Value


def moves(store: Store, segments: Sequence[str], subject: int, as_of: int) -> list[Move]:
    """All moves of one subject in these segments, the newest first."""
    rows = store.con.execute(
        "SELECT segment, entered, effective_at, cause FROM transitions"
        " WHERE subject = $subject AND list_contains($segments, segment) AND detected_at <= $as_of"
        " ORDER BY id DESC",
        {"subject": subject, "segments": list(segments), "as_of": as_of},
    ).fetchall()
    return [Move(segment=s, entered=e, at=at, cause=cause) for s, e, at, cause in rows]


def values_before(
    store: Store,
    subject: TraitSubject,
    field: str,
    kind: ValueType,
    who: int,
    as_of: int,
    most: int,
) -> list[Was]:
    """The last values of a field of one subject, the newest first."""
    statement = sql(
        "SELECT ts, {value} FROM {table} WHERE subject = $who AND key = $field"
        " AND ts <= $as_of AND received_at <= $as_of"
        " ORDER BY ts DESC, received_at DESC, message_id DESC, rowid DESC LIMIT $most",
        value=VALUE_COLUMN[kind],
        table=f"{subject}_history",
    )
    values = {"who": who, "field": field, "as_of": as_of, "most": most}
    return [Was(ts, as_value(v)) for ts, v in store.con.execute(Sql(statement), values).fetchall()]
