"""What the doors show of derived traits: the same from an open folder and from a server."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from rapidfuzz import process

from lettershop.app.derived import Shelf, folder_segments, memberships
from lettershop.app.workspace import Workspace
from lettershop.language import render
from lettershop.language.text.render import where
from lettershop.language.text.render_events import measure
from lettershop.language.words import quote, write_duration
from lettershop.model.clock import format_instant
from lettershop.model.errors import DefinitionError, Finding, NotFound
from lettershop.model.values import ValueType
from lettershop.profile.compiled import bits_of, label_bit, rule_bits
from lettershop.profile.figures import rfm_measures
from lettershop.profile.folder import Book
from lettershop.profile.ledger import Move, moves, values_before
from lettershop.profile.summary import Spread, spread
from lettershop.profile.traits import (
    RFM_FIELDS,
    AnyTrait,
    Interest,
    Rfm,
    Rollup,
    Rule,
    Ruled,
    Score,
    Stage,
    TraitSubject,
    fields_of,
    kind_of,
)
from lettershop.profile.values import Membership, Value, plain, points_of, values_of

LAST = 20
"""Entries of the ledger and earlier values that an explanation shows."""


class PartAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, label, tag or measure a trait is made of. `points` of a rule at their highest."""

    name: str
    text: str
    points: int | float | None = None
    how: str = ""


