"""What doors show of publishing: plans, versions, pins; plain structs, times ISO 8601 in UTC."""

from typing import Literal

import msgspec

from lettershop.language.definition import Definition, Mode
from lettershop.language.tree import Subject
from lettershop.model.clock import format_instant
from lettershop.segments.models import State
from lettershop.segments.register import PinRow, Published, VersionRow

Kind = Literal["new", "changed", "moved", "described", "removed"]
"""`moved` segments refer to a changed one; `described` ones mean what they meant, in other words:
nobody enters or leaves, and their version stays."""


TemplateKind = Literal["new", "changed", "removed"]


class Reason(msgspec.Struct, frozen=True):
    """A condition that decides: whether it is true of somebody, and what was found."""

    sentence: str
    truth: bool
    found: str = ""


class Mover(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who would enter or leave; `account` where the condition is about one."""

    who: str
    account: str | None
    reasons: tuple[Reason, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of one segment.

    `version`: the one in force, None when there is none. `what`: which of its parts differ.
    `before`, `after`: sizes at the plan's moment, None where nothing was counted. `guarded`: the
    size moves further than the setting `size_guard`, so it needs an explicit yes.
    """

    kind: Kind
    name: str
    title: str
    subject: Subject
    partition: str | None
    version: int | None
    what: tuple[str, ...]
    text_before: str
    text_after: str
    before: int | None = None
    after: int | None = None
    universe: int | None = None
    entering: int = 0
    leaving: int = 0
    staying: int = 0
    guarded: bool = False
    enters: tuple[Mover, ...] = ()
    leaves: tuple[Mover, ...] = ()


class TemplateChange(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of one template. `version`: the one in force, None when there is none.
    `languages`: besides the default. `files`: those that differ, by path below content/; `diff`:
    how, unified."""

    kind: TemplateKind
    name: str
    subject: str
    version: int | None
    languages: tuple[str, ...]
    files: tuple[str, ...]
    diff: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing would do, counted at `as_of`. `revision`: what is in force, to apply exactly
    this; `fingerprint`: the same of templates. `partitions`: families that change. `kept`: in
    force, but not in the folder; removed only by `prune`. `guarded`: names that need an explicit
    yes."""

    as_of: str
    revision: int
    empty: bool
    changes: tuple[Change, ...]
    partitions: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]
    guarded: tuple[str, ...]
    templates: tuple[TemplateChange, ...] = ()
    templates_unchanged: tuple[str, ...] = ()
    templates_kept: tuple[str, ...] = ()
    fingerprint: str = ""


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """`versions`: the number that each new or changed segment has now; `templates`: the same of
    templates."""

    plan: Plan
    versions: dict[str, int]
    removed: tuple[str, ...]
    revision: int
    templates: dict[str, int] = {}
    templates_removed: tuple[str, ...] = ()


class InForceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A published segment."""

    name: str
    version: int
    subject: Subject
    mode: Mode
    title: str
    partition: str | None
    published_at: str


class VersionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A version, whatever became of it; `text` as its author wrote it."""

    segment: str
    number: int
    state: State
    subject: Subject
    mode: Mode
    title: str
    description: str
    partition: str | None
    text: str
    source: str
    author: str
    note: str
    created_at: str
    published_at: str | None
    retired_at: str | None


class PinAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A pin; `known`: somebody of that name is there, so it does something."""

    id: int
    segment: str
    subject: Subject
    who: str
    account: str | None
    include: bool
    author: str
    reason: str
    created_at: str
    expires_at: str | None
    known: bool
    removed_at: str | None = None
    removed_by: str = ""


class DraftText(msgspec.Struct, frozen=True, kw_only=True):
    """A definition somebody writes; None leaves what is in force, or the usual."""

    text: str
    subject: Subject | None = None
    mode: Mode | None = None
    title: str | None = None
    description: str | None = None
    note: str = ""


def in_force_answer(found: Published) -> InForceAnswer:
    own = found.definition
    return InForceAnswer(
        name=own.name,
        version=found.version,
        subject=own.subject,
        mode=own.mode,
        title=own.title,
        partition=own.partition,
        published_at=format_instant(found.published_at),
    )


def version_answer(row: VersionRow) -> VersionAnswer:
    own = row.definition
    return VersionAnswer(
        segment=row.segment,
        number=row.number,
        state=row.state,
        subject=own.subject,
        mode=own.mode,
        title=own.title,
        description=own.description,
        partition=own.partition,
        text=own.text,
        source=own.source,
        author=row.author,
        note=row.note,
        created_at=format_instant(row.created_at),
        published_at=_instant(row.published_at),
        retired_at=_instant(row.retired_at),
    )


def pin_answer(row: PinRow, *, known: bool) -> PinAnswer:
    return PinAnswer(
        id=row.id,
        segment=row.segment,
        subject=row.subject,
        who=row.who,
        account=row.account or None,
        include=row.include,
        author=row.author,
        reason=row.reason,
        created_at=format_instant(row.created_at),
        expires_at=_instant(row.expires_at),
        known=known,
        removed_at=_instant(row.removed_at),
        removed_by=row.removed_by,
    )


def differing(before: Definition, after: Definition) -> tuple[str, ...]:
    """Which parts of a definition differ, in the words of its file."""
    parts = ("subject", "mode", "partition", "title", "description", "source", "defaults")
    found = [part for part in parts if getattr(before, part) != getattr(after, part)]
    if before.text.strip() != after.text.strip():
        found.insert(0, "where")
    elif before.where != after.where:
        found.insert(0, "place")  # in its partition: what comes before it
    return tuple(found)


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)
