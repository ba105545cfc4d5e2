"""Changing what is in force: drafts, and publishing any number of segments at once.

Nothing here judges definitions; that they fit together is seen to in world.py, before.
"""

from collections.abc import Collection, Mapping

import msgspec
from django.db import transaction
from django.db.models import F

from lettershop.language import to_json
from lettershop.language.definition import Definition
from lettershop.language.tree import Scalar, Subject
from lettershop.model.errors import UsageError, WorkspaceError
from lettershop.segments.models import (
    Partition as PartitionRecord,
    Pin,
    Revision,
    Segment,
    Version,
)
from lettershop.segments.partition import Partition
from lettershop.segments.register import VersionRow, find_version, version_row


class Signed(msgspec.Struct, frozen=True):
    """Who does something, when (milliseconds), and what they say about it."""

    author: str
    at: int
    note: str = ""


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes different, all at once.

    `changed`: definitions that get a new version, or, where `drafts` names one, whose draft is
    published. `described`: those that mean what they meant, in other words: their version stays.
    `partitions`: None leaves them as they are. `revision`: what the switch was thought out for.
    """

    revision: int
    changed: Mapping[str, Definition] = {}
    drafts: Mapping[str, int] = {}
    described: Mapping[str, Definition] = {}
    removed: Collection[str] = ()
    partitions: tuple[Partition, ...] | None = None


def publish(switch: Switch, by: Signed) -> dict[str, int]:
    """Make it so, in one transaction: all or nothing. The number of every changed segment.

    WorkspaceError `register.changed` when something else was published or pinned meanwhile.
    """
    with transaction.atomic():
        _take_turn(switch.revision)
        numbers = {
            name: _switch(definition, switch.drafts.get(name), by)
            for name, definition in switch.changed.items()
        }
        for definition in switch.described.values():
            _refuse_unwritable(definition)
            _describe(definition)
        for name in switch.removed:
            _remove(name, by)
        if switch.partitions is not None:
            _replace(switch.partitions)
    return numbers


def draft(definition: Definition, by: Signed) -> VersionRow:
    """Write down a new version that is not in force."""
    with transaction.atomic():
        row = _write(_segment(definition.name, by), definition, by)
    return version_row(row, definition.name)


def discard(name: str, number: int) -> VersionRow:
    """Forget a draft. UsageError `version.not_draft` for what was ever published."""
    with transaction.atomic():
        row = find_version(name, number)
        if row.state != "draft":
            message = f"version {number} of “{name}” is {row.state}, not a draft"
            hint = "publish another version, or remove the segment"
            raise UsageError("version.not_draft", message, hint=hint)
        gone = version_row(row, name)
        row.delete()
    return gone


def count_up() -> None:
    """The register has changed; called inside of the transaction that changes it."""
    row, _ = Revision.objects.get_or_create(pk=1)
    Revision.objects.filter(pk=row.pk).update(number=F("number") + 1)


def same_meaning(one: Definition, other: Definition) -> bool:
    """Whether nobody would enter or leave, whatever comes: other words at most."""
    return (
        one.mode == other.mode
        and one.subject == other.subject
        and to_json(one.where, one.subject) == to_json(other.where, other.subject)
    )


def refuse_unwritable(text: str) -> None:
    """UsageError `text.unwritable` for what no database keeps: NUL, halves of characters."""
    try:
        bad = "\0" in text or not text.encode()
    except UnicodeEncodeError:
        bad = True
    if bad and text:
        raise UsageError("text.unwritable", "a text holds characters that cannot be written")


def _take_turn(expected: int) -> None:
    """One writer at a time; from here on the revision is the next one."""
    Revision.objects.get_or_create(pk=1)
    row = Revision.objects.select_for_update().get(pk=1)
    if row.number != expected:
        message = "something else was published or pinned meanwhile"
        hint = "look at the plan again: lettershop plan"
        raise WorkspaceError("register.changed", message, hint=hint)
    row.number += 1
    row.save(update_fields=["number"])


def _segment(name: str, by: Signed) -> Segment:
    Segment.objects.get_or_create(name=name, defaults={"created_at": by.at})
    return Segment.objects.select_for_update().get(name=name)


def _switch(definition: Definition, number: int | None, by: Signed) -> int:
    segment = _segment(definition.name, by)
    if _retire(segment, by) not in (definition.subject, None):
        _unpin(segment, by)
    if number is None:
        row = _write(segment, definition, by)
    else:
        row = find_version(definition.name, number)
        if row.state != "draft":
            message = f"version {number} of “{definition.name}” is {row.state}, not a draft"
            raise UsageError("version.not_draft", message)
        row.where, row.partition = _document(definition), definition.partition or ""
    row.state, row.published_at = "published", by.at
    refuse_unwritable(by.note)
    row.note = by.note or row.note
    row.save()
    if segment.removed_at is not None:
        segment.removed_at = None
        segment.save(update_fields=["removed_at"])
    return row.number


def _write(segment: Segment, definition: Definition, by: Signed) -> Version:
    _refuse_unwritable(definition)
    refuse_unwritable(by.note)
    segment.last_number += 1
    segment.save(update_fields=["last_number"])
    return Version.objects.create(
        segment=segment,
        number=segment.last_number,
        state="draft",
        subject=definition.subject,
        mode=definition.mode,
        title=definition.title,
        description=definition.description,
        partition=definition.partition or "",
        text=definition.text,
        where=_document(definition),
        source=definition.source,
        defaults=_defaults(definition),
        author=by.author[:254],
        note=by.note,
        created_at=by.at,
    )


def _refuse_unwritable(definition: Definition) -> None:
    defaults = (part for d in definition.defaults for part in (d.name, str(d.value)))
    for said in (definition.title, definition.description, definition.text, *defaults):
        refuse_unwritable(said)


def _defaults(definition: Definition) -> dict[str, Scalar]:
    return {default.name: default.value for default in definition.defaults}


def _document(definition: Definition) -> str:
    return to_json(definition.where, definition.subject).decode()


def _retire(segment: Segment, by: Signed) -> Subject | None:
    """What it was a segment of, if it was one."""
    living = Version.objects.filter(segment=segment, state="published")
    subject = living.values_list("subject", flat=True).first()
    living.update(state="retired", retired_at=by.at)
    return subject


def _unpin(segment: Segment, by: Signed) -> None:
    living = Pin.objects.filter(segment=segment, removed_at__isnull=True)
    living.update(removed_at=by.at, removed_by=by.author[:254])


def _describe(definition: Definition) -> None:
    Version.objects.filter(segment__name=definition.name, state="published").update(
        title=definition.title,
        description=definition.description,
        partition=definition.partition or "",
        text=definition.text,
        source=definition.source,
        defaults=_defaults(definition),
    )


def _remove(name: str, by: Signed) -> None:
    segment = _segment(name, by)
    _retire(segment, by)
    _unpin(segment, by)
    segment.removed_at = by.at
    segment.save(update_fields=["removed_at"])


def _replace(partitions: tuple[Partition, ...]) -> None:
    PartitionRecord.objects.all().delete()
    PartitionRecord.objects.bulk_create(
        PartitionRecord(name=p.name, title=p.title, subject=p.subject, members=list(p.members))
        for p in partitions
    )
