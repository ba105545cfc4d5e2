"""Who entered and left which segment: transitions in order, sizes and members at any past time.

A transition has two times. `detected_at` is the refresh that saw it: what was known then, and so
what `--as-of` answers. `effective_at` is when it came true in the world, as it is known now.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.refresh.tables import Cause
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import HIDDEN
from lettershop.language.tree import Subject
from lettershop.planning.frame import Ints

Basis = Literal["detected", "effective"]
"""By which of its two times a transition counts."""


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `transitions`. `subject` is the dense id of a contact, account or membership; times
    are milliseconds."""

    id: int
    segment: str
    version: int
    subject: int
    entered: bool
    effective_at: int
    detected_at: int
    cause: Cause


class About(msgspec.Struct, frozen=True):
    """Subjects by dense id, in segments that hold subjects of their sort."""

    segments: tuple[str, ...]
    ids: tuple[int, ...]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which transitions: of these segments, with these causes, about one of these; empty is all.
    `about` None is everybody. Hidden segments are left out unless `hidden` or named."""

    segments: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    about: tuple[About, ...] | None = None
    hidden: bool = False

    def holds(self, segment: str, cause: Cause) -> bool:
        """The same question, but for `about`, asked of one that was read already."""
        if self.segments:
            named = segment in self.segments
        else:
            named = self.hidden or not segment.startswith(HIDDEN)
        return named and (not self.causes or cause in self.causes)


class SizePoint(msgspec.Struct, frozen=True, kw_only=True):
    """`size` at a moment, None before the segment was kept; how many `entered` and `left` since the
    point before."""

    at: int
    size: int | None
    entered: int
    left: int


def transitions(
    store: Store, asked: Asked | None = None, *, after: int = -1, limit: int
) -> list[Transition]:
    """The first `limit` after that id, in the order in which they were found."""
    return _read(store, asked or Asked(), Sql("id > $place"), Sql("id"), after, limit)


def newest_transitions(
    store: Store, asked: Asked | None = None, *, before: int | None = None, limit: int
) -> list[Transition]:
    """The last `limit` before that id, the newest first."""
    place = 2**63 - 1 if before is None else before
    return _read(store, asked or Asked(), Sql("id < $place"), Sql("id DESC"), place, limit)


def last_transition(store: Store) -> int:
    """The id of the newest one; -1 while there is none."""
    row = store.con.execute("SELECT max(id) FROM transitions").fetchall()[0]
    return -1 if row[0] is None else int(row[0])


def last_detected_by(store: Store, at: int) -> int:
    """The id of the newest one that was detected at `at` or before; -1 without any."""
    row = store.con.execute(
        "SELECT max(id) FROM transitions WHERE detected_at <= $at", {"at": at}
    ).fetchall()[0]
    return -1 if row[0] is None else int(row[0])


def kept_subjects(store: Store) -> dict[str, Subject]:
    """What the segments that are kept, or once were, consist of, by name."""
    rows = store.con.execute(
        "SELECT segment, subject FROM once_kept UNION ALL SELECT segment, subject FROM kept"
    ).fetchall()
    return dict(rows)


def sizes(
    store: Store, segment: str, moments: Sequence[int], basis: Basis = "detected"
) -> list[int]:
    """How many were in the segment at each moment, in any order; 0 before it was kept."""
    flow = _flow(store, segment, max(moments, default=0), basis)
    places = np.searchsorted(flow.times, np.array(moments, np.int64), side="right")
    return [int(n) for n in (flow.entered - flow.left)[places]]


def size_history(
    store: Store, segment: str, start: int, end: int, points: int, basis: Basis = "detected"
) -> list[SizePoint]:
    """The size at `points` moments (2 or more), evenly spread from `start` to `end`."""
    moments = np.linspace(start, end, points).round().astype(np.int64)
    moments[-1] = end
    flow, first = _flow(store, segment, end, basis), kept_since(store, segment)
    places = np.searchsorted(flow.times, moments, side="right")
    entered, left = flow.entered[places], flow.left[places]
    known = [first is not None and first <= at for at in moments]
    return [
        SizePoint(
            at=int(at),
            size=int(entered[i] - left[i]) if known[i] else None,
            entered=int(entered[i] - entered[i - 1]) if i else 0,
            left=int(left[i] - left[i - 1]) if i else 0,
        )
        for i, at in enumerate(moments)
    ]


def kept_since(store: Store, segment: str) -> int | None:
    """When the segment was first computed; None when it never was."""
    row = store.con.execute(
        "SELECT least((SELECT min(detected_at) FROM transitions WHERE segment = $segment),"
        " (SELECT min(since) FROM kept WHERE segment = $segment))",
        {"segment": segment},
    ).fetchall()[0]
    return None if row[0] is None else int(row[0])


def members_at(store: Store, segment: str, at: int, basis: Basis = "detected") -> BitMap:
    """The dense ids of who was in the segment then: those whose last move was to enter."""
    found = store.con.execute(
        sql(
            "SELECT subject FROM transitions WHERE segment = $segment AND {time} <= $at"
            " GROUP BY subject HAVING arg_max(entered, row({time}, id))",
            time=_time(basis),
        ),
        {"segment": segment, "at": at},
    ).fetchnumpy()
    return BitMap(np.asarray(found["subject"], np.uint32))


class _Flow(NamedTuple):
    """How many had entered and left: at index i before `times[i]`, at the last index by the end."""

    times: Ints
    entered: Ints
    left: Ints


def _flow(store: Store, segment: str, until: int, basis: Basis) -> _Flow:
    found = store.con.execute(
        sql(
            "SELECT {time} AS moment, count(*) FILTER (entered) AS entered,"
            " count(*) FILTER (NOT entered) AS gone FROM transitions"
            " WHERE segment = $segment AND {time} <= $until GROUP BY moment ORDER BY moment",
            time=_time(basis),
        ),
        {"segment": segment, "until": until},
    ).fetchnumpy()
    times, entered, left = (np.asarray(found[c], np.int64) for c in ("moment", "entered", "gone"))
    return _Flow(times, _summed(entered), _summed(left))


def _summed(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def _time(basis: Basis) -> Sql:
    return Sql("detected_at" if basis == "detected" else "effective_at")


def _read(
    store: Store, asked: Asked, place: Sql, order: Sql, bound: int, limit: int
) -> list[Transition]:
    where, values = _conditions(asked)
    rows = store.con.execute(
        sql(
            "SELECT {columns} FROM transitions WHERE {where} ORDER BY {order} LIMIT $limit",
            columns=[Sql(name) for name in Transition.__struct_fields__],
            where=Sql(" AND ".join([place, *where])),
            order=order,
        ),
        {"place": bound, "limit": limit, **values},
    ).fetchall()
    names = Transition.__struct_fields__
    return [Transition(**dict(zip(names, row, strict=True))) for row in rows]


def _conditions(asked: Asked) -> tuple[list[Sql], Mapping[str, Any]]:
    where: list[Sql] = []
    values: dict[str, Any] = {}
    if asked.segments:
        where.append(Sql("list_contains($segments, segment)"))
        values["segments"] = list(asked.segments)
    elif not asked.hidden:
        where.append(Sql("NOT starts_with(segment, $beginning)"))
        values["beginning"] = HIDDEN
    if asked.causes:
        where.append(Sql("list_contains($causes, cause)"))
        values["causes"] = list(asked.causes)
    if asked.about is not None:
        branches = [Sql("false")]
        for i, about in enumerate(asked.about):
            in_, of = f"of_{i}", f"ids_{i}"
            branches.append(
                Sql(f"list_contains(${in_}, segment) AND list_contains(${of}, subject)")
            )
            values |= {in_: list(about.segments), of: list(about.ids)}
        where.append(Sql("(" + " OR ".join(branches) + ")"))
    return where, values
