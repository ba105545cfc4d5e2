"""What sets members apart, from the data: planted differences, definitions left out, chance."""

import pytest
from segment_shop import SegmentShop

from lettershop.app.segment_pages.apart import Apart, apart, asked_about
from lettershop.app.segment_pages.standing import Segments
from lettershop.segments.contrast import Difference


def compared(shop: SegmentShop, name: str) -> Apart:
    with shop.shop.engine.read() as workspace:
        return apart(Segments(workspace), name)


def of(found: Apart, field: str, kind: str = "is") -> list[Difference]:
    return [d for d in found.contrast.found if (d.what.field, d.what.kind) == (field, kind)]


def test_what_was_planted_is_found_and_luck_is_not(segment_shop: SegmentShop) -> None:
    found = compared(segment_shop, "hot")
    assert (found.inside, found.outside) == (30, 90)
    team = of(found, "team")[0]
    assert (team.what.value, team.outside) == ("red", 0.0)
    assert team.inside == pytest.approx(0.8)
    assert team.low < 0.8 < team.high
    assert of(found, "luck") == []
    assert of(found, "country") == []


def test_events_are_compared_too(segment_shop: SegmentShop) -> None:
    did = of(compared(segment_shop, "hot"), "Signed In", "did")[0]
    assert did.inside == 1.0
    assert did.outside == pytest.approx(20 / 90 + 20 / 90, abs=0.01)  # scores 5, 6 and 10, 11


def test_what_the_condition_asks_about_is_left_out(segment_shop: SegmentShop) -> None:
    hot, both = compared(segment_shop, "hot"), compared(segment_shop, "hot and in")
    assert [one.field for one in hot.by_definition] == ["score"]
    assert [one.field for one in both.by_definition] == ["score", "Signed In"]
    assert of(hot, "score") == []
    assert of(both, "Signed In", "did") == []
    with segment_shop.shop.engine.read() as workspace:
        assert asked_about(Segments(workspace), "big") == {("account", "employees")}


def test_of_few_nothing_is_said(segment_shop: SegmentShop) -> None:
    found = compared(segment_shop, "big")  # 6 of 12 accounts
    assert found.few
    assert found.contrast.compared == 0


def test_the_page_comes_first_and_then_what_was_found(segment_shop: SegmentShop) -> None:
    viewer = segment_shop.shop.client("viewer")
    first = viewer.get("/segments/hot/apart").content.decode()
    assert 'hx-trigger="load"' in first
    assert "<noscript>" in first
    whole = viewer.get("/segments/hot/apart?whole=1").content.decode()
    assert "<code>team</code> = red" in whole
    assert "did “Signed In”" in whole
    assert "By definition, so not compared:" in whole
    assert "Too few to compare" in viewer.get("/segments/big/apart?whole=1").content.decode()
