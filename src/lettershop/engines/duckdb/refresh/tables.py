"""What the refresher stores: who is in which segment, and every time somebody entered or left.

kept(segment, subject, version, sign, mode, since, size)
    What the memberships mean now. `subject` is contact, account or people; `since` is when
    this version was switched to; `sign` tells one rule from another (planning/keep.py).
memberships(segment, members)
    A serialised bitmap of dense ids: of contacts, accounts or rows of `people`.
transitions(id, segment, version, subject, entered, effective_at, detected_at, cause)
    Append-only; `id` is dense and grows in the order of commits, so that a reader's place is
    one number. `detected_at` is the moment of the refresh that saw it, `effective_at` when it
    came true. The first members of a version are entered or left with the cause “definition”.
once_kept(segment, subject)
    Every segment that ever was kept, so that whom its old transitions are about can be told.
touched(id, sort, subject)
    Contacts and accounts whose *earlier* facts a merge, an undo or a new membership changed; with
    the sort `known <table>`, subjects that were known earlier than we thought (touched.py).
meta: refresh_mark (JSON), refresh_pins (JSON), next_transition
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import duckdb
import msgspec
import numpy as np
from pyroaring import BitMap

from lettershop.language.definition import Mode
from lettershop.language.tree import Subject
from lettershop.planning.frame import Bits, Ints

Cause = Literal["event", "time", "trait", "definition", "merge", "manual", "import"]
CAUSES: Final[tuple[Cause, ...]] = (
    "event",
    "time",
    "trait",
    "definition",
    "merge",
    "manual",
    "import",
)
"""A cause is stored in arrays as its place in here."""

REFRESH_TABLES: Final = """
CREATE TABLE IF NOT EXISTS kept (segment VARCHAR, subject VARCHAR, version BIGINT, sign VARCHAR,
    mode VARCHAR, since BIGINT, size BIGINT);
CREATE TABLE IF NOT EXISTS memberships (segment VARCHAR, members BLOB);
CREATE TABLE IF NOT EXISTS transitions (id BIGINT, segment VARCHAR, version BIGINT, subject BIGINT,
    entered BOOLEAN, effective_at BIGINT, detected_at BIGINT, cause VARCHAR);
CREATE TABLE IF NOT EXISTS touched (id BIGINT, sort VARCHAR, subject BIGINT);
CREATE TABLE IF NOT EXISTS once_kept (segment VARCHAR, subject VARCHAR);
"""


class KeptRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `kept`."""

    segment: str
    subject: Subject
    version: int
    sign: str
    mode: Mode
    since: int
    size: int


class Moves(msgspec.Struct, frozen=True, kw_only=True):
    """Who entered or left one segment: arrays of one length; `causes` are places in CAUSES."""

    segment: str
    version: int
    subjects: Ints
    entered: Bits
    effective_at: Ints
    causes: Ints


def read_kept(con: duckdb.DuckDBPyConnection) -> dict[str, KeptRow]:
    rows = con.execute(
        "SELECT segment, subject, version, sign, mode, since, size FROM kept"
    ).fetchall()
    names = KeptRow.__struct_fields__
    return {r[0]: msgspec.convert(dict(zip(names, r, strict=True)), KeptRow) for r in rows}


def read_memberships(
    con: duckdb.DuckDBPyConnection, segments: Sequence[str] | None = None
) -> dict[str, BitMap]:
    """The members of all kept segments, or of the named ones."""
    rows = con.execute(
        "SELECT segment, members FROM memberships"
        " WHERE $names IS NULL OR list_contains($names, segment)",
        {"names": None if segments is None else list(segments)},
    ).fetchall()
    return {segment: BitMap.deserialize(members) for segment, members in rows}


def write_kept(con: duckdb.DuckDBPyConnection, rows: Sequence[KeptRow]) -> None:
    con.execute("DELETE FROM kept")
    _insert(
        con,
        "INSERT INTO kept SELECT segment, subject, version, sign, mode, since, size FROM rows_now",
        {
            "segment": _texts(r.segment for r in rows),
            "subject": _texts(r.subject for r in rows),
            "version": np.array([r.version for r in rows], np.int64),
            "sign": _texts(r.sign for r in rows),
            "mode": _texts(r.mode for r in rows),
            "since": np.array([r.since for r in rows], np.int64),
            "size": np.array([r.size for r in rows], np.int64),
        },
    )
    con.execute(
        "INSERT INTO once_kept SELECT segment, subject FROM kept"
        " WHERE segment NOT IN (SELECT segment FROM once_kept)"
    )


def write_memberships(
    con: duckdb.DuckDBPyConnection, members: dict[str, BitMap], removed: Sequence[str]
) -> None:
    """Replace the memberships of these segments; forget those that are no longer kept."""
    con.execute(
        "DELETE FROM memberships WHERE list_contains($names, segment)",
        {"names": [*members, *removed]},
    )
    if not members:
        return
    con.execute(
        "INSERT INTO memberships SELECT unnest($names), unnest($members::BLOB[])",
        {"names": [*members], "members": [m.serialize() for m in members.values()]},
    )


def write_transitions(
    con: duckdb.DuckDBPyConnection, moves: Sequence[Moves], detected_at: int, first: int
) -> int:
    """Append all moves, numbered from `first`; the next number."""
    count = sum(len(m.subjects) for m in moves)
    if not count:
        return first
    lengths = [len(m.subjects) for m in moves]
    which = np.repeat(np.arange(len(moves), dtype=np.int64), lengths)
    names = {"place": np.arange(len(moves), dtype=np.int64)}
    names |= {"segment": _texts(m.segment for m in moves)}
    causes = {"place": np.arange(len(CAUSES), dtype=np.int64), "cause": _texts(CAUSES)}
    con.register("rows_names", names)
    con.register("rows_causes", causes)
    _insert(
        con,
        "INSERT INTO transitions SELECT r.id, n.segment, r.version, r.subject, r.entered,"
        " r.effective_at, r.detected_at, c.cause FROM rows_now AS r"
        " JOIN rows_names AS n ON n.place = r.which JOIN rows_causes AS c ON c.place = r.cause"
        " ORDER BY r.id",
        {
            "id": np.arange(first, first + count, dtype=np.int64),
            "which": which,
            "version": np.repeat(np.array([m.version for m in moves], np.int64), lengths),
            "subject": np.concatenate([m.subjects for m in moves]),
            "entered": np.concatenate([m.entered for m in moves]),
            "effective_at": np.concatenate([m.effective_at for m in moves]),
            "detected_at": np.full(count, detected_at, np.int64),
            "cause": np.concatenate([m.causes for m in moves]).astype(np.int64),
        },
    )
    con.unregister("rows_names")
    con.unregister("rows_causes")
    return first + count


def _texts(values: Any) -> Any:
    return np.array([*values], dtype=object)


def _insert(con: duckdb.DuckDBPyConnection, statement: str, columns: dict[str, Any]) -> None:
    con.register("rows_now", columns)
    try:
        con.execute(statement)
    finally:
        con.unregister("rows_now")
