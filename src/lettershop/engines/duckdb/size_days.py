"""Sizes of all segments day by day: one look at the transitions for a whole list of sparklines."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import HIDDEN
from lettershop.model.clock import DAY


class Days(msgspec.Struct, frozen=True):
    """Of one segment. `sizes`: at the end of each of the last days, the newest last and now; only
    days on which it was kept already. `entered`, `left`: in the last seven
    days, but for those a new definition brought in or out."""

    sizes: tuple[int, ...]
    entered: int
    left: int

    def ago(self, days: int) -> int | None:
        """The size so many days ago; None: it was not kept then."""
        return self.sizes[-1 - days] if days < len(self.sizes) else None


class _Moves(NamedTuple):
    """Of one day: all who entered and left, and those of them whom no definition moved."""

    entered: int
    left: int
    came: int
    went: int


_NOBODY = _Moves(0, 0, 0, 0)
_WEEK = 7


def size_days(store: Store, at: int, days: int) -> Mapping[str, Days]:
    """By name, of every segment that is kept."""
    rows = store.con.execute(
        "SELECT segment, least((greatest($at - detected_at, 0)) // $day, $days) AS ago,"
        " count(*) FILTER (entered), count(*) FILTER (NOT entered),"
        " count(*) FILTER (entered AND cause <> 'definition'),"
        " count(*) FILTER (NOT entered AND cause <> 'definition'), min(detected_at)"
        " FROM transitions WHERE NOT starts_with(segment, $hidden) GROUP BY segment, ago",
        {"at": at, "day": DAY, "days": days, "hidden": HIDDEN},
    ).fetchall()
    moves: dict[str, dict[int, _Moves]] = {}
    first: dict[str, int] = {}
    for name, ago, *counts, earliest in rows:
        moves.setdefault(name, {})[int(ago)] = _Moves(*counts)
        first[name] = min(first.get(name, earliest), earliest)
    kept = store.con.execute("SELECT segment, size, since FROM kept").fetchall()
    return {
        name: _days(size, moves.get(name, {}), at - min(first.get(name, since), since), days)
        for name, size, since in kept
        if not name.startswith(HIDDEN)
    }


def _days(size: int, moves: Mapping[int, _Moves], age: int, days: int) -> Days:
    """`moves`: by days ago; `age`: how long it is kept."""
    sizes = [size]
    for ago in range(min(days, max(0, age) // DAY)):
        moved = moves.get(ago, _NOBODY)
        sizes.append(sizes[-1] - moved.entered + moved.left)
    recent = [moves[ago] for ago in range(_WEEK) if ago in moves]
    return Days(
        tuple(reversed(sizes)),
        sum(moved.came for moved in recent),
        sum(moved.went for moved in recent),
    )
