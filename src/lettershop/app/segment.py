"""What a workspace answers with: a segment at a moment, an overlap of several."""

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import msgspec
from pyroaring import BitMap

from lettershop.app.members import Members
from lettershop.engines.duckdb.store import Store
from lettershop.language import references, sentence
from lettershop.language.definition import Definition, Mode
from lettershop.language.tree import Subject
from lettershop.model.errors import Finding, UsageError
from lettershop.segments.folder import Item
from lettershop.segments.overlap import shared


class Answers(Protocol):
    """What is needed of an evaluation."""

    def members(self, name: str) -> BitMap: ...
    def universe(self, subject: Subject) -> BitMap: ...


class Segment:
    """One segment at one moment: what it says, how many, who."""

    def __init__(
        self,
        item: Item,
        answers: Answers,
        store: Store,
        as_of: int,
        findings: Sequence[Finding] = (),
    ) -> None:
        self.definition: Definition = item.definition
        self.as_of = as_of
        self.findings = tuple(findings)
        """Warnings and remarks about the definition; with an error there is no segment."""
        self._item, self._answers, self._store = item, answers, store

    def __repr__(self) -> str:
        return f"<segment {self.name}: {self.size:,} of {self.universe:,}; {self.sentence}>"

    def __len__(self) -> int:
        return self.size

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def title(self) -> str:
        return self.definition.title or self.name

    @property
    def text(self) -> str:
        """The condition as its author wrote it."""
        return self.definition.text.strip()

    @property
    def sentence(self) -> str:
        """The condition in English. Of a partition member its own, without the exclusions."""
        return item_sentence(self._item)

    @property
    def subject(self) -> Subject:
        return self.definition.subject

    @property
    def mode(self) -> Mode:
        return self.definition.mode

    @property
    def partition(self) -> str | None:
        return self.definition.partition

    @property
    def references(self) -> tuple[str, ...]:
        """Names of the segments it is built from."""
        return tuple(sorted(references(self.definition.where)))

    @cached_property
    def ids(self) -> BitMap:
        """Dense ids of the members."""
        return self._answers.members(self.name)

    @property
    def size(self) -> int:
        return len(self.ids)

    @cached_property
    def universe(self) -> int:
        """How many there are to be drawn from."""
        return len(self._answers.universe(self.subject))

    @property
    def share(self) -> float:
        return self.size / self.universe if self.universe else 0.0

    def members(self) -> Members:
        return Members(self._store, self.subject, self.ids)


_REST: dict[Subject, str] = {
    "contact": "Contacts that no other segment of the partition holds.",
    "account": "Accounts that no other segment of the partition holds.",
    "people": "People in accounts that no other segment of the partition holds.",
}


def item_sentence(item: Item) -> str:
    """What a definition says in English; a catch-all has no words of its own."""
    definition = item.definition
    if item.parsed is None:
        return _REST[definition.subject]
    return sentence(item.parsed.tree, definition.subject)


class Overlap(msgspec.Struct, frozen=True):
    """`matrix[i][j]` counts the members that segments i and j share; the diagonal is their size."""

    names: tuple[str, ...]
    subject: Subject
    matrix: tuple[tuple[int, ...], ...]


def overlap(segments: Sequence[Segment]) -> Overlap:
    """UsageError when the segments are not all of the same subject."""
    subjects = {s.subject: s.name for s in segments}
    if len(subjects) > 1:
        told = ", ".join(f"“{name}” of {subject}" for subject, name in subjects.items())
        message = f"only segments of one subject can overlap; these are {told}"
        raise UsageError("overlap.subjects", message)
    matrix = shared([s.ids for s in segments])
    return Overlap(tuple(s.name for s in segments), segments[0].subject, matrix)
