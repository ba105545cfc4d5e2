"""The template report: of each variable, who has it from where, and what becomes of the others."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from lettershop.content.audience import Audience
from lettershop.content.letter import Path, Read
from lettershop.content.template import Fallback, Hide, Policy, Skip, Template
from lettershop.content.values.needs import Recipient, Surroundings
from lettershop.content.values.source import Chunk, Source
from lettershop.content.values.trees import Tree, every, get
from lettershop.content.values.wanted import TOP
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import format_instant

EXAMPLES: Final = 5

From = Literal[
    "contact", "account", "membership", "owner", "matched", "data", "given", "default", "fallback"
]
"""`given`: by the campaign, the sender, the workspace, or a link. `default`: of the segment."""

Then = Literal["fallback", "hidden", "skipped", "left_out", "broken"]
"""What becomes of who lacks a value: it is replaced, its block is left out, there is no letter, the
letter has been written for that, or (an error) nobody said."""


class VariableReport(msgspec.Struct, frozen=True, kw_only=True):
    """A variable of the letter in one language, which `recipients` read. `known`: how many of them
    by where it comes from; `missing`: how many have it from nowhere, fallbacks counting as such.
    Of variables within lists: recipients without any element read none, so they are not counted;
    those with an element that lacks it are missing."""

    name: str
    language: str
    lines: tuple[int, ...]
    guarded: bool
    policy: Policy | None
    recipients: int
    known: Mapping[From, int]
    missing: int
    then: Then
    examples: tuple[str, ...]


class TemplateReport(msgspec.Struct, frozen=True, kw_only=True):
    """`as_of` as ISO 8601 in UTC; `languages`: recipients per variant. Variables in the order in
    which they are read first."""

    template: str
    segment: str
    as_of: str
    recipients: int
    languages: Mapping[str, int]
    variables: tuple[VariableReport, ...]


def report(
    store: Store,
    template: Template,
    reads: Mapping[str, Sequence[Read]],
    audience: Audience,
    around: Surroundings | None = None,
) -> TemplateReport:
    """`reads`: of the letter in each language (`variant.language`). Goes through everybody; items
    are chosen and outside data asked for as for letters."""
    languages: Counter[str] = Counter()
    tallies = {
        language: [_Tally(read, template, language) for read in said]
        for language, said in reads.items()
    }
    with Source(store, template, _with_sides(reads, template), audience, around) as source:
        for recipients, values in _watched(source, template, tallies):
            for recipient, tree in zip(recipients, values, strict=True):
                language = template.variant(recipient.language).language
                languages[language] += 1
                for tally in tallies.get(language, ()):
                    tally.settle(recipient, tree, audience.defaults)
    return TemplateReport(
        template=template.name,
        segment=audience.segment,
        as_of=format_instant(audience.as_of),
        recipients=len(audience),
        languages=dict(languages),
        variables=tuple(tally.told() for listed in tallies.values() for tally in listed),
    )


def _with_sides(reads: Mapping[str, Sequence[Read]], template: Template) -> Iterator[Read]:
    """All reads, and of bare names the contact's and the account's own values beside them."""
    for said in reads.values():
        for read in said:
            yield read
            if _is_bare(read.path, template):
                for side in ("contact", "account"):
                    yield Read(path=(side, *read.path), guarded=True)


def _watched(
    source: Source, template: Template, tallies: Mapping[str, Sequence["_Tally"]]
) -> Iterator[Chunk]:
    """The chunks; before the segment's defaults are laid, each tally has seen whose own values
    there are."""

    def see(recipients: Sequence[Recipient], values: Sequence[Tree]) -> None:
        for recipient, tree in zip(recipients, values, strict=True):
            for tally in tallies.get(template.variant(recipient.language).language, ()):
                tally.see(tree)

    return source.chunks(before_defaults=see)


def _is_bare(path: Path, template: Template) -> bool:
    return path[0] not in TOP and path[0] not in template.data


class _Tally:
    """Counts one variable of one variant."""

    def __init__(self, read: Read, template: Template, language: str) -> None:
        self.read, self.language = read, language
        self._bare = _is_bare(read.path, template)
        self._data = read.path[0] in template.data
        self._policy = policy_of(read.path, template, language)
        self._own: deque[From | None] = deque()
        self._known: Counter[From] = Counter()
        self._missing = 0
        self._examples: list[str] = []

    def see(self, tree: Tree) -> None:
        self._own.append(self._origin(tree))

    def _origin(self, tree: Tree) -> From | None:
        path = self.read.path
        if self._bare:
            ours, theirs = (get(tree, (side, *path)) for side in ("contact", "account"))
            return "contact" if ours is not None else "account" if theirs is not None else None
        if any(value is None for value in every(tree, path)):
            return None
        match path[0]:
            case "contact" | "account" | "membership" | "owner" | "matched":
                return path[0]
            case _:
                return "data" if self._data else "given"

    def settle(self, recipient: Recipient, tree: Tree, defaults: Mapping[str, Any]) -> None:
        """`tree` is complete; recipients come in the order in which they were seen."""
        own = self._own.popleft()
        values = list(every(tree, self.read.path))
        if not values:
            return  # a list without elements: nobody reads anything
        if all(value is not None for value in values):
            added: From = "default" if self.read.name in defaults else "data"
            self._known[own or added] += 1
        elif isinstance(self._policy, Fallback):
            self._known["fallback"] += 1
            self._note(recipient)
        else:
            self._missing += 1
            self._note(recipient)

    def _note(self, recipient: Recipient) -> None:
        if len(self._examples) < EXAMPLES:
            self._examples.append(recipient.identity)

    def told(self) -> VariableReport:
        return VariableReport(
            name=self.read.name,
            language=self.language,
            lines=self.read.lines,
            guarded=self.read.guarded,
            policy=self._policy,
            recipients=sum(self._known.values()) + self._missing,
            known=dict(self._known),
            missing=self._missing,
            then=_then(self._policy, guarded=self.read.guarded),
            examples=tuple(self._examples),
        )


def _then(policy: Policy | None, *, guarded: bool) -> Then:
    match policy:
        case Fallback():
            return "fallback"
        case Hide():
            return "hidden"
        case Skip():
            return "skipped"
        case None:
            return "left_out" if guarded else "broken"


def policy_of(path: Path, template: Template, language: str) -> Policy | None:
    """The policy of a variable, else of what holds it; the variant's own before the default's."""
    default = template.variants[0].missing
    own = next((v.missing for v in template.variants if v.language == language), default)
    for length in range(len(path), 0, -1):
        name = Read(path=path[:length], guarded=False).name
        found = own.get(name) or default.get(name)
        if found is not None:
            return found
    return None
