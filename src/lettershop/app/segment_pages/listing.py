"""All segments as rows of a list: sizes from what is kept, nothing evaluated."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from lettershop.app.segment_pages.standing import Segments, Standing, State
from lettershop.engines.duckdb.size_days import Days, size_days
from lettershop.language.definition import Mode
from lettershop.language.tree import Subject
from lettershop.model.errors import Finding
from lettershop.segments.partition import Partition
from lettershop.segments.uncertain import Reason
from lettershop.segments.waiting import Waiting, waiting

DAYS: Final = 30
WEEK: Final = 7


class SegmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """`size` None: not kept (yet). `day`, `week`: how much it has grown since; None: it was not
    kept then. `sizes`: at the end of each of the last days. `place`: folder or file it is from."""

    name: str
    title: str
    description: str
    subject: Subject
    mode: Mode
    partition: str | None
    state: State
    sentence: str
    place: str
    version: int | None
    published_at: int | None
    size: int | None
    day: int | None
    week: int | None
    sizes: tuple[int, ...]
    entered: int
    left: int
    uncertain: tuple[Reason, ...]
    findings: tuple[Finding, ...]
    drafts: tuple[Waiting, ...]

    @property
    def waits(self) -> bool:
        """Something is to be decided: a draft, or the folder says otherwise."""
        return bool(self.drafts) or self.state != "in force"


class SegmentList(msgspec.Struct, frozen=True, kw_only=True):
    """`folder`: how many definitions of the folder are not in force as they stand there."""

    rows: tuple[SegmentRow, ...]
    partitions: tuple[Partition, ...]
    drafts: tuple[Waiting, ...]
    folder: int

    def places(self) -> list[str]:
        return sorted({row.place for row in self.rows if row.place})


def segment_list(segments: Segments) -> SegmentList:
    """Every segment there is, by title; a name that only a draft has is among `drafts`."""
    drafts = waiting()
    days = size_days(segments.workspace.store, segments.at, DAYS)
    names = segments.names()
    why = segments.uncertain(names)
    rows = [_row(segments, segments.standing(name), days, why, drafts) for name in names]
    own = segments.now.partitions
    others = [p for p in segments.library.partitions if p.name not in {q.name for q in own}]
    return SegmentList(
        rows=tuple(sorted(rows, key=lambda row: (row.title.casefold(), row.name))),
        partitions=(*own, *others),
        drafts=drafts,
        folder=sum(row.state in ("new", "differs") for row in rows),
    )


def _row(
    segments: Segments,
    one: Standing,
    days: Mapping[str, Days],
    why: Mapping[str, Sequence[Reason]],
    drafts: Sequence[Waiting],
) -> SegmentRow:
    size = segments.size(one.name)
    past = days.get(one.name) if size is not None else None
    said = one.definition
    return SegmentRow(
        name=one.name,
        title=one.title,
        description=said.description,
        subject=said.subject,
        mode=said.mode,
        partition=said.partition,
        state=one.state,
        sentence=one.sentence,
        place=said.source.removeprefix("segments/"),
        version=one.version,
        published_at=one.published_at,
        size=size,
        day=_grown(past, size, 1),
        week=_grown(past, size, WEEK),
        sizes=past.sizes if past else (),
        entered=past.entered if past else 0,
        left=past.left if past else 0,
        uncertain=tuple(why.get(one.name, ())),
        findings=one.findings,
        drafts=tuple(draft for draft in drafts if draft.segment == one.name),
    )


def _grown(past: Days | None, size: int | None, days: int) -> int | None:
    before = past.ago(days) if past else None
    return None if before is None or size is None else size - before
