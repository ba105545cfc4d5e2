"""Traits that are no sum of truths, from the metrics: a full evaluation at a rhythm of their own.

What a trait measures is asked within hidden conditions, so that the evaluation plans and fills the
very columns that are then read.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import assert_never

import msgspec
import numpy as np

from lettershop.engines.duckdb.evaluate import Evaluation, evaluate
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import HIDDEN, Definition
from lettershop.language.node import Duration
from lettershop.language.tree import (
    Aggregate,
    And,
    Condition,
    CountOf,
    EdgeTime,
    Last,
    Measure,
    People,
)
from lettershop.model.settings import Settings
from lettershop.planning.frame import Bits, Column, Ids, Ints
from lettershop.planning.ground import Leaves, rows_of
from lettershop.planning.measures import average, empty_is_zero, measure
from lettershop.planning.metrics import EventMetric
from lettershop.planning.order import needed
from lettershop.planning.place import Place, place_of
from lettershop.profile.build_figures import tested
from lettershop.profile.traits import RFM_FIELDS, Figured, Rfm, Rollup
from lettershop.profile.values import Value, Values, plain

GROUPS = 5
_ANY_TIME = Last(Duration(1000, "year"))


class Figures(msgspec.Struct, frozen=True):
    """`ids`: everybody of the trait's subject, ascending; `values`: one for each."""

    ids: Ints
    values: Values


def figures(
    store: Store,
    trait: Figured,
    segments: Sequence[Definition],
    as_of: int,
    settings: Settings,
) -> Figures:
    """The trait of everybody at `as_of`. `segments`: all that its conditions may refer to."""
    asking = Definition(name=f"{HIDDEN}{trait.name}", subject=trait.subject, where=_asking(trait))
    wanted = needed([*segments, asking], [asking.name])
    found = evaluate(store, wanted, as_of, settings)
    ids = np.array(found.universe(trait.subject), np.int64)
    match trait:
        case Rfm():
            return Figures(ids, _rfm(trait, found, ids))
        case Rollup():
            column, empty = _rollup(trait, found)
            values: list[Value] = [
                plain(value) if known else empty
                for value, known in zip(column.value[ids], column.known[ids], strict=True)
            ]
            return Figures(ids, {trait.name: values})
        case _:
            assert_never(trait)


def _asking(trait: Figured) -> Condition:
    """A condition whose columns are those the trait is made from; whom it holds for is not read."""
    match trait:
        case Rfm(events=events):
            always = msgspec.structs.replace(events, window=None)
            tests = (tested(m) for m in rfm_measures(trait))
            return And((EdgeTime("last", always, _ANY_TIME), *tests))
        case Rollup(function="own", measure=what) if what is not None:
            return tested(what)
        case Rollup(measure=what, who=who):
            parts = (*((who,) if who is not None else ()), *((tested(what),) if what else ()))
            return People("count", who=And(parts) if parts else None)
        case _:
            assert_never(trait)


# --- RFM ----------------------------------------------------------------------------------------


def rfm_measures(trait: Rfm) -> tuple[CountOf, Aggregate]:
    """Frequency and monetary value; recency is the time of the last event."""
    return CountOf(trait.events), Aggregate("sum", trait.amount, trait.events, trait.currency)


def _rfm(trait: Rfm, found: Evaluation, ids: Ints) -> Values:
    """Nobody without such an event in the window has a value."""
    at, place = found.truth.at, place_of(trait.subject)
    counts, amounts = (_aligned(at, m, place) for m in rfm_measures(trait))
    always = rows_of(msgspec.structs.replace(trait.events, window=None))
    last = at.get(EventMetric(trait.subject, always, "last"))
    frame = found.frame
    side = frame.accounts if trait.subject == "account" else frame.contacts
    among = side.live & counts.known & (counts.value > 0)
    groups = [fifths(column.value, among)[ids] for column in (last, counts, amounts)]
    texts: list[Value] = [
        "-".join(map(str, three)) if three[0] else None for three in zip(*groups, strict=True)
    ]
    numbers = {
        f"{trait.name}_{part}": [int(g) or None for g in group]
        for part, group in zip(RFM_FIELDS, groups, strict=True)
    }
    return {trait.name: texts, **numbers}


def fifths(values: Ints, among: Bits) -> Ints:
    """5 for those `among top 20% by …`, 4 for the other ones among the top 40%, and so on; ties all
    in the better group, as in the language. 0 for those that are not `among`."""
    groups = np.zeros(len(values), np.int64)
    total = int(among.sum())
    if not total:
        return groups
    best = np.sort(values[among])[::-1]
    groups[among] = 1
    for group in range(2, GROUPS + 1):
        n = ceil(Fraction(total * (GROUPS + 1 - group), GROUPS))
        groups[among & (values >= best[n - 1])] = group
    return groups


# --- roll-ups -----------------------------------------------------------------------------------


def _rollup(trait: Rollup, found: Evaluation) -> tuple[Column, Value]:
    """Its values by dense id, and what those without one have."""
    at = found.truth.at
    if trait.function == "own" and trait.measure is not None:
        column = _aligned(at, trait.measure, place_of(trait.subject))
        return column, 0 if empty_is_zero(trait.measure) else None
    frame, slots = found.frame, found.frame.size("account")
    everybody = frame.pair_account >= 0
    people = everybody.copy()
    if trait.who is not None:
        people &= found.truth.over_pairs(found.truth.of(trait.who, "person"))
    count = np.bincount(frame.pair_account[people], minlength=slots).astype(np.int64)
    if trait.measure is None:
        return _counted(trait, count, np.bincount(frame.pair_account[everybody], minlength=slots))
    grain, column = measure(at, trait.measure, "person")
    values, known = frame.lift(column.value, grain), frame.lift(column.known, grain)
    if empty_is_zero(trait.measure):
        values, known = np.where(known, values, 0), np.ones(len(values), np.bool_)
    chosen = people & known.astype(np.bool_)
    return _over(trait, values[chosen].astype(np.int64), frame.pair_account[chosen], slots)


def _counted(trait: Rollup, hits: Ints, total: Ints) -> tuple[Column, Value]:
    """How many, or which percentage; of nobody a percentage is not known."""
    micros = hits * 1_000_000
    if trait.function == "count":
        return Column(micros, np.ones(len(hits), np.bool_)), 0
    share = average(Column(micros * 100, total > 0), Column(total, total > 0))
    return share, None


def _over(trait: Rollup, values: Ints, accounts: Ids, slots: int) -> tuple[Column, Value]:
    """The function over the values of each account's people."""
    count = np.bincount(accounts, minlength=slots).astype(np.int64)
    known = count > 0
    start = {"maximum": np.iinfo(np.int64).min, "minimum": np.iinfo(np.int64).max}
    found = np.full(slots, start.get(trait.function, 0), np.int64)
    match trait.function:
        case "sum" | "average":
            np.add.at(found, accounts, values)
        case "maximum":
            np.maximum.at(found, accounts, values)
        case "minimum":
            np.minimum.at(found, accounts, values)
        case "count" | "share" | "own":
            raise AssertionError(trait.function)
        case _:
            assert_never(trait.function)
    if trait.function == "average":
        return average(Column(found, known), Column(count, known)), None
    return Column(np.where(known, found, 0), known), 0 if trait.function == "sum" else None


def _aligned(at: Leaves, what: Measure, place: Place) -> Column:
    """Of the subject itself; never of pairs, since `own` measures speak of no account."""
    return measure(at, what, place)[1]
