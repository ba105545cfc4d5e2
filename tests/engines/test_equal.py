"""Every engine gives the referee's answers: on any history, to any question, at any time.

So many cases at least, (history, definition, as_of) each; more of each with `--cases N` or
LETTERSHOP_CASES.
The seed: tests/seeds.py.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from random import Random
from typing import NamedTuple

import histories
import pytest
from engines.smaller import smaller
from engines.worlds import ENGINES, Engine, Sets, World
from seeds import seed as usual_seed

from lettershop.language.definition import Definition
from lettershop.language.text.render import render
from lettershop.language.tree import Everyone
from lettershop.model.clock import DAY, format_instant
from lettershop.model.facts import AnyFact

LEAST = {"duckdb": 2_000, "sail": 150, "spark": 18}
CATALOG = histories.WORDS[0].catalog()
EVERYONE = [Definition(name=s, subject=s, where=Everyone()) for s in histories.SUBJECTS]


class Example(NamedTuple):
    definitions: Sequence[Definition]
    facts: Sequence[AnyFact]
    moments: Sequence[int]


@pytest.mark.parametrize("engine", LEAST)
def test_equal(engine: str, cases: int) -> None:
    """Of the cases, a good part must say something: some subjects are members and some are not."""
    seed = usual_seed()
    wanted = max(cases, LEAST[engine])
    compared: Counter[str] = Counter()
    for example in examples(seed, wanted // (2 * len(histories.NAMES)) + 1):
        compare(engine, example, seed, compared)
    assert compared["cases"] >= wanted
    assert compared["telling"] >= compared["cases"] // 8


def examples(seed: int, number: int) -> Iterator[Example]:
    for nth, definitions in enumerate(histories.questions(seed, number)):
        random = Random(f"{seed}/{nth}")
        as_of = histories.moment(random)
        facts = histories.history(random, definitions, as_of)
        yield Example(definitions, facts, (as_of, as_of + random.choice([1, -1, DAY])))


def compare(engine: str, example: Example, seed: int, compared: Counter[str]) -> None:
    definitions, facts, moments = example
    with closing(told("referee", facts)) as referee, closing(told(engine, facts)) as other:
        for as_of in moments:
            right = referee.members(definitions, as_of)
            found = other.members(definitions, as_of)
            for nth, definition in enumerate(definitions, 1):
                if right[definition.name] != found[definition.name]:
                    report = difference(engine, definitions[:nth], facts, as_of)
                    pytest.fail(f"LETTERSHOP_SEED={seed}\n{report}", pytrace=False)
            note(definitions, right, referee.members(EVERYONE, as_of), compared)


def told(engine: str, facts: Sequence[AnyFact]) -> Engine:
    world = World(
        facts=facts,
        catalog=CATALOG,
        settings=histories.SETTINGS,
        salts=histories.SALTS,
        rates=histories.RATES,
    )
    return ENGINES[engine](world)


def note(
    definitions: Sequence[Definition], right: Sets, universe: Sets, compared: Counter[str]
) -> None:
    """Counts cases, and those in which some and not all subjects are members."""
    for definition in definitions:
        compared["cases"] += 1
        compared["telling"] += 0 < len(right[definition.name]) < len(universe[definition.subject])


def answers(
    engine: str, definitions: Sequence[Definition], facts: Sequence[AnyFact], as_of: int
) -> tuple[set[object], set[object]]:
    """Members of the last definition: the referee's and the engine's."""
    name = definitions[-1].name
    with closing(told("referee", facts)) as referee, closing(told(engine, facts)) as other:
        right = referee.members(definitions, as_of)[name]
        return right, other.members(definitions, as_of)[name]


def difference(
    engine: str, definitions: Sequence[Definition], facts: Sequence[AnyFact], as_of: int
) -> str:
    """The difference in the last definition, made small and told."""

    def differs(asked: Sequence[Definition], some: Sequence[AnyFact]) -> bool:
        right, found = answers(engine, asked, some, as_of)
        return right != found

    asked, kept = smaller(definitions, facts, differs)
    right, found = answers(engine, asked, kept, as_of)
    return "\n".join(
        [
            f"at {format_instant(as_of)} ({as_of}) the engine {engine} gives other members:",
            *(f"  {d.name}: {render(d.where)}" for d in asked),
            f"the referee alone: {right - found or 'nobody'}",
            f"the engine alone: {found - right or 'nobody'}",
            "facts, in load order:",
            *(f"  {format_instant(fact.ts)} {fact}" for fact in kept),
        ]
    )
