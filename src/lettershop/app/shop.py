"""Every question a command asks of a workspace: the contract, and its answers from an open folder.

The API answers with the same `LocalShop`; `cli/remote.py` asks it over HTTP.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from pyroaring import BitMap

from lettershop.app.address import AddressExplained, explain_address
from lettershop.app.addresses import address_report, bring_up_to_date, check_addresses
from lettershop.app.answers import (
    Card,
    Checked,
    Listing,
    MembersAnswer,
    MergeAnswer,
    Neighbour,
    Row,
    SegmentAnswer,
    merge_answer,
    segment_answer,
)
from lettershop.app.backup import BackupReport, Tell as Shown, backup
from lettershop.app.changes import Changed, SizeHistory, changes_of, history, nobody_follows
from lettershop.app.definitions import check_definitions
from lettershop.app.derived import Computed, compute
from lettershop.app.features import Features, write_features
from lettershop.app.feeds import pulls_of
from lettershop.app.lake import (
    Exported,
    LakeStatus,
    Vacuumed,
    export_lake,
    lake_status,
    vacuum_lake,
)
from lettershop.app.members import Members
from lettershop.app.segment import Overlap, Segment
from lettershop.app.traits import TraitExplanation, Traits, explain_trait, trait_listing
from lettershop.app.uncertain import FeedsAnswer, feeds_answer
from lettershop.app.workspace import PinFinder, Workspace
from lettershop.engines.duckdb.transitions import Basis
from lettershop.ingest.pull.pull import PullReport
from lettershop.ingest.pull.step import PullState
from lettershop.ingest.report import ImportReport, Progress
from lettershop.language import check, parse, sentence
from lettershop.language.jsonform import to_json
from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog
from lettershop.model.clock import format_instant, to_ms
from lettershop.model.errors import DefinitionError, Finding, UsageError
from lettershop.planning.explain import Explanation
from lettershop.profile.hygiene.report import AddressReport
from lettershop.profile.hygiene.verdict import Verdict

Tell = Callable[[Progress], None]
Moment = int
"""Milliseconds since 1970 UTC: as at when a question is asked."""


class Shop(Protocol):
    """A workspace to ask. Errors are those of `Workspace`, whoever answers."""

    @property
    def path(self) -> Path: ...
    def catalog(self) -> Catalog: ...
    def newest(self) -> int | None: ...
    def check(self, paths: Sequence[Path] | None) -> Checked: ...
    def count(self, text: str, subject: Subject, as_of: Moment) -> SegmentAnswer: ...
    def listing(self, as_of: Moment) -> Listing: ...
    def card(self, name: str, as_of: Moment) -> Card: ...
    def members(self, name: str, as_of: Moment, limit: int) -> MembersAnswer: ...
    def write_members(self, name: str, as_of: Moment, target: Path) -> int: ...
    def explain(self, name: str, who: str, as_of: Moment) -> Explanation: ...
    def overlap(self, names: Sequence[str], as_of: Moment) -> Overlap: ...
    def sql(self, name: str, as_of: Moment) -> str: ...
    def features(
        self, names: Sequence[str], as_of: Moment, target: Path, *, members_only: bool
    ) -> Features: ...
    def changes(self, name: str, limit: int) -> Sequence[Changed]: ...
    def follow(self, name: str, *, after: int) -> Iterator[Changed]: ...
    def history(self, name: str, start: Moment | None, end: Moment, points: int) -> SizeHistory: ...
    def import_rates(self, path: Path) -> int: ...
    def backup(self, target: Path | None, version: str) -> BackupReport: ...
    def lake_export(
        self, address: str = "", tell: Shown | None = None, *, anew: bool = False
    ) -> Exported: ...
    def lake_status(self, address: str = "") -> LakeStatus: ...
    def lake_vacuum(self, address: str = "") -> Vacuumed: ...
    def merges(self, limit: int) -> Sequence[MergeAnswer]: ...
    def undo_merge(self, number: int) -> MergeAnswer: ...
    def pulls(self) -> Sequence[PullState]: ...
    def feeds(self, as_of: Moment) -> FeedsAnswer: ...
    def run_pull(self, name: str, *, dry_run: bool) -> PullReport: ...
    def traits(self) -> Traits: ...
    def explain_trait(self, name: str, who: str, as_of: Moment) -> TraitExplanation: ...
    def compute_traits(self, as_of: Moment) -> Sequence[Computed]: ...
    def check_addresses(self, addresses: Sequence[str]) -> Sequence[Verdict]: ...
    def address_report(self) -> AddressReport: ...
    def explain_address(self, who: str) -> AddressExplained: ...
    def import_file(
        self,
        path: Path,
        mapping: Path | None,
        *,
        again: bool,
        allow_refused: bool,
        refused: Path | None,
        progress: Tell,
    ) -> ImportReport: ...


class LocalShop:
    """The answers of a workspace that is open in this process."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @property
    def path(self) -> Path:
        return self.workspace.path

    def catalog(self) -> Catalog:
        return self.workspace.store.catalog()

    def newest(self) -> int | None:
        return self.catalog().newest()

    def check(self, paths: Sequence[Path] | None) -> Checked:
        return check_definitions(self.path, self.catalog(), paths)

    def count(self, text: str, subject: Subject, as_of: Moment) -> SegmentAnswer:
        return self._answered(self.workspace.count(text, subject, as_of))

    def _answered(self, found: Segment) -> SegmentAnswer:
        """Of a condition without a name; it may refer to others that are uncertain."""
        others = self.workspace.definitions() if found.references else ()
        why = self.workspace.uncertain([*others, found.definition], found.as_of)
        return segment_answer(found, why.get(found.name, ()))

    def listing(self, as_of: Moment) -> Listing:
        found, library = self.workspace.segments(as_of), self.workspace.library()
        why = self.workspace.uncertain(library.definitions, as_of)
        answers = tuple(segment_answer(segment, why.get(segment.name, ())) for segment in found)
        return Listing(segments=answers, broken=library.broken)

    def card(self, name: str, as_of: Moment) -> Card:
        found = self.workspace.segment(name, as_of)
        library = self.workspace.library()
        family = next((p for p in library.partitions if p.name == found.partition), None)
        beside = self.workspace.segments(as_of, family.members) if family else []
        neighbours = tuple(Neighbour(s.name, s.size) for s in beside)
        why = self.workspace.uncertain(library.definitions, as_of).get(name, ())
        return Card(segment=segment_answer(found, why), neighbours=neighbours)

    def members(self, name: str, as_of: Moment, limit: int) -> MembersAnswer:
        """The first `limit` of them; 0 is all."""
        found = self.workspace.segment(name, as_of).members()
        return members_answer(found, found.head(limit) if limit else found)

    def members_after(
        self, name: str, as_of: Moment, limit: int, after: int
    ) -> tuple[MembersAnswer, int | None]:
        """The members whose dense id is greater than `after`, and where to go on; None at the
        end."""
        found = self.workspace.segment(name, as_of).members()
        rank = found.ids.rank(after) if after >= 0 else 0
        chosen = found.ids[rank : rank + limit]
        page = found.of(BitMap(chosen))
        more = rank + len(chosen) < len(found)
        return members_answer(found, page), (int(chosen.max()) if more and chosen else None)

    def read(
        self, text: str, subject: Subject
    ) -> tuple[tuple[Finding, ...], str | None, bytes | None]:
        """Findings about a condition, its sentence and its JSON form (None: it cannot be read)."""
        try:
            parsed = parse(text)
        except DefinitionError as error:
            return tuple(error.findings), None, None
        segments = self.workspace.library().subjects()
        spans = parsed.spans
        findings = check(parsed.tree, subject, self.catalog(), segments=segments, spans=spans)
        document = to_json(parsed.tree, subject)
        return tuple(findings), sentence(parsed.tree, subject), document

    def preview(
        self, text: str, subject: Subject, as_of: Moment, size: int
    ) -> tuple[SegmentAnswer, MembersAnswer]:
        """How many a condition holds for, and some of them, spread evenly over all."""
        found = self.workspace.count(text, subject, as_of)
        all_ = found.members()
        step = max(1, -(-len(all_) // max(1, size)))
        some = all_.of(BitMap(all_.ids[::step] if size else ()))
        return self._answered(found), members_answer(all_, some)

    def write_members(self, name: str, as_of: Moment, target: Path) -> int:
        """All of them as CSV; their number."""
        found = self.workspace.segment(name, as_of).members()
        found.to_csv(target)
        return len(found)

    def explain(
        self, name: str, who: str, as_of: Moment, pins: PinFinder | None = None
    ) -> Explanation:
        return self.workspace.explain(name, who, as_of, pins)

    def feeds(self, as_of: Moment) -> FeedsAnswer:
        return feeds_answer(self.workspace.store, self.workspace.settings, as_of)

    def overlap(self, names: Sequence[str], as_of: Moment) -> Overlap:
        return self.workspace.overlap(names, as_of)

    def sql(self, name: str, as_of: Moment) -> str:
        return self.workspace.sql(name, as_of)

    def features(
        self, names: Sequence[str], as_of: Moment, target: Path, *, members_only: bool
    ) -> Features:
        """Errors are those of `write_features`."""
        return write_features(self.workspace, names, as_of, target, members_only=members_only)

    def changes(self, name: str, limit: int, before: int | None = None) -> list[Changed]:
        """Who entered and left, the newest first. NotFound `segment.not_kept`."""
        return changes_of(self.workspace.store, name, limit, before)

    def follow(self, name: str, *, after: int) -> Iterator[Changed]:
        """Nothing happens in a folder that only this command has open: UsageError."""
        raise nobody_follows()

    def history(
        self,
        name: str,
        start: Moment | None,
        end: Moment,
        points: int,
        basis: Basis = "detected",
    ) -> SizeHistory:
        """NotFound `segment.not_kept`, UsageError `history.order`."""
        store = self.workspace.store
        return history(store, name, start=start, end=end, points=points, basis=basis)

    def import_rates(self, path: Path) -> int:
        return self.workspace.import_rates(path)

    def backup(self, target: Path | None, version: str) -> BackupReport:
        return backup(self.workspace, version, target)

    def lake_export(
        self, address: str = "", tell: Shown | None = None, *, anew: bool = False
    ) -> Exported:
        return export_lake(self.workspace, address, tell, anew=anew)

    def lake_status(self, address: str = "") -> LakeStatus:
        return lake_status(self.workspace, address)

    def lake_vacuum(self, address: str = "") -> Vacuumed:
        return vacuum_lake(self.workspace, address)

    def traits(self) -> Traits:
        return trait_listing(self.workspace)

    def explain_trait(self, name: str, who: str, as_of: Moment) -> TraitExplanation:
        return explain_trait(self.workspace, name, who, as_of)

    def compute_traits(self, as_of: Moment) -> list[Computed]:
        return compute(self.workspace, as_of)

    def merges(self, limit: int, before: int | None = None) -> list[MergeAnswer]:
        return [merge_answer(merge) for merge in self.workspace.merges(limit, before)]

    def undo_merge(self, number: int) -> MergeAnswer:
        return merge_answer(self.workspace.undo_merge(number))

    def pulls(self) -> list[PullState]:
        return pulls_of(self.workspace).states(self.workspace.store)

    def run_pull(self, name: str, *, dry_run: bool) -> PullReport:
        return pulls_of(self.workspace).run(name, dry_run=dry_run)

    def check_addresses(self, addresses: Sequence[str]) -> list[Verdict]:
        return check_addresses(self.workspace, addresses)

    def address_report(self) -> AddressReport:
        """Judges first what is not judged yet: a server does that in the background."""
        bring_up_to_date(self.workspace)
        return address_report(self.workspace)

    def explain_address(self, who: str) -> AddressExplained:
        bring_up_to_date(self.workspace)
        return explain_address(self.workspace, who)

    def import_file(
        self,
        path: Path,
        mapping: Path | None,
        *,
        again: bool,
        allow_refused: bool,
        refused: Path | None,
        progress: Tell,
    ) -> ImportReport:
        return self.workspace.import_file(
            path,
            mapping,
            again=again,
            allow_refused=allow_refused,
            refused=refused,
            progress=progress,
        )


def members_answer(all_: Members, shown: Members) -> MembersAnswer:
    rows = tuple(plain_row(row) for row in shown)
    return MembersAnswer(size=len(all_), columns=tuple(all_.columns), members=rows)


def chosen_columns(found: MembersAnswer, names: Iterable[str]) -> MembersAnswer:
    """Only these columns, in this order. UsageError `members.column` for an unknown one."""
    wanted = tuple(dict.fromkeys(names))
    if not wanted:
        return found
    unknown = [name for name in wanted if name not in found.columns]
    if unknown:
        hint = f"there are {', '.join(found.columns[:30])}"
        message = f"members have no column “{unknown[0]}”"
        raise UsageError("members.column", message, where="columns", hint=hint)
    rows = tuple({name: row[name] for name in wanted} for row in found.members)
    return MembersAnswer(size=found.size, columns=wanted, members=rows)


def plain_row(row: dict[str, Any]) -> Row:
    return {column: _plain(value) for column, value in row.items()}


def _plain(value: object) -> object:
    """As JSON would give it back, so that it looks the same after a journey."""
    match value:
        case datetime():
            return format_instant(to_ms(value.replace(tzinfo=UTC)))
        case date():
            return value.isoformat()
        case _:
            return value
