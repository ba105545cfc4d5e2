"""What is in force: published definitions, partitions, pins. Reading only; versions.py and pins.py
change it.

Every change counts the revision up by one, so whoever keeps something current asks `revision()`
often and everything else seldom. Pins also end by the clock: `pins(at)`, `next_end(at)`.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

import msgspec
from django.db.models import Q

from lettershop.language import from_json
from lettershop.language.definition import Default, Definition
from lettershop.language.tree import Condition, Subject
from lettershop.model.errors import NotFound
from lettershop.planning.order import in_order
from lettershop.segments.models import (
    Partition as PartitionRecord,
    Pin as PinRecord,
    Revision,
    Segment,
    State,
    Version,
)
from lettershop.segments.partition import Partition

Found = TypeVar("Found")


class Published(msgspec.Struct, frozen=True):
    """A definition in force since `published_at` (milliseconds)."""

    definition: Definition
    version: int
    published_at: int

    @property
    def name(self) -> str:
        return self.definition.name


class PinRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody put in or kept out by hand; `account` is said of people in accounts only."""

    id: int
    segment: str
    subject: Subject
    who: str
    account: str
    include: bool
    author: str
    reason: str
    created_at: int
    expires_at: int | None
    removed_at: int | None = None
    removed_by: str = ""


class VersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A version as it was written, whatever became of it. Instants in milliseconds."""

    segment: str
    number: int
    state: State
    definition: Definition
    author: str
    note: str
    created_at: int
    published_at: int | None
    retired_at: int | None


class InForce(msgspec.Struct, frozen=True):
    """Everything in force, of one revision."""

    revision: int
    published: tuple[Published, ...]
    partitions: tuple[Partition, ...]
    pins: tuple[PinRow, ...]

    def definitions(self) -> dict[str, Definition]:
        """By name, each after all it refers to."""
        return {p.name: p.definition for p in self.published}

    def partition_of(self, name: str) -> Partition | None:
        """The partition that a segment is a member of."""
        return next((p for p in self.partitions if name in p.members), None)


def revision() -> int:
    """How often what is published or pinned has changed."""
    return Revision.objects.values_list("number", flat=True).first() or 0


def in_force(at: int) -> InForce:
    """Everything at once, with the pins in force at `at` (milliseconds)."""
    number, found = _settled(lambda: (published(), partitions(), pins(at)))
    return InForce(number, *found)


def published() -> tuple[Published, ...]:
    """Every segment in force, each after all it refers to."""
    rows = Version.objects.filter(state="published").select_related("segment")
    found = {row.segment.name: _published(row) for row in rows}
    ordered = in_order([p.definition for p in found.values()])
    return tuple(found[definition.name] for definition in ordered)


def partitions() -> tuple[Partition, ...]:
    """Every partition in force, by name."""
    return tuple(
        Partition(name=row.name, title=row.title, subject=row.subject, members=tuple(row.members))
        for row in PartitionRecord.objects.all()
    )


def pins(at: int) -> tuple[PinRow, ...]:
    """The pins in force at `at`, the oldest first, of published segments."""
    return tuple(pin_rows(running_at(at)))


def next_end(at: int) -> int | None:
    """When the next of the pins in force at `at` ends by itself; None: none does."""
    ends = PinRecord.objects.filter(running_at(at), expires_at__isnull=False)
    return ends.order_by("expires_at").values_list("expires_at", flat=True).first()


def running_at(at: int) -> Q:
    """The condition that a pin is in force."""
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    return Q(removed_at__isnull=True) & lasting


def pin_rows(wanted: Q) -> Iterator[PinRow]:
    """Pins of published segments, the oldest first, with the segment's subject."""
    subjects = dict(Version.objects.filter(state="published").values_list("segment_id", "subject"))
    names = PinRow.__struct_fields__
    for pin in PinRecord.objects.filter(wanted).select_related("segment"):
        if pin.segment.pk in subjects:
            own = {name: getattr(pin, name) for name in names if name not in ("segment", "subject")}
            yield PinRow(segment=pin.segment.name, subject=subjects[pin.segment.pk], **own)


def versions(name: str) -> tuple[VersionRow, ...]:
    """All versions of a segment, the newest first. NotFound `segment.unknown`."""
    segment = find_segment(name)
    return tuple(
        version_row(row, name)
        for row in Version.objects.filter(segment=segment).order_by("-number")
    )


def version(name: str, number: int) -> VersionRow:
    """NotFound `segment.unknown`, `version.unknown`."""
    return version_row(find_version(name, number), name)


def find_segment(name: str) -> Segment:
    """The record. (PostgreSQL would fail on a NUL character.)"""
    found = Segment.objects.filter(name=name).first() if name.isprintable() else None
    if found is None:
        hint = "lettershop segment versions lists what is published; lettershop plan what is not"
        raise NotFound("segment.unknown", f"there is no version of a segment “{name}”", hint=hint)
    return found


def find_version(name: str, number: int) -> Version:
    segment = find_segment(name)
    found = Version.objects.filter(segment=segment, number=number).first()
    if found is None:
        message = f"“{name}” has no version {number}"
        raise NotFound("version.unknown", message, hint=f"its newest is {segment.last_number}")
    return found


def version_row(row: Version, name: str) -> VersionRow:
    return VersionRow(
        segment=name,
        number=row.number,
        state=row.state,
        definition=definition_of(row, name),
        author=row.author,
        note=row.note,
        created_at=row.created_at,
        published_at=row.published_at,
        retired_at=row.retired_at,
    )


def definition_of(row: Version, name: str) -> Definition:
    return Definition(
        name=name,
        subject=row.subject,
        where=_condition(row.where),
        title=row.title,
        mode=row.mode,
        description=row.description,
        partition=row.partition or None,
        text=row.text,
        source=row.source,
        defaults=tuple(Default(key, value) for key, value in sorted(row.defaults.items())),
    )


def _published(row: Version) -> Published:
    definition = definition_of(row, row.segment.name)
    return Published(definition, row.number, row.published_at or row.created_at)


@lru_cache(maxsize=4096)
def _condition(document: str) -> Condition:
    """Read once: trees are frozen, and versions do not change."""
    return from_json(document).where


def _settled(read: Callable[[], Found]) -> tuple[int, Found]:
    """What is read between two looks at the same revision, so that nothing changed meanwhile. On
    SQLite a transaction would keep writers out instead, for reading only."""
    while True:
        before, found = revision(), read()
        if revision() == before:
            return before, found
