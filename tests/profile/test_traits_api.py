"""Derived traits through the API, and beside a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engines.telling import did, person
from opened_shop import Shop, migrated, open_shop

from lettershop.app.derived import Shelf, compute, folder_segments, step
from lettershop.engines.duckdb.rows import load

TRAITS = """
[[score]]
name = "lead_score"
[[score.rule]]
when = 'did "Pricing Viewed"'
points = 10
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", migrated(tmp_path / "empty")) as shop:
        (shop.path / "traits").mkdir()
        (shop.path / "traits" / "lead.toml").write_text(TRAITS, "utf-8")
        viewed = did("ann", "Pricing Viewed", "2026-03-01T00:00Z")
        with shop.engine.write() as workspace:
            load(workspace.store, [person("ann"), person("bob"), viewed])
            compute(workspace)
        yield shop


def test_a_viewer_sees_what_traits_are_made_of(shop: Shop) -> None:
    client = shop.client("viewer")
    (trait,) = client.get("/api/v1/traits").json()["traits"]
    assert (trait["name"], trait["kind"], trait["fields"]) == (
        "lead_score",
        "score",
        {"lead_score": "number"},
    )
    assert trait["spread"]["known"] == 2
    told = client.get("/api/v1/traits/lead_score/explain", {"who": "ann"}).json()
    assert (told["value"], told["parts"][0]["points"]) == (10, 10)
    assert told["values"] == [{"since": "2026-03-02T09:00Z", "value": 10}]
    missing = client.get("/api/v1/traits/nothing/explain", {"who": "ann"})
    assert (missing.status_code, missing.json()["code"]) == (404, "trait.unknown")
    nobody = client.get("/api/v1/traits/lead_score/explain", {"who": "nobody-here"})
    assert nobody.status_code == 404


def test_a_segment_may_ask_for_a_trait_before_it_was_ever_worked_out(shop: Shop) -> None:
    (shop.path / "traits" / "more.toml").write_text(TRAITS.replace("lead_score", "warmth"), "utf-8")
    definition = shop.path / "segments" / "warm.toml"
    definition.write_text("where = 'warmth >= 5'", "utf-8")
    assert shop.engine.workspace.segment("warm").size == 0
    with shop.engine.write() as workspace:
        compute(workspace)
    assert shop.engine.workspace.segment("warm").size == 1


def test_nothing_is_written_while_nothing_is_kept(shop: Shop) -> None:
    """The hidden segments have to be computed before their values can be read off."""
    segments = folder_segments(shop.engine.workspace)
    assert not step(shop.engine, Shelf(), segments, shop.clock.now())
