"""Other readers of Parquet, as docs/how-to/lake.md shows it: without anything of ours."""

import json
from pathlib import Path

import duckdb
import pandas
import pytest

from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.lake.storage import Lake
from lettershop.model.facts import ContactFact, EventFact


@pytest.fixture
def files(store: Store, lake: Lake) -> dict[str, list[str]]:
    """By table; the second visit has a property that the first one had not."""
    for n, more in ((1, {}), (2, {"plan": "pro"})):
        visit = EventFact(
            name="Signed In",
            contact="user:ann",
            properties=more,
            ts=n,
            received_at=n,
            message_id=f"m{n}",
        )
        born = ContactFact(
            contact="user:ann",
            traits={"born": "1990-05-17"},
            ts=n,
            received_at=n,
            message_id=f"b{n}",
        )
        load(store, [visit, born])
        export(store, lake, n)
    return {name: of_table(Path(lake.address), name) for name in ("event_signed_in", HISTORY)}


HISTORY = "contact_history"


def of_table(lake: Path, name: str) -> list[str]:
    number = json.loads((lake / "current.json").read_text())["snapshot"]
    tables = json.loads((lake / f"snapshots/{number:08}.json").read_text())["tables"]
    return [str(lake / part["path"]) for one in tables[name]["partitions"] for part in one["parts"]]


def test_duckdb(files: dict[str, list[str]]) -> None:
    with duckdb.connect() as con:
        events = con.read_parquet(
            files["event_signed_in"], union_by_name=True, hive_partitioning=False
        )
        assert events.project("seq, ts, plan").fetchall() == [(0, 1, None), (1, 2, "pro")]
        born = con.read_parquet(files[HISTORY]).filter("key = 'born'")
        assert born.project("day::VARCHAR").fetchall() == [("1990-05-17",)] * 2


def test_pandas(files: dict[str, list[str]]) -> None:
    events = pandas.concat(pandas.read_parquet(file) for file in files["event_signed_in"])
    assert [*events["seq"]] == [0, 1]
    assert [*events["plan"].fillna("")] == ["", "pro"]
