"""What is said of a refresh, and the members it came to, written into the lake."""

from collections.abc import Iterable

import msgspec

from lettershop.app.engine import Engine
from lettershop.engines.duckdb.refresh.refresher import Found, read_mark
from lettershop.engines.duckdb.refresh.tables import read_kept, read_memberships
from lettershop.lake.members import Held, Run, write_run
from lettershop.lake.storage import Lake
from lettershop.language.definition import HIDDEN
from lettershop.language.tree import Subject
from lettershop.model.clock import format_instant


class SegmentRefreshed(msgspec.Struct, frozen=True, kw_only=True):
    """One segment: how many are in it now, and who came and went with this refresh."""

    name: str
    subject: Subject
    size: int
    entered: int
    left: int


class Refreshed(msgspec.Struct, frozen=True, kw_only=True):
    """One refresh of everything published. `engine`: `duckdb` or `spark`; `snapshot`: of the lake
    that it was evaluated on; `run`: the number under which the members stand in the lake. Both are
    None where there is no lake."""

    engine: str
    as_of: str
    segments: tuple[SegmentRefreshed, ...]
    seconds: float
    snapshot: int | None = None
    run: int | None = None


def told(
    found: Found, *, engine: str, seconds: float, snapshot: int | None, run: int | None
) -> Refreshed:
    """Hidden segments, which stand for rules of derived traits, are left out."""
    moves = {m.segment: m for m in found.moves}
    segments = []
    for row in found.kept:
        if row.segment.startswith(HIDDEN):
            continue
        here = moves.get(row.segment)
        entered = int(here.entered.sum()) if here is not None else 0
        segments.append(
            SegmentRefreshed(
                name=row.segment,
                subject=row.subject,
                size=row.size,
                entered=entered,
                left=len(here.subjects) - entered if here is not None else 0,
            )
        )
    return Refreshed(
        engine=engine,
        as_of=format_instant(found.as_of),
        segments=tuple(segments),
        seconds=round(seconds, 3),
        snapshot=snapshot,
        run=run,
    )


def only(answer: Refreshed, names: Iterable[str]) -> Refreshed:
    """Of these segments."""
    wanted = set(names)
    segments = tuple(one for one in answer.segments if one.name in wanted)
    return msgspec.structs.replace(answer, segments=segments)


def write_members(
    engine: Engine, lake: Lake, *, now: int, by: str, snapshot: int | None
) -> Run | None:
    """The stored members as a run of the lake; None before the first refresh."""
    with engine.read() as workspace:
        store = workspace.store
        kept, members, mark = read_kept(store.con), read_memberships(store.con), read_mark(store)
    if mark is None:
        return None
    held = {
        name: Held(row.subject, row.version, members[name])
        for name, row in kept.items()
        if name in members and not name.startswith(HIDDEN)
    }
    return write_run(lake, held, as_of=mark.as_of, made_at=now, engine=by, snapshot=snapshot)
