"""What a proof says, in plain structs: for doors, for the records, for tests."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from lettershop.content.letter import Values
from lettershop.model.errors import Level

Fate: TypeAlias = Literal["letter", "skipped", "broken"]
"""What became of somebody's letter."""


class Recipient(Protocol):
    """What a proof has to know of somebody beside the values (values/needs.py). `identity`: how
    people recognise them; `account`: dense id, -1 for none; `language`: as their field says it."""

    @property
    def identity(self) -> str: ...
    @property
    def account(self) -> int: ...
    @property
    def language(self) -> str | None: ...


class Sample(msgspec.Struct, frozen=True):
    """Somebody of a class with what their letter was made of. Only in memory: never stored."""

    identity: str
    language: str
    values: Values
    shown: Sequence[int]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """`letters` + `skipped` + `broken` = `done`, and that is `total` unless it was cancelled.
    `classes` are told one by one; `beyond` people are in further ones. Bytes are of the HTML."""

    total: int
    done: int
    letters: int
    skipped: int
    broken: int
    classes: int
    beyond: int
    cancelled: bool
    seconds: float
    largest: int
    largest_who: str
    mean: int


class LetterClassAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """People whose letters differ only in the values. `language`: of the variant, "" the default;
    `words`: what is so in their letters and not in everybody's; `reason`: of skipped ones."""

    id: str
    language: str
    fate: Fate
    reason: str
    count: int
    words: tuple[str, ...]
    examples: tuple[str, ...]


class OutcomeCount(msgspec.Struct, frozen=True, kw_only=True):
    """In how many letters that were begun something was so; `kind`, `name`, `result`, `line` as in
    content/letter.Outcome."""

    language: str
    kind: str
    name: str
    result: str
    line: int
    words: str
    count: int


class SkipAnswer(msgspec.Struct, frozen=True):
    """How many get no letter for a reason that a policy of the template gives."""

    reason: str
    count: int
    examples: tuple[str, ...]


class AccountCount(msgspec.Struct, frozen=True):
    name: str
    count: int


class LetterFindingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found in `count` letters. `key` stays the same from proof to proof; `about` is the
    variable, loop or mark. `accounts`: those with the most people, of `all_accounts`. `classes`: id
    to people; `elsewhere`: people in classes that are not told one by one."""

    key: str
    code: str
    level: Level
    language: str
    about: str
    message: str
    hint: str
    count: int
    source: str
    line: int
    column: int
    examples: tuple[str, ...]
    accounts: tuple[AccountCount, ...]
    all_accounts: int
    classes: Mapping[str, int]
    elsewhere: int


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `common`: what is so in everybody's letter; classes are ordered by people."""

    counts: Counts
    common: tuple[str, ...]
    classes: tuple[LetterClassAnswer, ...]
    outcomes: tuple[OutcomeCount, ...]
    skips: tuple[SkipAnswer, ...]
    findings: tuple[LetterFindingAnswer, ...]


class Proof(msgspec.Struct, frozen=True):
    """`samples`: class id to somebody in it, for its example and its golden files."""

    proved: Proved
    samples: Mapping[str, Sample]


class Audienced(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a proof was about: a segment of a version, or ("" and None) a condition; `digest` of all
    that is said about it, so that it changes with whatever moves its members."""

    segment: str = ""
    version: int | None = None
    digest: str


class Acceptance(msgspec.Struct, frozen=True):
    """Somebody looked at it and said that it is meant. `key`: of a finding, or the id of a class;
    `count`: people it was about; `at`: milliseconds."""

    key: str
    by: str
    reason: str
    at: int
    count: int


class LetterProofAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A proof as it is kept. Times as ISO 8601 in UTC. `locked`: why nothing may leave, "" when it
    may; `open`: keys of the findings that stand in the way. `proved` is absent in lists, while it
    runs, and of old proofs, of which only the counts are kept."""

    id: int
    template: str
    digest: str
    segment: str
    segment_version: int | None
    as_of: str
    state: str
    problem: str
    total: int
    done: int
    started_at: str
    finished_at: str | None
    author: str
    locked: str
    open: tuple[str, ...]
    accepted: tuple[Acceptance, ...]
    counts: Counts | None = None
    proved: Proved | None = None
