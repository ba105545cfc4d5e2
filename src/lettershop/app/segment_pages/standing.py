"""What a segment is and who is in it: of the register where it is in force, else of the folder.

Members are those kept current; where nobody keeps them yet, they are evaluated.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Literal

import msgspec
from pyroaring import BitMap

from lettershop.app.explaining import pins_about
from lettershop.app.pinning import resolved
from lettershop.app.segment import item_sentence
from lettershop.app.segment_pages.folder import current_library
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.explain import explain
from lettershop.engines.duckdb.refresh.adjust import Adjustment
from lettershop.engines.duckdb.refresh.refresher import read_before
from lettershop.engines.duckdb.refresh.tables import KeptRow, read_kept, read_memberships
from lettershop.engines.duckdb.universe import universe
from lettershop.language import parse, references, sentence
from lettershop.language.definition import Definition, Mode
from lettershop.language.tree import Subject
from lettershop.model.errors import DefinitionError, Finding, NotFound
from lettershop.planning.explain import Explanation
from lettershop.planning.keep import Keep, Pin
from lettershop.segments.folder import Item, Library
from lettershop.segments.order import closure
from lettershop.segments.partition import Partition
from lettershop.segments.reading import Entry
from lettershop.segments.register import InForce, Published, VersionRow, in_force, versions
from lettershop.segments.uncertain import Reason

State = Literal["in force", "differs", "new", "broken"]
"""`differs`: in force, and the folder says otherwise; `new`, `broken`: only in the folder."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One segment. `definition` is what is in force, else what the folder says; `folder` what the
    folder says where that is something else. `version`, `published_at`: None when not in force."""

    definition: Definition
    state: State
    sentence: str
    version: int | None = None
    published_at: int | None = None
    folder: Definition | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def title(self) -> str:
        return self.definition.title or self.definition.name

    @property
    def subject(self) -> Subject:
        return self.definition.subject

    @property
    def mode(self) -> Mode:
        return self.definition.mode

    @property
    def in_force(self) -> bool:
        return self.version is not None


class Segments:
    """Every segment of an open workspace, as of now. For one question: nothing is read twice."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.at = workspace, workspace.moment(None)
        self._found: dict[str, BitMap] = {}

    @cached_property
    def now(self) -> InForce:
        return in_force(self.at)

    @cached_property
    def library(self) -> Library:
        return current_library(self.workspace)

    @cached_property
    def kept(self) -> Mapping[str, KeptRow]:
        return read_kept(self.workspace.store.con)

    @cached_property
    def published(self) -> Mapping[str, Published]:
        return {one.name: one for one in self.now.published}

    # --- what they are ---------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Those in force, then those that only the folder has."""
        return [*dict.fromkeys([*self.published, *self.library.items])]

    def standing(self, name: str) -> Standing:
        """NotFound `segment.unknown`."""
        if name in self.published:
            return self._published(self.published[name])
        item = self.library.items.get(name)
        if item is None:
            raise NotFound("segment.unknown", f"there is no segment “{name}”")
        findings = self.library.broken.get(name, ())
        state: State = "broken" if findings else "new"
        said = item_sentence(item) if item.parsed or not item.definition.text else ""
        return Standing(
            definition=item.definition, state=state, sentence=said, findings=tuple(findings)
        )

    def _published(self, one: Published) -> Standing:
        folder = self._otherwise(one.definition)
        return Standing(
            definition=one.definition,
            state="differs" if folder else "in force",
            sentence=own_sentence(one.definition),
            version=one.version,
            published_at=one.published_at,
            folder=folder,
            findings=tuple(self.library.broken.get(one.name, ())),
        )

    def _otherwise(self, now: Definition) -> Definition | None:
        """What the folder says, where applying it would change something."""
        item = self.library.items.get(now.name)
        if item is None or now.name in self.library.broken or item.definition == now:
            return None
        return item.definition

    def version_row(self, name: str) -> VersionRow | None:
        """The version in force, with its author and note."""
        if name not in self.published:
            return None
        return next((row for row in versions(name) if row.state == "published"), None)

    def partition(self, name: str) -> Partition | None:
        """The partition called so, in force or else in the folder."""
        families = (*self.now.partitions, *self.library.partitions)
        return next((family for family in families if family.name == name), None)

    def uncertain(self, names: Collection[str]) -> Mapping[str, tuple[Reason, ...]]:
        """Those that hang on events nobody hears of, and why."""
        return self.workspace.uncertain(self.needed(names), self.at)

    # --- who is in them --------------------------------------------------------------------------

    def is_kept(self, name: str) -> bool:
        """Whether the refresher keeps what is in force: right after publishing it does not yet."""
        one, row = self.published.get(name), self.kept.get(name)
        if one is None or row is None or row.version != one.version:
            return False
        return row.sign == Keep(definition=one.definition, version=one.version).sign()

    def size(self, name: str) -> int | None:
        """None where nobody keeps it."""
        return self.kept[name].size if self.is_kept(name) else None

    def members(self, name: str) -> BitMap:
        """Dense ids. NotFound; DefinitionError for a broken one that is not in force."""
        if name not in self._found:
            self._found[name] = self._members(name)
        return self._found[name]

    def _members(self, name: str) -> BitMap:
        standing = self.standing(name)
        if self.is_kept(name):
            return self.kept_members([name]).get(name, BitMap())
        if standing.in_force:
            return self._evaluated(name)
        if standing.state == "broken":
            raise DefinitionError([*standing.findings])
        needed = self.library.needed([name])
        return self.workspace.evaluate(self.at, needed).members(name)

    def kept_members(self, names: Sequence[str]) -> dict[str, BitMap]:
        """Of those that are kept, at once."""
        return read_memberships(self.workspace.store.con, names)

    def universe(self, subject: Subject) -> BitMap:
        return universe(self.workspace.store, subject, self.at)

    def needed(self, names: Collection[str]) -> tuple[Definition, ...]:
        """The definitions and all they refer to; where it is in force that counts."""
        known = {one.name: one for one in self.library.definitions}
        known |= {name: one.definition for name, one in self.published.items()}
        graph = {name: sorted(references(d.where)) for name, d in known.items()}
        wanted = closure(graph, [name for name in names if name in known])
        return tuple(definition for name, definition in known.items() if name in wanted)

    def references(self, name: str) -> frozenset[str]:
        """The segments its condition names."""
        return frozenset(references(self.standing(name).definition.where))

    def _evaluated(self, name: str) -> BitMap:
        """What a refresh would find: with modes and pins."""
        store, pins = self.workspace.store, self._pins()
        keeps = [
            Keep(definition=d, version=self._version(d.name), pins=pins.get(d.name, ()))
            for d in self.needed([name])
        ]
        stored = read_before(store)
        found = evaluate(
            store,
            [keep.definition for keep in keeps],
            self.at,
            self.workspace.settings,
            lambda frame: Adjustment(store, frame, keeps, stored.kept, stored.members),
        )
        return found.members(name)

    def _pins(self) -> Mapping[str, tuple[Pin, ...]]:
        return resolved(self.workspace.store, self.now.pins, self.now.partitions, lambda row: None)

    def _version(self, name: str) -> int:
        one = self.published.get(name)
        return one.version if one else 1

    # --- why -------------------------------------------------------------------------------------

    def explain(self, name: str, who: str) -> Explanation:
        """Why somebody is in or not, as `Workspace.explain`, also of one that is in no folder.

        NotFound, UsageError for `who`; DefinitionError for a broken one.
        """
        standing = self.standing(name)
        if standing.state == "broken":
            raise DefinitionError([*standing.findings])
        workspace, needed = self.workspace, self.needed([name])
        found = workspace.subject_id(standing.subject, who)
        said = pins_about(workspace.store, name, found, self.at)
        told = explain(workspace.store, needed, name, found, self.at, workspace.settings, said)
        why = workspace.uncertain(needed, self.at).get(name, ())
        return msgspec.structs.replace(told, uncertain=tuple(reason.message for reason in why))


def own_sentence(definition: Definition) -> str:
    """What its author wrote, in English; of a partition's member without the exclusions."""
    if definition.partition is None:
        return sentence(definition.where, definition.subject)
    text = definition.text.strip()
    return item_sentence(Item(definition, Entry.inline(text), parse(text) if text else None))
