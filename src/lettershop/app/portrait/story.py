"""The timeline of a contact or account as a page shows it: entries with the moves between segments
in their places."""

from typing import Literal, TypeAlias

import msgspec

from lettershop.app.changes import Changed, told
from lettershop.app.portrait.held import Kept, about
from lettershop.app.timeline import AnyEntry, happened
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.entries import KINDS, Kind, Place, Side
from lettershop.engines.duckdb.movers import pairs_of
from lettershop.engines.duckdb.timeline import Wanted
from lettershop.engines.duckdb.transitions import Asked, newest_transitions
from lettershop.model.clock import format_instant, parse_instant

Sort: TypeAlias = Kind | Literal["segment"]
"""What a timeline can be narrowed to."""
SORTS: tuple[Sort, ...] = (*KINDS, "segment")
MOVES = 500
"""Moves of one subject that are looked through for the part of a page."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. `next`: the place of the last entry, None when nothing is older."""

    entries: tuple[AnyEntry | Changed, ...]
    next: Place | None = None


def story(
    shop: Workspace,
    side: Side,
    who: str,
    *,
    limit: int,
    sort: Sort | None = None,
    name: str = "",
    after: Place | None = None,
) -> Story:
    """`sort`: only such entries; `name`: only events or records so called. NotFound as
    `Workspace.subject_id`."""
    number = shop.subject_id(side, who)
    if sort == "segment":
        return Story(entries=tuple(_moves(shop, side, number)[:limit]))
    kinds = KINDS if sort is None else (sort,)
    wanted = Wanted(limit=limit + 1, kinds=kinds, name=name or None, place=after)
    found = happened(shop, side, who, wanted)
    page, more = found[:limit], len(found) > limit
    entries: list[AnyEntry | Changed] = [entry for entry, _ in page]
    if sort is None and not name:
        oldest = page[-1][1][0] if more else None
        newest = after[0] if after else None
        entries += [m for m in _moves(shop, side, number) if _between(m, oldest, newest)]
        entries.sort(key=moment_of, reverse=True)
    return Story(entries=tuple(entries), next=page[-1][1] if more else None)


def moment_of(entry: AnyEntry | Changed) -> int:
    """When it happened, ms."""
    return parse_instant(entry.effective_at if isinstance(entry, Changed) else entry.ts)


def _moves(shop: Workspace, side: Side, number: int) -> list[Changed]:
    kept = Kept(shop.store)
    pairs = pairs_of(shop.store, number, None) if side == "contact" else []
    asked = Asked(about=about(kept, side, number, pairs))
    return told(shop.store, newest_transitions(shop.store, asked, limit=MOVES))


def _between(move: Changed, oldest: int | None, newest: int | None) -> bool:
    """Texts in ISO 8601 UTC compare as their times do."""
    after = oldest is None or move.effective_at >= format_instant(oldest)
    return after and (newest is None or move.effective_at < format_instant(newest))
