"""The keeper: what is published stays right by itself, a wrong answer is found, and mended."""

from pathlib import Path
from typing import Any

import pytest
from publishing import Desk

from lettershop.app.keeping import Keeper
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.transitions import transitions
from lettershop.model.clock import DAY, HOUR, MINUTE
from lettershop.model.facts import EventFact


class Kept:
    """A desk whose publications are kept current."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.shop = desk, desk.shop
        running = self.shop.running
        self.keeper = Keeper(self.shop.engine, self.shop.clock, running.streams)

    def later(self, milliseconds: int) -> None:
        self.shop.clock.advance(milliseconds)
        while self.keeper.step():
            pass

    def does(self, who: str, event: str) -> None:
        now = self.shop.clock.now()
        fact = EventFact(
            ts=now, received_at=now, message_id=f"{who} {now}", name=event, contact=f"user:{who}"
        )
        with self.shop.engine.write() as workspace:
            load(workspace.store, [fact])

    def members(self, name: str) -> set[str]:
        with self.shop.engine.read() as workspace:
            ids = read_memberships(workspace.store.con)[name]
            return set(workspace.store.contact_names(ids).values())

    def told(self, name: str) -> list[tuple[bool, str]]:
        with self.shop.engine.read() as workspace:
            found = transitions(workspace.store, limit=1000)
        return [(t.entered, t.cause) for t in found if t.segment == name]


@pytest.fixture
def kept(desk: Desk) -> Kept:
    with desk.shop.engine.write() as workspace:  # the event has been seen, so it can be asked about
        at: dict[str, Any] = {"ts": 2_000, "received_at": 2_000}
        load(workspace.store, [EventFact(**at, message_id="e", name="Viewed", contact="user:U9")])
    desk.write(keen='did "Viewed" within last 3 days', all="everyone")
    desk.apply()
    return Kept(desk)


def test_somebody_comes_in_by_an_event_and_leaves_by_the_clock(kept: Kept) -> None:
    kept.later(1)
    assert kept.members("keen") == set() and len(kept.members("all")) == 10
    kept.does("U1", "Viewed")
    kept.later(1000)
    assert kept.members("keen") == {"U1"}
    kept.later(3 * DAY)
    assert kept.members("keen") == set()
    assert kept.told("keen") == [(True, "event"), (False, "time")]
    assert kept.keeper.full == 1, "only the first refresh evaluates everything"


def test_a_pin_counts_until_it_ends_by_itself(kept: Kept) -> None:
    now = kept.shop.clock.now()
    kept.desk.pin("keen", "U2", "asked to be", include=True, expires_at=now + HOUR)
    kept.later(1000)
    assert kept.members("keen") == {"U2"}
    kept.later(HOUR)
    assert kept.members("keen") == set()
    assert [cause for _, cause in kept.told("keen")][-1] == "manual"


def test_what_a_file_brings_is_no_news(kept: Kept, tmp_path: Path) -> None:
    kept.later(1)
    file = tmp_path / "views.csv"
    file.write_text("who,when\nU3,2026-03-02T08:00:00Z\n", "utf-8")
    mapping = tmp_path / "views.toml"
    mapping.write_text(
        '[file]\ntime = "when"\n[contact]\nuser_id = "who"\n[event]\nname = "Viewed"\n', "utf-8"
    )
    with kept.shop.engine.write() as workspace:
        assert workspace.import_file(file, mapping).rows == 1
    kept.later(1000)
    assert kept.members("keen") == {"U3"}
    assert kept.told("keen") == [(True, "import")]


def test_a_wrong_answer_is_an_alarm_and_is_mended(kept: Kept) -> None:
    """As if a step had forgotten somebody: the audit comes to every segment in its turn."""
    kept.later(1)
    kept.does("U1", "Viewed")
    kept.later(1000)
    warm = kept.keeper._refresher._warm
    assert warm is not None
    warm.members["keen"].clear()
    with kept.shop.engine.write() as workspace:
        workspace.store.con.execute("DELETE FROM memberships WHERE segment = 'keen'")
    for _ in range(3):
        kept.later(MINUTE)
    assert kept.keeper.wrong == 1 and kept.keeper.audits >= 3
    assert kept.members("keen") == {"U1"}
    figures = {vital.name: vital.value for vital in kept.keeper.figures()}
    assert figures["refresh_wrong_total"] == 1 and figures["refreshes_full_total"] == 2
