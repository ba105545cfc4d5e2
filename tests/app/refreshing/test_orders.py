"""Refreshes that somebody asks for, by the command line or by the API, and the schedule."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from opened_shop import open_shop
from publishing import Desk
from pyroaring import BitMap
from typer.testing import CliRunner

from lettershop.app.engine import Engine
from lettershop.app.keeping import Keeper
from lettershop.app.lake import lake_set
from lettershop.app.refreshing.elsewhere import Answers
from lettershop.app.refreshing.orders import Wish
from lettershop.app.refreshing.schedule import Schedule
from lettershop.app.streams import Streams
from lettershop.cli import app
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.lake.views import lake_store
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.lake.manifest import Manifest
from lettershop.lake.members import read_members, read_moves, read_runs
from lettershop.lake.storage import Lake
from lettershop.language.definition import Definition
from lettershop.model.clock import MINUTE, SECOND
from lettershop.model.errors import Unavailable
from lettershop.model.facts import ContactFact
from lettershop.model.settings import Settings
from lettershop.planning.frame import Frame
from lettershop.planning.truth import Adjust


class Cluster:
    """A cluster of our own: DuckDB over the lake's files; it can be away."""

    name = "spark"

    def __init__(self, address: str) -> None:
        self.address, self.away, self.asked = address, False, 0

    def evaluate(
        self,
        lake: Lake,
        manifest: Manifest,
        definitions: Sequence[Definition],
        as_of: int,
        settings: Settings,
        adjust: Callable[[Frame], Adjust],
    ) -> Answers:
        self.asked += 1
        if self.away:
            raise Unavailable("spark.unreachable", "nobody answers there", where=self.address)
        with lake_store(lake, manifest, settings) as store:
            return evaluate(store, definitions, as_of, settings, adjust)

    def close(self) -> None:
        """It stays."""


