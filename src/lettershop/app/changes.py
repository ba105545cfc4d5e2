"""Transitions as answers: who entered and left, with readable names, and sizes over time."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.movers import Mover, movers, pairs_of
from lettershop.engines.duckdb.refresh.tables import Cause
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import (
    About,
    Asked,
    Basis,
    SizePoint,
    Transition,
    kept_since,
    kept_subjects,
    newest_transitions,
    size_history,
    transitions,
)
from lettershop.language.tree import Subject
from lettershop.model.clock import format_instant
from lettershop.model.errors import NotFound, UsageError

Change = Literal["entered", "left"]


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody entered or left a segment. `contact` is the first identity it was known by,
    `identities` all it has now; `account` the account, also of people in accounts. `effective_at`:
    since when it is true; `detected_at`: when it was found."""

    id: int
    segment: str
    version: int
    change: Change
    subject: Subject
    contact: str | None
    identities: tuple[str, ...]
    account: str | None
    effective_at: str
    detected_at: str
    cause: Cause


class SizeAt(msgspec.Struct, frozen=True, kw_only=True):
    """`size` is null before the segment was kept current; `entered` and `left` count since the
    point before."""

    at: str
    size: int | None
    entered: int
    left: int


class SizeHistory(msgspec.Struct, frozen=True, kw_only=True):
    """How large a segment was. `basis`: by when a change was detected, or became effective.
    `since`: when it was first kept current."""

    segment: str
    basis: Basis
    since: str
    points: tuple[SizeAt, ...]


def changes(store: Store, asked: Asked, *, after: int, limit: int) -> list[Changed]:
    """The first `limit` after that id, in order."""
    return told(store, transitions(store, asked, after=after, limit=limit))


def newest_changes(store: Store, asked: Asked, *, before: int | None, limit: int) -> list[Changed]:
    """The last `limit` before that id, the newest first."""
    return told(store, newest_transitions(store, asked, before=before, limit=limit))


def changes_of(store: Store, segment: str, limit: int, before: int | None = None) -> list[Changed]:
    """Who entered and left one segment, the newest first. NotFound `segment.not_kept`."""
    require_kept(store, segment)
    return newest_changes(store, Asked(segments=(segment,)), before=before, limit=limit)


def nobody_follows() -> UsageError:
    """What is said to who wants to follow changes without a server that finds them."""
    hint = "lettershop up starts it; then ask again"
    return UsageError("changes.no_server", "only a running server finds changes", hint=hint)


def told(store: Store, found: Sequence[Transition]) -> list[Changed]:
    """Transitions with the names of those they are about."""
    subjects = kept_subjects(store) if found else {}
    who = movers(store, found, subjects)
    return [_changed(one, mover, subjects) for one, mover in zip(found, who, strict=True)]


def history(
    store: Store, segment: str, *, start: int | None, end: int, points: int, basis: Basis
) -> SizeHistory:
    """Sizes at `points` moments from `start`, by default since the segment is kept, to `end`.

    NotFound `segment.not_kept` when it never was; UsageError `history.order`.
    """
    since = require_kept(store, segment)
    first = since if start is None else start
    if first > end:
        message = f"{format_instant(first)} is later than {format_instant(end)}"
        raise UsageError("history.order", message, where="since")
    found = size_history(store, segment, first, end, points, basis)
    return SizeHistory(
        segment=segment,
        basis=basis,
        since=format_instant(since),
        points=tuple(map(_size_at, found)),
    )


def require_kept(store: Store, segment: str) -> int:
    """Since when the segment is kept current; NotFound `segment.not_kept` when it never was."""
    since = kept_since(store, segment)
    if since is None:
        hint = "lettershop apply publishes it; a running server then keeps it current"
        message = f"“{segment}” has not been kept current, so nothing is known of its past"
        raise NotFound("segment.not_kept", message, hint=hint)
    return since


def about(shop: Workspace, contact: str = "", account: str = "") -> tuple[About, ...] | None:
    """What to ask for to see the changes of a contact, of an account, or of a contact in an
    account; None is everybody. NotFound `contact.unknown`, `account.unknown`."""
    if not contact and not account:
        return None
    found: dict[Subject, tuple[int, ...]] = {}
    person = shop.subject_id("contact", contact) if contact else None
    group = shop.subject_id("account", account) if account else None
    if person is not None and group is None:
        found["contact"] = (person,)
    if group is not None and person is None:
        found["account"] = (group,)
    found["people"] = tuple(pairs_of(shop.store, person, group))
    kinds = kept_subjects(shop.store)
    return tuple(
        About(tuple(name for name, kind in kinds.items() if kind == subject), ids)
        for subject, ids in found.items()
    )


def _changed(one: Transition, who: Mover, subjects: Mapping[str, Subject]) -> Changed:
    return Changed(
        id=one.id,
        segment=one.segment,
        version=one.version,
        change="entered" if one.entered else "left",
        subject=subjects.get(one.segment, "contact"),
        contact=who.contact,
        identities=who.identities,
        account=who.account,
        effective_at=format_instant(one.effective_at),
        detected_at=format_instant(one.detected_at),
        cause=one.cause,
    )


def _size_at(point: SizePoint) -> SizeAt:
    at = format_instant(point.at)
    return SizeAt(at=at, size=point.size, entered=point.entered, left=point.left)
