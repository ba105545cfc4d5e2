"""What a campaign caused, as its page tells it: figures, links that are led elsewhere, CSV."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from campaign_story import LETTER
from msgspec.structs import replace
from opened_shop import Shop, open_shop
from pages.campaigns.conftest import Browser
from publishing import make_empty

from lettershop.app.results.response import Responses, Step, clicks_by_link, course, responses
from lettershop.model.clock import DAY, HOUR
from tests.campaigns.results.story import BOUGHT, CLICKS, FROZEN, TWO, USUAL, Story

KEY = "campaign:spring:1"
URL = "/campaigns/spring/results"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_empty(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def shop(tmp_path: Path, empty: Path) -> Iterator[Shop]:
    """A hundred people, thirty of them held out; two letters, clicks and orders."""
    with open_shop(tmp_path / "shop", empty) as opened:
        story = Story(opened)
        campaign = replace(
            USUAL, variants=TWO, content="", goal=BOUGHT, compare=CLICKS, holdout=30.0, pixel=True
        )
        story.sent(
            campaign, story.plan(dict.fromkeys(range(30), "holdout"), ("A", "B"), ("google",))
        )
        story.left({40: "dead"})
        story.clicks(range(50, 60))
        story.clicks([70, 50], "machine", days=2)
        story.returns("reply", [55])
        story.returns("complaint", [56], days=6)
        story.orders(range(20, 80))
        opened.clock.at = FROZEN + 20 * DAY
        yield opened


def test_figures_come_with_their_intervals_and_say_what_is_sure(shop: Shop) -> None:
    page = Browser(shop.client("viewer"))
    shown = page.get(f"{URL}?by=large")
    assert "Human clicks 10 14.49% 95 %: 8.07% – 24.66%" in shown
    assert "38 points more with the campaign" in shown and "No variant can win" in shown
    assert "were to get a letter 70 50 71.43%" in shown and "held out 30 10 33.33%" in shown
    assert "large" in shown and "By provider" in shown and "google 69" in shown
    assert "500.00" in shown
    assert 'role="img"' in page.html and "<svg" in page.html
    assert "people in 10 letters, in 1 more by machines only" in shown
    page.get(f"{URL}?by=nobody", 404)
    page.get(f"{URL}?by=%00")


def test_the_same_as_a_table(shop: Shop) -> None:
    page = Browser(shop.client("viewer"))
    page.get(f"{URL}.csv?by=large")
    rows = {(row["by"], row["name"]): row for row in csv.DictReader(StringIO(page.html))}
    whole = rows["all", "spring"]
    assert (whole["accepted"], whole["human_clicks"], whole["complained"]) == ("69", "10", "1")
    assert float(whole["goal_difference"]) == pytest.approx(0.381, abs=0.001)
    assert ("segment", "large") in rows and ("variant", "A") in rows


def test_counted_quickly_for_lists(shop: Shop) -> None:
    with shop.engine.read() as workspace:
        found = responses(workspace.store, [KEY, "campaign:other:1"])
        assert found[KEY] == Responses(clicked=10, replied=1, complained=1)
        assert found["campaign:other:1"] == Responses()
        steps = course(workspace.store, KEY, FROZEN, shop.clock.now())
        by_hour = course(workspace.store, KEY, FROZEN, FROZEN + 2 * DAY)
        links = clicks_by_link(workspace.store, KEY)
    assert steps == [
        Step(what="clicked", at=FROZEN + DAY, count=10),
        Step(what="replied", at=FROZEN + DAY, count=1),
        Step(what="complained", at=FROZEN + 6 * DAY, count=1),
    ]
    assert by_hour[0] == Step(what="clicked", at=FROZEN + 24 * HOUR, count=10)
    assert [(one.number, one.people, one.machines) for one in links.values()] == [(1, 10, 1)]


def test_a_test_letter_goes_to_the_seeds_only(shop: Shop) -> None:
    (shop.path / "content").mkdir(exist_ok=True)
    (shop.path / "content" / "a.html").write_text(LETTER, "utf-8")
    settings = shop.engine.workspace.settings
    shop.engine.workspace.settings = replace(settings, seeds=("me@example.com",))
    page = Browser(shop.client("editor"))
    page.post("/campaigns/spring/test", {"variant": "A"})
    assert "The letter of user:U" in page.follow() and "is sent to me@example.com" in page.html
    assert "contact.unknown" in page.post("/campaigns/spring/test", {"who": "nobody"}, 400)


def test_before_anything_was_sent_there_are_no_results(shop: Shop) -> None:
    Browser(shop.client("viewer")).get("/campaigns/summer/results", 404)
