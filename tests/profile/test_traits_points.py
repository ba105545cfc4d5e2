"""Points that fade and count, against the rule said in words."""

import numpy as np
from engines.telling import did, person
from hypothesis import given, settings, strategies as st
from pyroaring import BitMap

from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.language.tree import Duration
from lettershop.model.clock import DAY, format_instant, parse_instant
from lettershop.model.values import MICRO
from lettershop.profile.compiled import rule_bits
from lettershop.profile.figures import fifths
from lettershop.profile.traits import Rule, Score
from lettershop.profile.values import Membership, points_of

NOW = parse_instant("2026-06-01T00:00Z")


def by_hand(ages: list[int], points: int, half_life: int, steps: int, most: int, cap: int) -> int:
    """The newest `most` events, each halved for every half-life that has passed."""
    newest = sorted(ages)[:most]
    fresh = [age for age in newest if age < half_life * steps]
    return min(sum(points * MICRO >> age // half_life for age in fresh), cap * MICRO)


@settings(max_examples=12, deadline=None)
@given(
    everybody=st.lists(st.lists(st.integers(0, 60), max_size=8), min_size=1, max_size=12),
    points=st.integers(1, 9),
    half_life=st.integers(1, 15),
    steps=st.integers(1, 4),
    cap=st.integers(1, 30),
)
def test_points_are_those_of_the_newest_events(
    everybody: list[list[int]], points: int, half_life: int, steps: int, cap: int
) -> None:
    """`everybody`: how many days ago each did it."""
    most = -(-cap // points)
    rule = Rule(
        key="r",
        text="",
        where=parse('did "Read"').tree,
        points=points * MICRO,
        half_life=Duration(half_life, "day"),
        steps=steps,
        most=most,
        cap=cap * MICRO,
    )
    trait = Score(name="s", rules=(rule,))
    ids = np.arange(len(everybody), dtype=np.int64)
    found = points_of(trait, rule, Membership(asked(trait, rule, everybody), ids))
    assert found.tolist() == [
        by_hand(ages, points, half_life, steps, most, cap) for ages in everybody
    ]


def asked(trait: Score, rule: Rule, everybody: list[list[int]]) -> dict[str, BitMap]:
    """Who is in the hidden segments of the rule, in a world of nothing but reading."""
    hidden = [
        Definition(name=bit.name, subject="contact", where=bit.where)
        for bit in rule_bits(trait, rule)
    ]
    with Store.open(None) as store:
        store.con.execute("SET threads = 1")
        names = [f"p{n}" for n in range(len(everybody))]
        reads = [
            did(name, "Read", format_instant(NOW - age * DAY))
            for name, ages in zip(names, everybody, strict=True)
            for age in ages
        ]
        load(store, [*map(person, names), *reads])
        answers = evaluate(store, hidden, NOW)
        return {definition.name: answers.members(definition.name) for definition in hidden}


def test_fifths_are_those_of_the_language() -> None:
    """`among top 20% by score` is the best fifth, and so on; ties included."""
    scores = [7, 7, 7, 3, 3, 12, 1, 20, 5, 5, 5, 9]
    everybody = np.ones(len(scores), np.bool_)
    groups = fifths(np.array(scores, np.int64), everybody)
    with Store.open(None) as store:
        load(store, [person(f"p{n:02}", score=score) for n, score in enumerate(scores)])
        for group in (5, 4, 3, 2):
            text = f"among top {20 * (6 - group)}% by score"
            asked = Definition(name="x", subject="contact", where=parse(text).tree)
            better = evaluate(store, [asked], NOW).members("x")
            assert BitMap(np.flatnonzero(groups >= group).tolist()) == better
    assert fifths(np.array([4, 4], np.int64), np.array([False, True])).tolist() == [0, 5]
