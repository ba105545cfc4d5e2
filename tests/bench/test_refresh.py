"""The benchmark of the refresh runs from end to end, on data that are what they claim to be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap

from bench.data import AS_OF, Size, generate
from bench.load import load
from bench.refresh import Asked, Shop, measure
from bench.refresh_report import refresh_targets
from bench.segments import segments
from bench.traffic import Traffic
from bench.yardstick import Difference
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.store import Store

SIZE = Size(contacts=300, accounts=20, events=12_000, seed=5)


@pytest.fixture
def half(tmp_path: Path) -> Iterator[Store]:
    """A store that has imported half of the events."""
    load(generate(tmp_path, SIZE, SIZE.events // 2), tmp_path / "half.duckdb")
    with Store.open(tmp_path / "half.duckdb") as store:
        yield store


def test_events_put_in_directly_are_as_if_imported(half: Store, tmp_path: Path) -> None:
    load(generate(tmp_path, SIZE), tmp_path / "whole.duckdb")
    Traffic(half, SIZE).history()
    with Store.open(tmp_path / "whole.duckdb") as whole:
        for info in whole.catalog().events.values():
            rows = sql("SELECT * EXCLUDE message_id FROM {t} ORDER BY seq", t=info.table)
            assert half.con.execute(rows).fetchall() == whole.con.execute(rows).fetchall()
        for kept in ("SELECT * FROM events ORDER BY name", "SELECT * FROM meta ORDER BY key"):
            assert half.con.execute(kept).fetchall() == whole.con.execute(kept).fetchall()
        definitions = segments(30, SIZE.seed)
        here, there = (evaluate(store, definitions, AS_OF) for store in (half, whole))
        assert all(here.members(d.name) == there.members(d.name) for d in definitions)


def test_live_events_are_of_the_last_seconds_but_for_a_few(half: Store) -> None:
    traffic = Traffic(half, SIZE)
    traffic.live(2_000, AS_OF + 2_000, 2)
    name = half.catalog().events["Page Viewed"].table
    rows = half.con.execute(
        sql("SELECT ts - $now, received_at - $now FROM {t} WHERE received_at > $now", t=name),
        {"now": AS_OF},
    ).fetchall()
    late = [ts for ts, _ in rows if ts < 0]
    assert 100 < len(rows) < 1_000
    assert 0 < len(late) < len(rows) / 20 and min(late) > -3_600_000
    assert {0 < seen <= 2_000 for _, seen in rows} == {True}
    assert half.catalog().events["Page Viewed"].last_visible == AS_OF + max(r[1] for r in rows)


def test_every_kind_of_refresh_is_measured(tmp_path: Path) -> None:
    found: dict[str, Any] = measure(Asked(tmp_path, SIZE, 60, (500, 10_000), 1))
    assert [*found["steps"]] == [
        "a tick of 1 s",
        "a tick of 60 s",
        "500 new events",
        "10,000 new events",
        "a tick of 3,600 s",
    ]
    assert found["steps"]["10,000 new events"]["moved"] > 100
    longer = found | {"events": 2 * SIZE.events}
    assert len(refresh_targets({"histories": [found, longer]})) == 5
    assert not [*tmp_path.iterdir()]


def test_a_difference_from_the_full_evaluation_stops_the_bench(half: Store, tmp_path: Path) -> None:
    shop = Shop(half, Asked(tmp_path, SIZE, 20, (), 1))
    shop.refresh()
    assert shop.full() > 0
    stored = read_memberships(half.con)
    fullest = max(stored, key=lambda name: len(stored[name]))
    half.con.execute(
        "UPDATE memberships SET members = $nobody WHERE segment = $name",
        {"nobody": BitMap().serialize(), "name": fullest},
    )
    with pytest.raises(Difference, match=f"{fullest}.* {len(stored[fullest])} are missing"):
        shop.full()
    shop.reader.close()