class Kept:
    """A desk whose segments the cluster keeps, a keeper and a hand on the cluster's plug."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.shop = desk, desk.shop
        self.cluster = Cluster("")
        running = self.shop.running
        self.keeper = Keeper(
            self.shop.engine,
            self.shop.clock,
            running.streams,
            orders=running.refreshes,
            connect=lambda address: self.cluster,
        )

    def later(self, milliseconds: int) -> None:
        self.shop.clock.advance(milliseconds)
        self.keeper.step()

    def scored(self, who: str, score: int) -> None:
        now = self.shop.clock.now()
        fact = ContactFact(
            ts=now, received_at=now, message_id=f"{who} {now}", contact=who, traits={"score": score}
        )
        with self.shop.engine.write() as workspace:
            load(workspace.store, [fact])

    def members(self, name: str) -> BitMap:
        with self.shop.engine.read() as workspace:
            return read_memberships(workspace.store.con).get(name, BitMap())


@pytest.fixture
def kept(on_spark: Desk) -> Kept:
    on_spark.write(high="score >= 7", low="score < 3")
    on_spark.apply()
    return Kept(on_spark)


def test_by_schedule_and_at_once_when_something_is_published(kept: Kept) -> None:
    kept.later(1)
    assert kept.cluster.asked == 1 and len(kept.members("high")) == 3
    kept.scored("user:U1", 9)
    kept.later(59 * SECOND)
    assert kept.cluster.asked == 1 and len(kept.members("high")) == 3
    kept.later(SECOND)
    assert kept.cluster.asked == 2 and len(kept.members("high")) == 4
    kept.desk.write(mid="score = 5")
    kept.desk.apply()
    kept.later(SECOND)
    assert kept.cluster.asked == 3 and len(kept.members("mid")) == 1


def test_a_cluster_that_is_away_leaves_segments_as_they_were(kept: Kept) -> None:
    kept.later(1)
    kept.cluster.away = True
    kept.scored("user:U1", 9)
    kept.later(MINUTE)
    assert len(kept.members("high")) == 3
    assert "nobody answers there" in kept.keeper.problem()
    figures = {vital.name: vital.value for vital in kept.keeper.figures()}
    assert figures["refresh_age_seconds"] >= 60 and figures["refreshes_failed_total"] == 1
    kept.later(SECOND)
    assert kept.cluster.asked == 2, "not at every second"
    kept.cluster.away = False
    kept.later(MINUTE)
    assert kept.keeper.problem() == "" and len(kept.members("high")) == 4


def test_what_fails_is_told_to_whoever_asked(kept: Kept) -> None:
    kept.later(1)
    kept.cluster.away = True
    order = kept.keeper.orders.ask(Wish())
    kept.later(1)
    found = kept.keeper.orders.order(order.id)
    assert found.state == "failed" and found.error is not None
    assert found.error.code == "spark.unreachable"


def test_the_lake_holds_the_members_run_by_run(kept: Kept) -> None:
    kept.later(1)
    kept.scored("user:U1", 9)
    kept.later(MINUTE)
    workspace = kept.shop.engine.workspace
    lake = lake_set(workspace.path, workspace.settings)
    assert lake is not None
    first, second = read_runs(lake)
    held = read_members(lake)
    assert {name: one.members for name, one in held.items()} == {
        name: kept.members(name) for name in ("high", "low")
    }
    entered, left = read_moves(lake, second)["high"]
    assert entered == held["high"].members - read_members(lake, first)["high"].members
    assert len(entered) == 1 and not left
    assert [one.left for one in second.segments if one.segment == "low"] == [1]
    assert second.engine == "spark" and second.snapshot == 2


def test_by_the_api(kept: Kept) -> None:
    client = kept.shop.client()
    headers = kept.shop.bearer("editor")
    path = "/api/v1/refreshes"
    asked = client.post(path, {}, content_type="application/json", headers=headers).json()
    assert asked["state"] == "waiting"
    kept.later(1)
    found = client.get(f"{path}/{asked['id']}", headers=headers).json()
    assert found["state"] == "done" and found["answer"]["engine"] == "spark"
    sizes = {one["name"]: one["size"] for one in found["answer"]["segments"]}
    assert sizes == {"high": 3, "low": 3}
    refused = client.post(
        path, {"spark": "sc://10.0.0.1"}, content_type="application/json", headers=headers
    )
    assert refused.status_code == 403, "an address is for commands on the server's machine"


def test_by_the_command_line_with_both_engines(
    on_spark: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_spark.write(high="score >= 7")
    on_spark.apply()
    folder = on_spark.shop.path
    for name in [n for n in os.environ if n.startswith("LETTERSHOP_")]:
        monkeypatch.delenv(name)
    on_spark.shop.engine.close()
    answers: list[Any] = []
    for more in ([], ["--engine", "duckdb"], ["high"]):
        said = CliRunner().invoke(app, ["refresh", "--json", "-w", str(folder), *more])
        assert said.exit_code == 0, said.stderr
        answers.append(json.loads(said.stdout))
    assert [one["engine"] for one in answers] == ["spark", "duckdb", "spark"]
    assert [one["segments"][0]["size"] for one in answers] == [3, 3, 3]
    assert [one["segments"][0]["entered"] for one in answers] == [3, 0, 0]
    assert [one["run"] for one in answers] == [1, 2, 3]
    unknown = CliRunner().invoke(app, ["refresh", "-w", str(folder), "hihg"])
    assert unknown.exit_code == 5 and "“high”" in unknown.stderr


def test_without_a_lake_it_says_what_is_missing(on_duckdb: Path) -> None:
    with open_shop(on_duckdb) as shop:
        streams = Streams(shop.engine)
        keeper = Keeper(Engine(shop.engine.workspace), shop.clock, streams)
        with pytest.raises(Exception, match="lake") as refused:
            keeper.refresh(Wish(engine="spark"), lambda doing: None)
        streams.stop()
        assert getattr(refused.value, "code", "") == "refresh.no_lake"


def test_a_schedule_waits_after_failures() -> None:
    schedule = Schedule(15 * MINUTE, last=None)
    assert schedule.is_due(1000, revision=1)
    schedule.failed_at(1000, "away")
    assert not schedule.is_due(1000 + MINUTE - 1, 1) and schedule.is_due(1000 + MINUTE, 1)
    schedule.done(1000 + MINUTE, 1)
    assert schedule.problem == "" and not schedule.is_due(2 * MINUTE, 1)
    assert schedule.is_due(2 * MINUTE, 2) and schedule.is_due(17 * MINUTE, 1)