class TraitAnswer(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: str
    subject: TraitSubject
    title: str
    source: str
    fields: Mapping[str, ValueType]
    parts: tuple[PartAnswer, ...]
    spread: Spread
    """Of the main field, as it is now."""


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """All sound traits, each after those it is made from; `findings`: everything that is wrong."""

    traits: tuple[TraitAnswer, ...]
    broken: Mapping[str, tuple[Finding, ...]] = {}
    findings: tuple[Finding, ...] = ()


class PartNow(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a trait for one subject: whether it holds, what it gives, since when it has (by
    the recorded transitions; None where none are recorded)."""

    name: str
    text: str
    holds: bool
    points: int | float | None = None
    since: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the ledger: at that time the part began or ended to hold, because of `cause`."""

    at: str
    part: str
    began: bool
    cause: str


class Earlier(msgspec.Struct, frozen=True):
    since: str
    value: Value


class TraitExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """`value` is what it is by its rules at `as_of`; None for traits worked out from measures,
    whose last value stands in `values`."""

    trait: str
    kind: str
    subject: TraitSubject
    who: str
    as_of: str
    value: Value
    parts: tuple[PartNow, ...]
    values: tuple[Earlier, ...]
    ledger: tuple[Entry, ...]


def trait_listing(workspace: Workspace, shelf: Shelf | None = None) -> Traits:
    book = _book(workspace, shelf)
    answers = tuple(_answer(workspace, trait) for trait in book.traits)
    return Traits(traits=answers, broken=book.broken, findings=book.findings)


def explain_trait(
    workspace: Workspace, name: str, who: str, as_of: int, shelf: Shelf | None = None
) -> TraitExplanation:
    """What a trait is made of for one contact or account, and how it came to be so.

    NotFound `trait.unknown`, `contact.unknown`, `account.unknown`; DefinitionError when it has
    errors.
    """
    trait = _named(_book(workspace, shelf), name)
    subject_id = workspace.subject_id(trait.subject, who)
    fields = fields_of(trait)
    history = values_before(
        workspace.store, trait.subject, trait.name, fields[trait.name], subject_id, as_of, LAST
    )
    names = [bit.name for bit in bits_of(trait)]
    log = moves(workspace.store, names, subject_id, as_of) if names else []
    value: Value = None
    parts: tuple[PartNow, ...] = ()
    if not isinstance(trait, Rfm | Rollup):
        members = memberships(workspace, [trait], folder_segments(workspace), as_of)
        one = Membership(members, np.array([subject_id], np.int64))
        value, parts = values_of(trait, one)[trait.name][0], _now(trait, one, log)
    return TraitExplanation(
        trait=trait.name,
        kind=kind_of(trait),
        subject=trait.subject,
        who=who,
        as_of=format_instant(as_of),
        value=value,
        parts=parts,
        values=tuple(Earlier(format_instant(was.since), was.value) for was in history),
        ledger=tuple(_entry(move) for move in log[:LAST]),
    )


def _book(workspace: Workspace, shelf: Shelf | None) -> Book:
    return (shelf or Shelf()).book(workspace, folder_segments(workspace))


def _named(book: Book, name: str) -> AnyTrait:
    found = book.named(name)
    if found is not None:
        return found
    if name in book.broken:
        raise DefinitionError([*book.broken[name]])
    near = process.extractOne(name, [trait.name for trait in book.traits], score_cutoff=50)
    hint = f"did you mean {near[0]}?" if near else "lettershop trait list shows them all"
    raise NotFound("trait.unknown", f"there is no derived trait “{name}”", hint=hint)


def _answer(workspace: Workspace, trait: AnyTrait) -> TraitAnswer:
    catalog = workspace.store.catalog()
    known = catalog.account if trait.subject == "account" else catalog.contact
    info = known.get(trait.name)
    return TraitAnswer(
        name=trait.name,
        kind=kind_of(trait),
        subject=trait.subject,
        title=trait.title,
        source=f"{trait.source}:{trait.line}",
        fields=fields_of(trait),
        parts=tuple(_parts(trait)),
        spread=spread(workspace.store, trait.subject, info) if info else Spread(),
    )


def _parts(trait: AnyTrait) -> list[PartAnswer]:
    match trait:
        case Score(rules=rules):
            return [_rule_part(rule, rule.text) for rule in rules]
        case Stage(labels=labels, default=default):
            held = [PartAnswer(name=label.key, text=label.text) for label in labels]
            return [*held, PartAnswer(name=default, text="else")]
        case Interest(tags=tags):
            return [_rule_part(r, render(r.where)) for tag in tags for r in tag.rules]
        case Rfm():
            last = ", ".join(map(quote, trait.events.names))
            texts = (f"last {last}", *(measure(m, where) for m in rfm_measures(trait)))
            named = zip(RFM_FIELDS, texts, strict=True)
            return [PartAnswer(name=name, text=text) for name, text in named]
        case Rollup(text=text):
            return [PartAnswer(name=trait.function, text=text)]


def _rule_part(rule: Rule, text: str) -> PartAnswer:
    how = []
    if rule.half_life is not None:
        how.append(
            f"halved every {write_duration(rule.half_life)}, gone after {rule.steps} times that"
        )
    if rule.most > 1:
        how.append(f"for each of the newest {rule.most} events")
    if rule.cap is not None:
        how.append(f"{plain(rule.cap)} at most")
    return PartAnswer(name=rule.key, text=text, points=plain(rule.points), how="; ".join(how))


def _now(trait: Ruled, one: Membership, log: Sequence[Move]) -> tuple[PartNow, ...]:
    match trait:
        case Score(rules=rules):
            return tuple(_rule_now(trait, rule, rule.text, one, log) for rule in rules)
        case Interest(tags=tags):
            found = (_rule_now(trait, r, render(r.where), one, log) for t in tags for r in t.rules)
            return tuple(part for part in found if part.holds)
        case Stage(labels=labels):
            bits = [(label, label_bit(trait, label).name) for label in labels]
            return tuple(
                PartNow(
                    name=label.key,
                    text=label.text,
                    holds=bool(one.of(name)[0]),
                    since=_since(log, [name]) if one.of(name)[0] else None,
                )
                for label, name in bits
            )


def _rule_now(trait: Ruled, rule: Rule, text: str, one: Membership, log: Sequence[Move]) -> PartNow:
    """`since`: when it last began to give what it gives now."""
    bits = [bit.name for bit in rule_bits(trait, rule)]
    holds = any(one.of(name)[0] for name in bits)
    points = plain(int(points_of(trait, rule, one)[0]))
    since = _since(log, bits) if holds else None
    return PartNow(name=rule.key, text=text, holds=holds, points=points, since=since)


def _since(log: Sequence[Move], names: Sequence[str]) -> str | None:
    """The newest move in any of these; the log has the newest first."""
    return next((format_instant(move.at) for move in log if move.segment in names), None)


def _entry(move: Move) -> Entry:
    part = move.segment.partition("/")[2]
    return Entry(at=format_instant(move.at), part=part, began=move.entered, cause=move.cause)
