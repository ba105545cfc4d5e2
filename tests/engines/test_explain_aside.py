"""One subject set aside is answered as among all others, and changes only at known moments.

Random worlds (histories.py); seed: tests/seeds.py; and
LETTERSHOP_EXPLAIN_WORLDS=25 looks at more than one.
"""

import os
from collections import Counter
from random import Random

import histories
import pytest
from engines.test_equal import CATALOG
from engines.worlds import DuckEngine, World
from seeds import seed as usual_seed

from lettershop.engines.duckdb.aside import Aside, set_aside
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.explain import explain
from lettershop.engines.duckdb.explain_moments import moments
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.language.text.render import render
from lettershop.model.clock import DAY, format_instant, parse_instant
from lettershop.planning.order import needed

WORLDS = int(os.environ.get("LETTERSHOP_EXPLAIN_WORLDS", "1"))
SEED = usual_seed()


def test_one_is_answered_as_among_all_and_changes_only_at_known_moments() -> None:
    seen: Counter[str] = Counter()
    for nth, definitions in enumerate(histories.questions(SEED, WORLDS)):
        random = Random(f"{SEED}/{nth}")
        as_of = histories.moment(random)
        facts = histories.history(random, definitions, as_of)
        world = World(
            facts, CATALOG, histories.SETTINGS, salts=histories.SALTS, rates=histories.RATES
        )
        engine = DuckEngine(world)
        try:
            instants = histories.edges(definitions, as_of)
            for definition in definitions:
                _compare(engine.store, definitions, definition, as_of, instants, random, seen)
        finally:
            engine.close()
    assert seen["asked"] > WORLDS
    if WORLDS >= 5:  # enough to be telling, whatever the seed
        assert 0 < seen["members"] < seen["asked"]
        assert seen["upcoming"] > 0 and seen["since"] > 0


def _compare(
    store: Store,
    definitions: list[Definition],
    definition: Definition,
    as_of: int,
    instants: list[int],
    random: Random,
    seen: Counter[str],
) -> None:
    asked = needed(definitions, [definition.name])
    full = evaluate(store, asked, as_of)
    members, universe = full.members(definition.name), full.universe(definition.subject)
    some = members if members and random.randrange(2) else universe
    for subject in random.sample([*some], min(len(some), 1)):
        with set_aside(store, asked, definition.subject, subject) as aside:
            if aside is None:
                seen["others"] += 1
                return
            seen["asked"] += 1
            seen["members"] += subject in members
            told = f"LETTERSHOP_SEED={SEED} {definition.name}: {subject} at {format_instant(as_of)}"
            told += "".join(f"\n  {d.name}: {render(d.where)}" for d in asked)
            assert _holds(aside, asked, definition, as_of) == (subject in members), told
            _times(store, asked, definition, subject, as_of, told, seen)
            _stays(aside, asked, definition, as_of, instants, random, told)


def _times(
    store: Store,
    asked: list[Definition],
    definition: Definition,
    subject: int,
    as_of: int,
    told: str,
    seen: Counter[str],
) -> None:
    """What is said of since and until is so among everybody, and to the millisecond."""

    def holds(at: int) -> bool:
        return subject in evaluate(store, asked, at).members(definition.name)

    found = explain(store, asked, definition.name, subject, as_of)
    now = holds(as_of)
    assert found.member == now and found.since and found.upcoming, told
    if found.upcoming.at is not None:
        at = parse_instant(found.upcoming.at)
        seen["upcoming"] += 1
        assert (at > as_of, holds(at), holds(at - 1)) == (True, not now, now), f"{told}\n{found}"
    if found.since.at is not None and not found.since.note:
        at = parse_instant(found.since.at)
        seen["since"] += 1
        assert (at <= as_of, holds(at), holds(at - 1)) == (True, now, not now), f"{told}\n{found}"


def _stays(
    aside: Aside,
    asked: list[Definition],
    definition: Definition,
    as_of: int,
    instants: list[int],
    random: Random,
    told: str,
) -> None:
    """At any instant the answer is that of the last moment before it."""
    found = moments(aside.store, asked, as_of + 400 * DAY).every
    near = [at for at in found if at > as_of - 800 * DAY] or [as_of]
    tried = [*random.sample(instants, 2), random.choice(near) - 1]
    tried.append(as_of + random.randrange(400 * DAY))
    for at in tried:
        before = [moment for moment in found if moment <= at]
        if abs(at) > as_of + 400 * DAY or not before:
            continue
        here = _holds(aside, asked, definition, at)
        there = _holds(aside, asked, definition, before[-1])
        if here != there:
            said = f"{told}\n at {at} {format_instant(at)}: {here}, but at {before[-1]}"
            pytest.fail(f"{said} {format_instant(before[-1])}: {there}", pytrace=False)


def _holds(aside: Aside, asked: list[Definition], definition: Definition, at: int) -> bool:
    return aside.subject in evaluate(aside.store, asked, at).members(definition.name)
