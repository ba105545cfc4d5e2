"""Derived traits of one contact or account taken apart: rules, points, and how it came about.

Read from the hidden segments that the keeper keeps; a trait that it does not keep yet is shown with
its stored values only.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, assert_never

import msgspec
import numpy as np
from pyroaring import BitMap

from lettershop.app.portrait.shelf import traits_of
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.cards import values_of as stored_values
from lettershop.engines.duckdb.entries import Side
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.language import render
from lettershop.language.words import write_duration
from lettershop.profile.compiled import bits_of, label_bit, rule_bits
from lettershop.profile.ledger import Move, Was, moves, values_before
from lettershop.profile.traits import (
    AnyTrait,
    Interest,
    Rfm,
    Rollup,
    Rule,
    Ruled,
    Score,
    Stage,
    fields_of,
    kind_of,
)
from lettershop.profile.values import Membership, Value, plain, points_of, values_of

LAST: Final = 30
"""Lines of the ledger and earlier values that are shown."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of a trait: `points` it gives now, of `most`; `half_life` in words, "" where points
    do not fade. `since`: ms, when it last began to give what it gives. `tag`: of an interest."""

    name: str
    text: str
    holds: bool
    points: int | float | None = None
    most: int | float | None = None
    half_life: str = ""
    since: int | None = None
    tag: str = ""


class Line(msgspec.Struct, frozen=True):
    """Of the ledger: at that time (ms) a part gave so many points more or less than before, because
    of `cause`; None where it gives no points and only began or ended to hold."""

    at: int
    part: str
    began: bool
    points: int | float | None
    cause: str


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """A derived trait of somebody. `value` by its rules now; of one that is worked out from
    measures, or not kept yet, the stored one. `fields`: other values it writes. `numbers`: those it
    had, the oldest first, for a line."""

    name: str
    title: str
    kind: str
    value: Value
    fields: Mapping[str, Any]
    parts: tuple[Part, ...]
    history: tuple[Was, ...]
    ledger: tuple[Line, ...]
    numbers: tuple[float, ...] = ()


def worth(shop: Workspace, side: Side, number: int, as_of: int) -> list[Worth]:
    """Of all sound derived traits about it."""
    found = traits_of(shop, side)
    names = [bit.name for trait in found for bit in bits_of(trait)]
    kept = read_memberships(shop.store.con, names) if names else {}
    log = moves(shop.store, names, number, as_of) if names else []
    return [_worth(shop, trait, number, as_of, kept, log) for trait in found]


def _worth(
    shop: Workspace,
    trait: AnyTrait,
    number: int,
    as_of: int,
    kept: Mapping[str, BitMap],
    log: Sequence[Move],
) -> Worth:
    types = fields_of(trait)
    stored = _stored(shop, trait, number)
    kind = types[trait.name]
    history = values_before(shop.store, trait.subject, trait.name, kind, number, as_of, LAST)
    mine = [move for move in log if move.segment.startswith(_beginning(trait))]
    value, parts = stored.pop(trait.name, None), list[Part]()
    own = [bit.name for bit in bits_of(trait)]
    if not isinstance(trait, Rfm | Rollup) and all(name in kept for name in own):
        one = Membership(kept, np.array([number], np.int64))
        value, parts = values_of(trait, one)[trait.name][0], _parts(trait, one, mine)
    numbers = [was.value for was in reversed(history) if isinstance(was.value, int | float)]
    return Worth(
        name=trait.name,
        title=trait.title,
        kind=kind_of(trait),
        value=value,
        fields=stored,
        parts=tuple(parts),
        history=tuple(history),
        ledger=tuple(_ledger(trait, mine)),
        numbers=tuple(numbers),
    )


def _stored(shop: Workspace, trait: AnyTrait, number: int) -> dict[str, Any]:
    catalog = shop.store.catalog()
    known = catalog.account if trait.subject == "account" else catalog.contact
    infos = [known[name] for name in fields_of(trait) if name in known]
    found = stored_values(shop.store, trait.subject, [number], infos).get(number, {})
    return {name: value for name, value in found.items() if value is not None}


def _beginning(trait: AnyTrait) -> str:
    """How the names of its hidden segments begin."""
    names = [bit.name for bit in bits_of(trait)]
    return names[0].partition("/")[0] + "/" if names else "\0"


def _parts(trait: Ruled, one: Membership, log: Sequence[Move]) -> list[Part]:
    match trait:
        case Score(rules=rules):
            return [_part(trait, rule, rule.text, one, log) for rule in rules]
        case Interest(tags=tags):
            return [
                _part(trait, rule, render(rule.where), one, log, tag.name)
                for tag in tags
                for rule in tag.rules
            ]
        case Stage(labels=labels):
            found = []
            for label in labels:
                name = label_bit(trait, label).name
                holds = bool(one.of(name)[0])
                since = _since(log, [name]) if holds else None
                found.append(Part(name=label.key, text=label.text, holds=holds, since=since))
            return found


def _part(
    trait: Ruled, rule: Rule, text: str, one: Membership, log: Sequence[Move], tag: str = ""
) -> Part:
    bits = [bit.name for bit in rule_bits(trait, rule)]
    holds = any(one.of(name)[0] for name in bits)
    most = rule.points * rule.most
    return Part(
        name=rule.key,
        text=text,
        holds=holds,
        points=plain(int(points_of(trait, rule, one)[0])),
        most=plain(most if rule.cap is None else max(-rule.cap, min(rule.cap, most))),
        half_life="" if rule.half_life is None else write_duration(rule.half_life),
        since=_since(log, bits) if holds else None,
        tag=tag,
    )


def _since(log: Sequence[Move], names: Sequence[str]) -> int | None:
    """The newest move in any of these; the log has the newest first."""
    return next((move.at for move in log if move.segment in names), None)


def _ledger(trait: AnyTrait, log: Sequence[Move]) -> Iterator[Line]:
    """The newest first. What a rule gives changes in several hidden segments at one moment: they
    are one line."""
    named = dict(_named(trait))
    summed: dict[tuple[int, str, str], list[int]] = {}
    for move in log:
        if move.segment in named:
            part, worth = named[move.segment]
            known = summed.setdefault((move.at, part, move.cause), [0, 0])
            known[0] += worth if move.entered else -worth
            known[1] += 1 if move.entered else -1
    for (at, part, cause), (worth, balance) in [*summed.items()][:LAST]:
        points = None if isinstance(trait, Stage) else plain(worth)
        yield Line(at, part, balance > 0, points, cause)


def _named(trait: AnyTrait) -> Iterator[tuple[str, tuple[str, int]]]:
    """(hidden segment, (the part it belongs to, what its members get in micro-units))."""
    match trait:
        case Score(rules=rules):
            for rule in rules:
                yield from ((bit.name, (rule.key, bit.worth)) for bit in rule_bits(trait, rule))
        case Interest(tags=tags):
            for tag in tags:
                for rule in tag.rules:
                    yield from ((bit.name, (tag.name, bit.worth)) for bit in rule_bits(trait, rule))
        case Stage(labels=labels):
            yield from ((label_bit(trait, one).name, (one.key, 0)) for one in labels)
        case Rfm() | Rollup():
            return
        case _:
            assert_never(trait)
