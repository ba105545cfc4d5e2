"""Proof 7: workers on three machines send one campaign from the records they share, while senders,
workers, machines and web processes are killed. Nobody is skipped, nobody gets it twice, those whom
nobody can know about are listed, who has unsubscribed is left alone, and every event that was
acknowledged arrives once."""

from pathlib import Path

import pytest
from postgres import Postgres
from seeds import seed

from tests.whole.fleet import counting_sink
from tests.whole.fleet_proof import Plan, Proof
from tests.whole.world import world

pytestmark = pytest.mark.xdist_group("cluster")
PLAN = Plan(people=600, kills=6, every=0.3, seed=seed())


def test_three_machines_skip_nobody_and_double_nobody(postgres: Postgres, tmp_path: Path) -> None:
    with (
        counting_sink(tmp_path) as sink,
        world(
            tmp_path / "owner",
            records=postgres.database("fleet"),
            smtp=f"smtp://127.0.0.1:{sink.port}",
            lost_minutes=1,
        ) as shop,
    ):
        found = Proof(shop, sink, tmp_path, PLAN).run()
    assert found.accepted + found.unknown + found.suppressed == PLAN.people
    assert found.suppressed >= PLAN.people / 30
    assert sum(found.kills.values()) > PLAN.kills / 2
