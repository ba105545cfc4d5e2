"""Segments kept current by Spark: the same members, moves and reasons as the embedded engine's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opened_shop import open_shop
from publishing import PARTITION, Desk

from lettershop.app.keeping import Keeper
from lettershop.app.refreshing.orders import Wish
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.transitions import transitions
from lettershop.model.clock import DAY, HOUR
from lettershop.model.facts import AnyFact, ContactFact, EventFact

Told = list[tuple[str, int, bool, str, int]]


class Story:
    """What happens to a shop, whoever keeps its segments."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.shop = desk, desk.shop
        self.keeper = Keeper(self.shop.engine, self.shop.clock, self.shop.running.streams)

    def stored(self, *facts: AnyFact) -> None:
        with self.shop.engine.write() as workspace:
            load(workspace.store, list(facts))

    def now(self) -> dict[str, Any]:
        at = self.shop.clock.now()
        return {"ts": at, "received_at": at, "message_id": f"{at}"}

    def refresh(self) -> dict[str, set[int]]:
        self.keeper.refresh(Wish(), lambda doing: None)
        with self.shop.engine.read() as workspace:
            found = read_memberships(workspace.store.con)
        return {name: set(members) for name, members in sorted(found.items())}

    def told(self) -> Told:
        with self.shop.engine.read() as workspace:
            found = transitions(workspace.store, limit=1000)
        return sorted((t.segment, t.subject, t.entered, t.cause, t.effective_at) for t in found)

    def happens(self) -> Iterator[dict[str, set[int]]]:
        """Modes, pins, a partition, events, the clock, a merge, a deletion, a new version."""
        clock = self.shop.clock
        self.stored(EventFact(**self.now(), name="Viewed", contact="user:U9"))
        self.desk.write(
            keen='did "Viewed" within last 3 days',
            friends='in segment "keen" or account.employees >= 30',
            some='in random 50% of "draw"',
        )
        self.desk.file("once", 'mode = "static"\nwhere = \'did "Viewed" within last 3 days\'\n')
        self.desk.file("ever", 'mode = "add_only"\nwhere = \'did "Viewed" within last 3 days\'\n')
        self.desk.file("firms", 'subject = "account"\nwhere = "employees > 4"\n')
        self.desk.file("seats", 'subject = "people"\nwhere = "account.employees > 4"\n')
        self.desk.file("level", PARTITION.format(low=3))
        self.desk.apply()
        yield self.refresh()
        clock.advance(HOUR)
        self.stored(EventFact(**self.now(), name="Viewed", contact="user:U1"))
        self.desk.pin("keen", "U2", "asked to be", include=True, expires_at=clock.now() + DAY)
        self.desk.pin("low", "U9", "a friend", include=True)
        yield self.refresh()
        clock.advance(2 * DAY)
        self.stored(ContactFact(**self.now(), contact="user:U5", traits={"score": 9}))
        yield self.refresh()
        clock.advance(DAY)
        yield self.refresh()
        clock.advance(HOUR)
        self.desk.file("level", PARTITION.format(low=5))
        self.desk.apply(allow_size=["low", "mid", "rest"])
        yield self.refresh()


def test_a_story_is_told_alike(on_spark: Desk, on_duckdb: Path) -> None:
    story = Story(on_spark)
    with on_spark.shop.engine.read() as workspace:
        workspace.store.salt("draw")
    by_spark = [*story.happens()]
    told = story.told()
    story.keeper.close()
    with on_spark.shop.engine.read() as workspace:
        salt = workspace.store.salt("draw")
    on_spark.shop.engine.close()
    with open_shop(on_duckdb) as opened:
        other = Story(Desk(opened))
        with opened.engine.write() as workspace:
            workspace.store.set_salt("draw", salt)
        assert by_spark == [*other.happens()]
        assert {t[:4] for t in told} == {t[:4] for t in other.told()}
    assert by_spark[1]["keen"] >= {1, 2} and by_spark[0]["once"] == by_spark[-1]["once"] != set()
