"""`lettershop campaign results` and the API: the same answer from the folder and from a server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from opened_shop import Shop, open_shop
from served_shop import serve_shop
from typer.testing import CliRunner

from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.records import kept
from lettershop.campaigns.said import FreezeReport
from lettershop.cli import app
from lettershop.model.clock import DAY, SystemClock
from tests.campaigns.results.story import BOUGHT, CLICKS, FROZEN, TWO, USUAL, Story

URL = "/api/v1/campaigns/spring/results"


def told(folder: Path, *arguments: str) -> tuple[int, str]:
    said = ["campaign", "results", *arguments, "--workspace", str(folder)]
    done = CliRunner().invoke(app, said, env={"COLUMNS": "120"})
    return done.exit_code, done.output


def sent(shop: Shop) -> None:
    """A hundred people, thirty of them held out; two letters, clicks and orders."""
    story = Story(shop)
    campaign = replace(
        USUAL, variants=TWO, content="", goal=BOUGHT, compare=CLICKS, holdout=30.0, pixel=True
    )
    story.sent(campaign, story.plan(dict.fromkeys(range(30), "holdout"), ("A", "B"), ("google",)))
    story.left({40: "dead"})
    story.clicks(range(50, 60))
    story.clicks([70], "machine")
    story.returns("reply", [55])
    story.orders(range(20, 80))


@pytest.fixture
def shop(tmp_path: Path, empty: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", empty) as opened:
        yield opened


def test_the_command_says_the_same_here_and_beside_a_server(tmp_path: Path, empty: Path) -> None:
    with open_shop(tmp_path / "shop", empty) as opened:
        sent(opened)
        folder = opened.path
    asked = (["spring"], ["spring", "--by", "large", "--json"], ["summer"])
    here = [told(folder, *arguments) for arguments in asked]
    with serve_shop(folder) as served:
        served.shop.clock.at = SystemClock().now()
        there = [told(folder, *arguments) for arguments in asked]
    assert [code for code, _ in here] == [code for code, _ in there] == [0, 0, 5]
    assert (there[0], there[2]) == (here[0], here[2])
    text = here[0][1]
    assert "100 planned: 69 accepted, 1 refused, 30 suppressed, 0 failed, 0 unknown.\n" in text
    assert "50 of 70 reached the goal (71.43%), until 2026-03-16T09:00Z.\n" in text
    assert "Of those held out 33.33% did: 38 points more with the campaign" in text
    assert "1 dead" in text and "30 holdout" in text
    assert "segment everybody" in text and "variant A" in text and "provider google" in text
    one, other = (json.loads(output) for output in (here[1][1], there[1][1]))
    assert one | {"as_of": ""} == other | {"as_of": ""}
    assert one["effect"]["treated"]["revenue"] == 500.0
    assert one["comparison"]["answer"] == "too_few"
    assert "large" in {group["name"] for group in one["groups"]}


def test_the_api_answers_viewers(shop: Shop) -> None:
    sent(shop)
    shop.clock.at = FROZEN + 30 * DAY
    viewer = shop.client("viewer")
    found = viewer.get(URL, {"by": ["large", "buyers"]}).json()
    names = [(one["sort"], one["name"]) for one in found["groups"]]
    assert ("segment", "large") in names and ("segment", "buyers") in names
    assert (found["delivery"]["planned"], found["frozen_at"]) == (100, "2026-03-02T09:00Z")
    assert found["response"]["clicked"]["human"]["people"] == 10
    assert viewer.get(URL, {"by": ["large"] * 21}).json()["code"] == "results.too_many"
    assert viewer.get(URL, {"by": "nobody"}).status_code == 404
    assert viewer.get("/api/v1/campaigns/summer/results").json()["code"] == "campaign.unknown"
    assert shop.client().get(URL).status_code == 401


def test_how_many_people_variants_need_is_said_when_it_was_checked(shop: Shop) -> None:
    sent(shop)
    variants = {"A": 35, "B": 90}
    report = FreezeReport(
        as_of=FROZEN, audience=125, rows={"": 125}, variants=variants, segments={}
    )
    CampaignRecord.objects.filter(name="spring").update(freeze=kept(report))
    found = shop.client("viewer").get("/api/v1/campaigns/spring").json()["comparison"]
    assert (found["needed"], found["enough"]) == (82, False)
    assert found["said"] == (
        "to find a difference of 20.00% from 20.00% in 80% of all cases, each variant needs 82"
        " people; the smallest has 35"
    )
