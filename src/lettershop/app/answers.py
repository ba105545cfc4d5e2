"""What the doors show: plain structs, the same whether the folder is open here or a server has it.

They hold no store and no clock, only what was found; times are ISO 8601 in UTC.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lettershop.app.segment import Segment
from lettershop.engines.duckdb.merges import Merged
from lettershop.ingest.report import ImportReport
from lettershop.language.definition import Mode
from lettershop.language.tree import Subject
from lettershop.model.clock import format_instant
from lettershop.model.errors import (
    AccessError,
    DefinitionError,
    Finding,
    InputError,
    LettershopError,
    NotFound,
    Unavailable,
    UsageError,
    WorkspaceError,
)
from lettershop.segments.uncertain import Reason

Row = dict[str, Any]
"""A member: column to value; numbers, texts, truths, lists, `{lat, lon}`, ISO dates and times."""


class SegmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One segment at one moment. `text` is as its author wrote it, `source` the file it is in;
    `size` of `universe` are in it. `findings` are warnings and remarks about the definition;
    `uncertain` says which events it hangs on are not heard of."""

    name: str
    subject: Subject
    title: str
    mode: Mode
    description: str
    partition: str | None
    text: str
    source: str
    sentence: str
    references: tuple[str, ...]
    findings: tuple[Finding, ...]
    as_of: str
    size: int
    universe: int
    share: float
    uncertain: tuple[Reason, ...] = ()


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """All segments in the order of their files; `broken`: name to what is wrong with it."""

    segments: tuple[SegmentAnswer, ...]
    broken: Mapping[str, tuple[Finding, ...]] = {}


class Neighbour(msgspec.Struct, frozen=True):
    name: str
    size: int


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One segment; with the others of its partition, itself among them, if it is in one."""

    segment: SegmentAnswer
    neighbours: tuple[Neighbour, ...] = ()


class MembersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the `size` members, by their ids."""

    size: int
    columns: tuple[str, ...]
    members: tuple[Row, ...]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """`compared`: there is data, so fields and events were checked too."""

    findings: tuple[Finding, ...]
    compared: bool


class WrongValues(msgspec.Struct, frozen=True):
    """How many values were not of their field's type, so missing."""

    scope: str
    field: str
    count: int


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An `ImportReport` that JSON can say."""

    path: str
    hash: str
    repeated: bool
    rows: int
    facts: dict[str, int]
    duplicates: int
    left_out: int
    refused: dict[str, int]
    new_contacts: int
    new_accounts: int
    merged: int
    notes: dict[str, int]
    wrong: tuple[WrongValues, ...]
    seconds: float

    def report(self) -> ImportReport:
        """Without the file of refused rows and the learned types, which stay where they are."""
        fields = msgspec.structs.asdict(self)
        return ImportReport(
            **{**fields, "wrong": {(w.scope, w.field): w.count for w in self.wrong}}
        )


class MergeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Two contacts that became one at `at`, because of the fact `message_id`: `contact` took in
    `absorbed`, known by `identities`."""

    id: int
    at: str
    message_id: str
    contact: str
    absorbed: str
    identities: tuple[str, ...]
    undone_at: str | None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A `LettershopError` that JSON can say; `exit_code` tells its class."""

    exit_code: int
    code: str
    message: str
    where: str = ""
    hint: str = ""
    findings: tuple[Finding, ...] = ()

    def error(self) -> LettershopError:
        if self.findings:
            return DefinitionError([*self.findings])
        kind = _KINDS.get(self.exit_code, LettershopError)
        return kind(self.code, self.message, where=self.where, hint=self.hint)


_KINDS: dict[int, type[LettershopError]] = {
    kind.exit_code: kind
    for kind in (UsageError, InputError, NotFound, WorkspaceError, AccessError, Unavailable)
}


def segment_answer(segment: Segment, uncertain: tuple[Reason, ...] = ()) -> SegmentAnswer:
    found = segment.definition
    return SegmentAnswer(
        name=found.name,
        subject=found.subject,
        title=found.title,
        mode=found.mode,
        description=found.description,
        partition=found.partition,
        text=segment.text,
        source=found.source,
        sentence=segment.sentence,
        references=segment.references,
        findings=segment.findings,
        as_of=format_instant(segment.as_of),
        size=segment.size,
        universe=segment.universe,
        share=round(segment.share, 6),
        uncertain=uncertain,
    )


def merge_answer(merge: Merged) -> MergeAnswer:
    return MergeAnswer(
        id=merge.id,
        at=format_instant(merge.at),
        message_id=merge.message_id,
        contact=merge.identity,
        absorbed=merge.absorbed_identity,
        identities=merge.identities,
        undone_at=None if merge.undone_at is None else format_instant(merge.undone_at),
    )


def import_answer(report: ImportReport) -> ImportAnswer:
    names = (name for name in ImportAnswer.__struct_fields__ if name != "wrong")
    fields = {name: getattr(report, name) for name in names}
    return ImportAnswer(**fields, wrong=wrong_values(report))


def wrong_values(report: ImportReport) -> tuple[WrongValues, ...]:
    return tuple(WrongValues(scope, field, n) for (scope, field), n in report.wrong.items())


def failure(error: LettershopError, renamed: Mapping[str, str] | None = None) -> Failure:
    """`renamed`: paths of the server, and what they are called where the answer goes."""
    findings: Iterable[Finding] = error.findings if isinstance(error, DefinitionError) else ()

    def told(text: str) -> str:
        for path, name in (renamed or {}).items():
            text = text.replace(path, name)
        return text

    return Failure(
        exit_code=error.exit_code,
        code=error.code,
        message=told(error.message),
        where=told(error.where),
        hint=told(error.hint),
        findings=tuple(findings),
    )
