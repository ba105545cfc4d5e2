"""Kept current = evaluated in full = the referee, whatever happens, in whatever order.

At least 300 random scripts, more with LETTERSHOP_RUNS=5000; the seed: tests/seeds.py. Own scripts
rather than hypothesis' state machine: a script is drawn towards the instants at which something
changes by itself, the one of five in which most people come and go is played, and ten start from
one opening, because loading facts is what takes long.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from refresh.machine import Machine, Shop, opened
from refresh.script import Pool, Script, opening
from refresh.shorter import Failure, shortest
from refresh.telling import drawn
from seeds import seed as usual_seed

from lettershop.engines.duckdb.refresh import step

RUNS = max(300, int(os.environ.get("LETTERSHOP_RUNS", "0")))
SHARDS = 4
TREES = 5
ALIKE = 10
"""Scripts that begin with the same facts."""
CHOICE = 5
"""Scripts to choose the most telling from."""


@pytest.mark.parametrize("shard", range(SHARDS))
def test_kept_current(shard: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough must happen: people enter and leave for every reason, merges are taken back."""
    if shard == 0:  # one that takes every change for too big to go on from what it remembers
        monkeypatch.setattr(step, "MOST_SHARE", -1e9)
    seed = usual_seed()
    noted = Counter[str]()
    runs = -(-RUNS // SHARDS)
    for run, (script, shop) in enumerate(scripts(seed + shard, runs, tmp_path)):
        if failure := played(script, noted, shop):
            found = shortest(script, failure, played)
            pytest.fail(f"LETTERSHOP_SEED={seed} shard {shard} run {run}\n{found}", pytrace=False)
    assert noted["refreshes"] >= 2 * runs
    assert shard == 0 or noted["steps"] >= noted["refreshes"] // 4
    assert min(noted[cause] for cause in ("event", "time", "trait", "left")) >= runs // 12
    assert min(noted[cause] for cause in ("definition", "manual", "merge", "undone")) >= 1


def scripts(seed: int, number: int, folder: Path) -> Iterator[tuple[Script, Shop]]:
    """Several scripts begin in the same way: to open a shop takes longer than all the rest."""
    pool = Pool(seed, TREES)
    for run in range(number):
        random = Random(f"{seed}/{run}")
        if run % ALIKE == 0:
            scene = opening(random, pool)
            shop = Shop(folder, scene.facts)
        yield drawn(random, pool, scene, CHOICE), shop


def played(
    script: Script, noted: Counter[str] | None = None, shop: Shop | None = None
) -> Failure | None:
    """What went wrong, if anything did."""
    with shop.open() if shop else opened() as store:
        machine = Machine(store, Counter() if noted is None else noted)
        if shop:
            machine.hear(shop.facts)
        try:
            machine.play(script.steps[1:] if shop else script.steps)
        except Exception as error:
            return Failure.of(error)
        if noted is not None:
            noted["merged"] += len(machine.told.who.merges)
    return None
