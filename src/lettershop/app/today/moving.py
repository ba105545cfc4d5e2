"""Segments that moved most in a week: from the kept history of who entered and left."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from lettershop.engines.duckdb.refresh.tables import KeptRow, read_kept
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import HIDDEN, Mode
from lettershop.language.tree import Subject
from lettershop.model.clock import DAY

WEEK: Final = 7 * DAY
POINTS: Final = 8
"""Sizes of a segment: now, and at this time of each of the seven days before."""
SHOWN: Final = 8
LEAST: Final = 20
"""Members below which a relative change says little."""

Sizes = Mapping[str, Sequence[int]]


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """`title`: "" for none. `sizes`: the oldest first, the last is now. `share`: of the change in
    the size before, None where that was 0. `entered`, `left`: None where the history is not kept
    for so long, and sizes are those that today's definition would have had."""

    name: str
    title: str = ""
    subject: Subject
    mode: Mode
    sizes: tuple[int, ...]
    entered: int | None = None
    left: int | None = None

    @property
    def size(self) -> int:
        return self.sizes[-1]

    @property
    def change(self) -> int:
        return self.sizes[-1] - self.sizes[0]

    @property
    def share(self) -> float | None:
        return self.change / self.sizes[0] if self.sizes[0] else None


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    """`items`: those that moved, the most first. `kept`: how many segments are kept current.
    `waiting`: of so many the past is not known yet: it is being worked out."""

    items: tuple[Moved, ...]
    kept: int
    waiting: int = 0


def moving(store: Store, now: int, hindsight: Sizes | None = None, shown: int = SHOWN) -> Moving:
    """`hindsight`: past sizes of segments that were not kept a week ago, by name."""
    past = hindsight or {}
    kept = {n: row for n, row in read_kept(store.con).items() if not n.startswith(HIDDEN)}
    lasting = [name for name, row in kept.items() if row.since <= now - WEEK]
    others = [row for row in kept.values() if row.since > now - WEEK]
    found = [*_kept(store, kept, lasting, now)]
    found += [_seen(row, past[row.segment]) for row in others if row.segment in past]
    moved = sorted((one for one in found if _moves(one)), key=_much, reverse=True)
    return Moving(
        items=tuple(moved[:shown]),
        kept=len(kept),
        waiting=sum(row.segment not in past for row in others) if hindsight is None else 0,
    )


def young(store: Store, now: int) -> list[str]:
    """Segments that were not kept a week ago: their past has to be worked out."""
    rows = read_kept(store.con).items()
    return sorted(
        name for name, row in rows if row.since > now - WEEK and not name.startswith(HIDDEN)
    )


def moments(now: int) -> tuple[int, ...]:
    return tuple(now - (POINTS - 1 - point) * DAY for point in range(POINTS))


def _kept(
    store: Store, kept: Mapping[str, KeptRow], names: Sequence[str], now: int
) -> Iterable[Moved]:
    """One look at the transitions of the week, for all of them."""
    rows = store.con.execute(
        "SELECT segment, entered, ($now - detected_at) // $day AS back, count(*) FROM transitions"
        " WHERE detected_at > $since AND detected_at <= $now AND list_contains($names, segment)"
        " GROUP BY ALL",
        {"now": now, "day": DAY, "since": now - WEEK, "names": [*names]},
    ).fetchall()
    flows = {name: np.zeros((2, POINTS - 1), np.int64) for name in names}
    for name, entered, back, count in rows:
        flows[name][0 if entered else 1, POINTS - 2 - int(back)] += count
    for name, (entered, left) in flows.items():
        size = kept[name].size
        earlier = size - np.cumsum((entered - left)[::-1])[::-1]
        yield Moved(
            name=name,
            subject=kept[name].subject,
            mode=kept[name].mode,
            sizes=(*(int(one) for one in earlier), size),
            entered=int(entered.sum()),
            left=int(left.sum()),
        )


def _seen(row: KeptRow, sizes: Sequence[int]) -> Moved:
    return Moved(
        name=row.segment,
        subject=row.subject,
        mode=row.mode,
        sizes=(*sizes, row.size),
    )


def _moves(one: Moved) -> bool:
    return one.change != 0 or bool(one.entered) or bool(one.left)


def _much(one: Moved) -> tuple[float, int]:
    """How unusual it is: beside the size, that of small ones weighed less."""
    return abs(one.change) / max(LEAST, one.sizes[0]) ** 0.5, abs(one.change)
